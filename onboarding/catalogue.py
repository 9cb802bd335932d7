"""What a record of help may say: the task, the way of helping, the outcome, and traits in bands (closed lists).

The words for them are the portal's. Traits are bands and yes-or-no, so that a record describes nobody in particular.
"""

from __future__ import annotations

from enum import StrEnum


class Task(StrEnum):
    """What the person wanted help with. The first are about the identity, then its activation by step."""

    SETUP = "setup"
    APPLICATION = "application"
    ACTIVATION = "activation"
    ACTIVATION_CODE = "activation-code"
    ACTIVATION_PHONE = "activation-phone"
    ACTIVATION_PROOF = "activation-proof"
    ACTIVATION_PASSWORD = "activation-password"  # noqa: S105 (a task, not a secret)
    ACTIVATION_TOTP = "activation-totp"
    ACTIVATION_RECOVERY = "activation-recovery"
    PUBLIC_SERVICE = "public-service"
    LAND = "land"
    CIVIL_STATUS = "civil-status"
    SOCIAL_WELFARE = "social-welfare"
    PAYMENT = "payment"
    SHOPPING = "shopping"
    SAFETY = "safety"
    OTHER = "other"


ACTIVATION_TASKS = frozenset(task for task in Task if task.startswith("activation")) | {Task.SETUP}
"""Help whose outcome the system can confirm: the account becomes active."""
OWN_HAND_ONLY = ACTIVATION_TASKS
"""Work with passwords and one-time codes: never done on the person's behalf."""


class Mode(StrEnum):
    """Whose hand did it."""

    GUIDED = "guided"
    EXPLAINED = "explained"
    HELPERS_DEVICE = "helpers-device"
    ON_BEHALF = "on-behalf"
    REFERRED = "referred"


class Result(StrEnum):
    """How it ended, as the member says. Whether it is so, the system finds out where it can."""

    DONE = "done"
    BLOCKED = "blocked"
    REFERRED = "referred"


class Obstacle(StrEnum):
    """Why it was blocked."""

    NO_PHONE = "no-phone"
    SIM_NOT_OWN = "sim-not-own"
    NO_MESSAGE = "no-message"
    LATE_CODE = "late-code"
    PAST_WINDOW = "past-window"
    DATA_MISMATCH = "data-mismatch"
    DOCUMENT_EXPIRED = "document-expired"
    LOCKED = "locked"
    NO_NETWORK = "no-network"
    UNWILLING = "unwilling"
    OTHER = "other"


class AgeBand(StrEnum):
    """As a person's own band (`identity.person.AGE_BANDS`)."""

    UNDER_14 = "under-14"
    FROM_14 = "14-17"
    FROM_18 = "18-29"
    FROM_30 = "30-44"
    FROM_45 = "45-59"
    FROM_60 = "60-and-over"


class Sex(StrEnum):
    """As the member sees it; optional."""

    FEMALE = "F"
    MALE = "M"


class Trait(StrEnum):
    """Priority groups whose reach is reported."""

    NO_SMARTPHONE = "no-smartphone"
    DISABILITY = "disability"
    MINORITY_LANGUAGE = "minority-language"
    POOR_HOUSEHOLD = "poor-household"
