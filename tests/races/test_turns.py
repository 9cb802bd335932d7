"""A place that is drawn at random: nobody waits for it, and two never take it at once."""

from __future__ import annotations

from identity.turns import is_free
from portal.database import Database

PLACE, OTHER = b"testaaaa", b"testbbbb"


def test_a_place_that_somebody_is_just_taking_is_not_free_until_they_are_done(database: Database, engine: str) -> None:
    """On SQLite there is one writer, who finds every place free."""
    with database.session(write=True) as mine, database.session(write=engine == "postgresql") as theirs:
        assert is_free(mine, PLACE)
        assert is_free(mine, PLACE), "one's own place stays free for oneself"
        assert is_free(theirs, PLACE) == (engine == "sqlite")
        assert is_free(theirs, OTHER)
        mine.commit()
        assert is_free(theirs, PLACE)
