"""Made-up enforcement files of a subject: always the same for the same subject, none of a real person."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, timedelta

OFFICES = (
    {"vi": "Phòng Thi hành án dân sự khu vực 1 (minh hoạ)", "en": "Civil enforcement office, area 1 (demonstration)"},
    {"vi": "Phòng Thi hành án dân sự khu vực 4 (minh hoạ)", "en": "Civil enforcement office, area 4 (demonstration)"},
)
SUBJECTS = (
    {"vi": "Chia tài sản chung", "en": "Division of common property"},
    {"vi": "Trả tiền mua hàng", "en": "Payment for goods"},
    {"vi": "Bồi thường thiệt hại", "en": "Compensation for damage"},
    {"vi": "Cấp dưỡng nuôi con", "en": "Child maintenance"},
)
STATES = (
    {"vi": "Đã có quyết định thi hành", "en": "Enforcement decided"},
    {"vi": "Đang xác minh điều kiện thi hành", "en": "Means being verified"},
    {"vi": "Đã thi hành xong", "en": "Enforced"},
)
FIRST_DAY = date(2026, 1, 5)


@dataclass(frozen=True, slots=True)
class Case:
    """One file."""

    number: str
    subject: dict[str, str]
    office: dict[str, str]
    state: dict[str, str]
    opened: date


def cases_of(sub: str) -> list[Case]:
    """Two or three files, drawn from the subject's digest."""
    drawn = hashlib.sha256(sub.encode()).digest()
    return [_case(drawn[i * 6 : i * 6 + 6]) for i in range(2 + drawn[31] % 2)]


def _case(drawn: bytes) -> Case:
    return Case(
        number=f"{int.from_bytes(drawn[:2], 'big') % 900 + 100}/QĐ-THADS",
        subject=SUBJECTS[drawn[2] % len(SUBJECTS)],
        office=OFFICES[drawn[3] % len(OFFICES)],
        state=STATES[drawn[4] % len(STATES)],
        opened=FIRST_DAY + timedelta(days=drawn[5]),
    )
