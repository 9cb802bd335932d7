"""One form a kind of request about one's own data: only what that kind needs is asked."""

from __future__ import annotations

from identity.rights.at_counter import WRONG
from identity.rights.effects import USES
from identity.rights.model import RightKind
from identity.rights.requests import LONGEST
from portal.fields import ChoiceField, HouseForm, TextAreaField, TickField
from portal.language import _l
from portal.words.rights import ABOUT


class DataForm(HouseForm):
    """A request that needs no words: its page says everything."""

    def chosen(self) -> str:
        return ""

    def said(self) -> str:
        return ""


class QuestionForm(DataForm):
    """What the person wants to know."""

    words = TextAreaField(
        _l("What would you like to know?"),
        required=_l("Write what it is about, so that the officer can act."),
        length=LONGEST,
    )

    def said(self) -> str:
        return str(self.words.data or "")


class WrongForm(DataForm):
    """What is wrong, and how it should read."""

    about = ChoiceField(
        _l("What is wrong?"),
        choices=[(name, ABOUT[name], "") for name in WRONG],
        required=_l("Choose what is wrong"),
    )
    words = TextAreaField(
        _l("How should it read, and which paper shows it?"),
        hint=_l("For example: the middle name on my identity card is Thị, here it is missing."),
        required=_l("Write how it should read"),
        length=LONGEST,
    )

    def chosen(self) -> str:
        return str(self.about.data)

    def said(self) -> str:
        return str(self.words.data or "")


class ObjectForm(DataForm):
    """Which use is objected to."""

    about = ChoiceField(
        _l("Which use?"), choices=[(name, ABOUT[name], "") for name in USES], required=_l("Choose a use")
    )
    words = TextAreaField(_l("Why, if you would like to say"), required=False, length=LONGEST)

    def chosen(self) -> str:
        return str(self.about.data)

    def said(self) -> str:
        return str(self.words.data or "")


class EraseForm(DataForm):
    """Erasing cannot be undone, so it takes a tick."""

    sure = TickField(
        _l("I have read what goes and what stays, and know that it cannot be undone"),
        required=_l("Tick the box once you have read it"),
    )


FORMS: dict[str, type[DataForm]] = {
    RightKind.ACCESS: QuestionForm,
    RightKind.RECTIFY: WrongForm,
    RightKind.RESTRICT: DataForm,
    RightKind.OBJECT: ObjectForm,
    RightKind.WITHDRAW: DataForm,
    RightKind.ERASE: EraseForm,
}
