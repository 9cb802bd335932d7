"""The pages of the office, one file each; importing them puts them on the blueprint."""

from portal.office import case, counter, decision, files, queue, refused, slip, steps, supplement

__all__ = ["case", "counter", "decision", "files", "queue", "refused", "slip", "steps", "supplement"]
