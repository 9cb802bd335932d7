"""What people are told about training sessions they signed up for."""

from __future__ import annotations

from collections.abc import Mapping

from portal.language import _l
from portal.message_words.template import Template

ABOUT_TRAINING: Mapping[str, Template] = {
    "training-cancelled": Template(
        sms=_l(
            "The training session at %(starts_at)s, %(place)s, will not take place. Find another one under Learn at "
            "%(host)s."
        ),
        subject=_l("A training session was cancelled"),
        mail=_l(
            "The session of the course %(course)s at %(starts_at)s, %(place)s, will not take place. We are sorry.\n\n"
            "Find another session under Learn at %(host)s."
        ),
    ),
    "training-place": Template(
        sms=_l(
            "A place has become free: you can come to the training session at %(starts_at)s, %(place)s. If you cannot "
            "come, give the place back under Learn at %(host)s."
        ),
        subject=_l("You have a place in a training session"),
        mail=_l(
            "A place has become free: you can come to the session of the course %(course)s at %(starts_at)s, "
            "%(place)s.\n\nIf you cannot come, give the place back under Learn at %(host)s, so that somebody else can "
            "have it."
        ),
    ),
}
