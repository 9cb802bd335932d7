"""The words of messages, a file a subject; `portal.messages` holds the oldest and puts them together."""

from portal.message_words.about_codes import CODES_BY_SMS
from portal.message_words.about_data import ABOUT_DATA
from portal.message_words.about_decisions import ABOUT_DECISIONS
from portal.message_words.about_families import ABOUT_FAMILIES
from portal.message_words.about_locks import ABOUT_LOCKS
from portal.message_words.about_recovery import ABOUT_RECOVERY
from portal.message_words.about_staff import ABOUT_STAFF
from portal.message_words.about_training import ABOUT_TRAINING
from portal.message_words.about_visits import ABOUT_VISITS
from portal.message_words.template import Template

__all__ = [
    "ABOUT_DATA",
    "ABOUT_DECISIONS",
    "ABOUT_FAMILIES",
    "ABOUT_LOCKS",
    "ABOUT_RECOVERY",
    "ABOUT_STAFF",
    "ABOUT_TRAINING",
    "ABOUT_VISITS",
    "CODES_BY_SMS",
    "Template",
]
