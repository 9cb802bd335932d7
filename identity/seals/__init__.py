"""The seal over the audit trail: a Merkle tree of events, signed checkpoints, receipts, and the search for changes."""

from identity.seals.archive import Archived, archive_before, drop_archived
from identity.seals.keys import check_proof, read_checkpoint, signing_key, verifying_keys
from identity.seals.note import Head, Proof, Unproven, check, parse, read, verifier_line, written
from identity.seals.reading import UNREADABLE
from identity.seals.receipt import latest, receipt_for
from identity.seals.seal import MOST, is_waiting, seal_some, sealed_so_far, unsealed_tail
from identity.seals.verify import Finding, Report, verify

__all__ = [
    "MOST",
    "UNREADABLE",
    "Archived",
    "Finding",
    "Head",
    "Proof",
    "Report",
    "Unproven",
    "archive_before",
    "check",
    "check_proof",
    "drop_archived",
    "is_waiting",
    "latest",
    "parse",
    "read",
    "read_checkpoint",
    "receipt_for",
    "seal_some",
    "sealed_so_far",
    "signing_key",
    "unsealed_tail",
    "verifier_line",
    "verify",
    "verifying_keys",
    "written",
]
