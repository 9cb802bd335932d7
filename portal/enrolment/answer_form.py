"""The answer to a request for a supplement: words and a picture for each thing that was asked for."""

from __future__ import annotations

from collections.abc import Sequence

from identity.base import Refused
from portal.fields import HouseForm, TextAreaField, UploadField
from portal.language import _l

LONGEST = 1000
IN_WORDS = frozenset({"name-differs", "bring-guardian", "register-correction"})
"""What words alone may answer; everything else is a picture, or the reason why there is none."""


class AnswerForm(HouseForm):
    """Parent of the forms made by `form_for`. `wanted` are the reasons of the request, in its order."""

    wanted: tuple[str, ...] = ()

    def parts(self) -> list[tuple[str, TextAreaField, UploadField]]:
        """Reason, words and picture, one after the other."""
        return [(reason, self[words_name(reason)], self[picture_name(reason)]) for reason in self.wanted]

    def show(self, refusal: Refused) -> None:
        """The domain names the reason; the page shows it at the picture."""
        field = refusal.field or ""
        if field in self.wanted:
            refusal = Refused(refusal.code, field=picture_name(field), **refusal.facts)
        super().show(refusal)


def form_for(reasons: Sequence[str]) -> AnswerForm:
    """The form with a pair of fields a reason."""
    fields: dict[str, object] = {"wanted": tuple(reasons)}
    for reason in reasons:
        words = _l("In your words") if reason in IN_WORDS else _l("Or write why you cannot send it")
        fields[picture_name(reason)] = UploadField(_l("Picture"), required=False)
        fields[words_name(reason)] = TextAreaField(words, required=False, length=LONGEST, rows=3)
    form: AnswerForm = type("SupplementForm", (AnswerForm,), fields)()
    return form


def words_name(reason: str) -> str:
    return f"words-{reason}"


def picture_name(reason: str) -> str:
    return f"picture-{reason}"
