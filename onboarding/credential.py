"""An award as an Open Badges 3.0 credential: a W3C verifiable credential, signed as a JWT (VC-JWT, section 8.2).

It holds no personal identifier: the subject is a random name of this award alone, and the evidence says which tasks a
witness saw, not who did them. Revocation is a bit in a status list (W3C Bitstring Status List 1.0).
"""

from __future__ import annotations

import base64
import gzip
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.orm import Session

from onboarding.award import ALL_FIVE, LIST_LENGTH, Award, list_length, revoked_indexes
from onboarding.award_key import sign
from onboarding.skills import Skill, current_skills, in_language

CONTEXT = ["https://www.w3.org/ns/credentials/v2", "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"]
DIGCOMP = "https://publications.jrc.ec.europa.eu/repository/handle/JRC128415"
UNESCO = "https://unesdoc.unesco.org/ark:/48223/pf0000265403"
WORDS = {
    "all-five": {"vi": "Năm kỹ năng số cơ bản", "en": "Five basic digital skills"},
    "all-five-about": {"vi": "Làm được cả năm kỹ năng số cơ bản.", "en": "Able in all five basic digital skills."},
    "criteria": {
        "vi": "Tự tay làm trước mặt một thành viên tổ công nghệ số: {}.",
        "en": "Done by their own hand before a member of a digital technology team: {}.",
    },
    "evidence": {"vi": "Kiểm tra có người chứng kiến", "en": "Witnessed check"},
}


@dataclass(frozen=True, slots=True)
class Issuer:
    """Who awards: the portal's public address and its operator's name."""

    base: str
    name: str

    def profile(self) -> dict[str, Any]:
        return {"id": f"{self.base}/verify/issuer", "type": ["Profile"], "name": self.name, "url": self.base}


def achievement_name(achievement: str, locale: str) -> str:
    """What was achieved, in the reader's language."""
    if achievement == ALL_FIVE:
        return in_language(WORDS["all-five"], locale)
    return current_skills().get(achievement).name(locale)


def describe_achievement(achievement: str, issuer: Issuer, locale: str) -> dict[str, Any]:
    """The Achievement: what it means, what had to be done, and which frameworks it is aligned with."""
    skills = [skill for skill in current_skills().skills if achievement in (ALL_FIVE, skill.code)]
    about = WORDS["all-five-about"] if achievement == ALL_FIVE else skills[0].can_do
    tasks = "; ".join(in_language(task.words, locale) for skill in skills for task in skill.tasks)
    return {
        "id": f"{issuer.base}/verify/achievements/{achievement}",
        "type": ["Achievement"],
        "achievementType": "Certificate" if achievement == ALL_FIVE else "Competency",
        "inLanguage": "vi" if locale == "vi" else "en",
        "version": str(current_skills().version),
        "name": achievement_name(achievement, locale),
        "description": in_language(about, locale),
        "criteria": {"narrative": in_language(WORDS["criteria"], locale).format(tasks)},
        "creator": issuer.profile(),
        "alignment": list(_alignments(skills)),
    }


def describe_award(award: Award, issuer: Issuer, locale: str) -> dict[str, Any]:
    """The credential before it is signed."""
    achievement = describe_achievement(award.achievement, issuer, locale)
    status = f"{issuer.base}/verify/status/1"
    evidence = {
        "type": ["Evidence"],
        "name": in_language(WORDS["evidence"], locale),
        "narrative": achievement["criteria"]["narrative"],
        "genre": "witnessed",
    }
    return {
        "@context": CONTEXT,
        "id": award_address(award, issuer.base),
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "name": achievement["name"],
        "issuer": issuer.profile(),
        "validFrom": _zulu(award.given_at),
        "credentialSubject": {"id": award.id.urn, "type": ["AchievementSubject"], "achievement": achievement},
        "evidence": [evidence],
        "credentialStatus": {
            "id": f"{status}#{award.status_index}",
            "type": "BitstringStatusListEntry",
            "statusPurpose": "revocation",
            "statusListIndex": str(award.status_index),
            "statusListCredential": status,
        },
    }


def sign_award(db: Session, award: Award, issuer: Issuer, locale: str) -> str | None:
    """The credential as a JWT: its members on top, with the registered claims beside them (section 8.2.2)."""
    content = describe_award(award, issuer, locale)
    return sign(db, {**content, **_registered(content, award.given_at)}, issuer.base)


def sign_status_list(db: Session, issuer: Issuer, *, now: datetime) -> str | None:
    """The list of revoked awards, signed. It says nothing about awards that stand."""
    address = f"{issuer.base}/verify/status/1"
    content = {
        "@context": CONTEXT[:1],
        "id": address,
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": issuer.profile()["id"],
        "validFrom": _zulu(now),
        "credentialSubject": {
            "id": f"{address}#list",
            "type": "BitstringStatusList",
            "statusPurpose": "revocation",
            "encodedList": encode_list(revoked_indexes(db), list_length(db)),
        },
    }
    return sign(db, {**content, **_registered(content, now)}, issuer.base)


def encode_list(indexes: Iterable[int], length: int = LIST_LENGTH) -> str:
    """Bits from the left, compressed, base64url with the multibase letter u (Bitstring Status List, section 2.2)."""
    bits = bytearray(length // 8)
    for index in indexes:
        bits[index // 8] |= 0x80 >> (index % 8)
    return "u" + base64.urlsafe_b64encode(gzip.compress(bytes(bits), mtime=0)).decode().rstrip("=")


def award_address(award: Award, base: str) -> str:
    """The public page that says whether the award counts; it is in the certificate's QR code."""
    return f"{base}/verify/award/{award.code}"


def _registered(content: dict[str, Any], valid_from: datetime) -> dict[str, Any]:
    issuer = content["issuer"]
    return {
        "iss": issuer if isinstance(issuer, str) else issuer["id"],
        "jti": content["id"],
        "nbf": int(valid_from.timestamp()),
        "sub": content["credentialSubject"]["id"],
    }


def _alignments(skills: list[Skill]) -> Iterable[dict[str, Any]]:
    for code in sorted({code for skill in skills for code in skill.digcomp}):
        yield _alignment(f"DigComp {code}", DIGCOMP, code, "DigComp 2.2")
    if any(skill.unesco_area_0 for skill in skills):
        yield _alignment("Devices and software operations", UNESCO, "0", "UNESCO Digital Literacy Global Framework")


def _alignment(name: str, url: str, code: str, framework: str) -> dict[str, Any]:
    return {
        "type": ["Alignment"],
        "targetName": name,
        "targetUrl": url,
        "targetCode": code,
        "targetFramework": framework,
    }


def _zulu(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
