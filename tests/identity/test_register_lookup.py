"""How often the registers may be asked about one number, whoever asks."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from sqlalchemy.orm import Session

from identity.application.lookup import Outcome, close_lookup, reserve_lookup
from identity.base import Refused
from tests.identity.applicants import CITIZEN, FOREIGNER, a_draft, a_record

TRIES = 5


def ask(db: Session, base: Any, turn: int, *, now: datetime, outcome: Outcome = Outcome.MISMATCH, **typed: Any) -> None:
    """One question, from a phone and an address of its own."""
    draft = a_draft(db, a_record(db, base), now=now, phone=f"+8491234{turn:04}", **typed)
    close_lookup(db, reserve_lookup(db, draft, f"192.0.2.{turn}", now=now), draft, outcome, now=now)


def test_guessing_passports_for_one_residence_card_ends_after_five_tries(db: Session, now: datetime) -> None:
    for turn in range(TRIES):
        ask(db, FOREIGNER, turn, now=now, passport_number=f"M0000000{turn}")
    with pytest.raises(Refused, match="too-many-lookups"):
        ask(db, FOREIGNER, TRIES, now=now, passport_number="M12345678")
    ask(db, FOREIGNER, TRIES, now=now, passport_number="M12345678", residence_card="TRC-999999")


def test_guessing_residence_cards_for_one_passport_ends_after_five_tries(db: Session, now: datetime) -> None:
    for turn in range(TRIES):
        ask(db, FOREIGNER, turn, now=now, residence_card=f"TRC-00000{turn}")
    with pytest.raises(Refused, match="too-many-lookups"):
        ask(db, FOREIGNER, TRIES, now=now)


@pytest.mark.parametrize("written", ["trc-100200", "TRC 100 200", "TRC100200", " TRC–100200"])
def test_a_card_written_another_way_is_the_same_card(db: Session, now: datetime, written: str) -> None:
    for turn in range(TRIES):
        ask(db, FOREIGNER, turn, now=now, passport_number=f"M0000000{turn}")
    with pytest.raises(Refused, match="too-many-lookups"):
        ask(db, FOREIGNER, TRIES, now=now, passport_number="M12345678", residence_card=written)


def test_guessing_about_one_personal_number_ends_after_five_tries(db: Session, now: datetime) -> None:
    for turn in range(TRIES):
        ask(db, CITIZEN, turn, now=now, full_name=f"Sai Tên {turn}")
    with pytest.raises(Refused, match="too-many-lookups"):
        ask(db, CITIZEN, TRIES, now=now)
    ask(db, CITIZEN, TRIES, now=now, personal_number="001190654321")


@pytest.mark.parametrize("base", [CITIZEN, FOREIGNER])
def test_matches_and_an_absent_register_lock_nobody_out(db: Session, now: datetime, base: Any) -> None:
    for turn in range(2 * TRIES):
        ask(db, base, turn, now=now, outcome=(Outcome.MATCH, Outcome.UNAVAILABLE)[turn % 2])
