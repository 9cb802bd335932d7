"""Turning keys: a newer version of a purpose's key takes over while everybody goes on working.

    encryption     new rows are sealed with it at once; a job seals the old ones again; then the old key opens nothing
    blind index    first both are looked for, then the new one is written, then a job writes the old rows anew
    token pepper   first both count, then the new one is written; the old one counts until an operator drops it
    audit seal     the next checkpoint is signed with it; earlier ones are checked with the published half of theirs

Where the turn stands is a row a purpose, which every process reads again each `LOOK_SECONDS`. A stage begins only once
every process must have read of the one before (`SETTLE`), so that no two processes are further apart than one stage.
"""

from identity.key_use import LOOK_SECONDS, SETTLE, KeyUse, Stage, all_uses, read_uses
from identity.rotation.drop import let_go
from identity.rotation.reindex import reindex_some
from identity.rotation.reseal import reseal_some
from identity.rotation.source import KeySource
from identity.rotation.stages import go_on
from identity.rotation.turn import INDEX_JOB, RESEAL_JOB, begin

__all__ = [
    "INDEX_JOB",
    "LOOK_SECONDS",
    "RESEAL_JOB",
    "SETTLE",
    "KeySource",
    "KeyUse",
    "Stage",
    "all_uses",
    "begin",
    "go_on",
    "let_go",
    "read_uses",
    "reindex_some",
    "reseal_some",
]
