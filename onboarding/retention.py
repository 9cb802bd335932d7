"""What work in the field keeps how long, for the nightly purge (`identity.retention`).

Records of help and their notes stay: they are never changed, and words that name somebody are refused.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Select, or_, select

from identity.retention.rules import RULES, Rule, blank, drop
from onboarding.badge import ScamReport
from onboarding.referral import Referral

PERIOD = "keep_field_words_days"


def _settled_reports(before: datetime) -> Select[Any]:
    return select(ScamReport.id).where(ScamReport.handled_at < before)


def _forgotten_referrals(before: datetime) -> Select[Any]:
    """A desk that closes one wipes it at once; one that nobody closes must not keep a telephone number for ever."""
    words = or_(Referral.contact_sealed.is_not(None), Referral.note_sealed.is_not(None))
    return select(Referral.id).where(Referral.made_at < before, words)


RULES += [
    Rule("scam-reports", PERIOD, _settled_reports, drop(ScamReport)),
    Rule("referrals", PERIOD, _forgotten_referrals, blank(Referral, "contact_sealed", "note_sealed")),
]
