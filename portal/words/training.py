"""The words for what the training keeps as codes: target groups, languages, ways of checking in, why an award ended."""

from __future__ import annotations

from onboarding.award import RevokedFor
from onboarding.check_in import Method
from onboarding.credential import Issuer
from onboarding.training import Language, TargetGroup
from portal.language import _l
from portal.services import services

GROUPS = {
    TargetGroup.ANYBODY: _l("Everybody"),
    TargetGroup.OLDER: _l("Older people"),
    TargetGroup.WOMEN: _l("Women"),
    TargetGroup.FARMERS: _l("Farmers"),
    TargetGroup.TRADERS: _l("Market traders"),
    TargetGroup.YOUTH: _l("Young people"),
    TargetGroup.DISABILITY: _l("People with a disability"),
    TargetGroup.MINORITY: _l("Ethnic minorities"),
    TargetGroup.FOREIGNERS: _l("Foreign residents"),
}
LANGUAGES = {
    Language.VI: _l("Vietnamese"),
    Language.EN: _l("English"),
    Language.ZH: _l("Chinese"),
    Language.KO: _l("Korean"),
    Language.JA: _l("Japanese"),
    Language.TAY: _l("Tày"),
    Language.KHMER: _l("Khmer"),
    Language.HMONG: _l("Hmong"),
    Language.EDE: _l("Ê Đê"),
    Language.OTHER: _l("Another language"),
}
METHODS = {
    Method.SCREEN: _l("Scanned the screen"),
    Method.LATE: _l("Scanned without network"),
    Method.SPOKEN: _l("Spoken code"),
    Method.ROSTER: _l("Ticked off the list"),
    Method.SLIP: _l("Slip"),
}
REVOKED_FOR = {
    RevokedFor.CORRECTED: _l("A check was corrected"),
    RevokedFor.MISTAKEN: _l("It was given by mistake"),
    RevokedFor.MISUSED: _l("It was misused"),
    RevokedFor.REQUESTED: _l("The holder asked for it"),
}
NOBODY = "Cổng định danh điện tử (minh hoạ)"
"""Stands for the operator in a demonstration; a name, so it is the same in every language."""


def issuer() -> Issuer:
    """Who awards."""
    settings = services().settings
    return Issuer(settings.issuer, settings.owner or NOBODY)
