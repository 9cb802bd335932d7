"""A live portal behind https, for programs that are not ours: relying parties, black-box checks, browsers."""
