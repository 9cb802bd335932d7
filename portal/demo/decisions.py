"""Applicants of the demonstration who do not agree: an appeal that waits, and complaints, one of them late."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from identity.application import Application, State, appeal
from identity.complaints import Complainant, complain

APPEAL = "Thẻ của tôi vẫn còn hạn, cán bộ đã xem nhầm ngày. Tôi xin được xem lại."
COMPLAINTS = (
    ("late", "Tôi được hẹn tuần trước mà đến nay chưa có trả lời.", timedelta(days=20)),
    ("papers", "Cơ quan yêu cầu tôi nộp bản sao thẻ, dù đã có trong dữ liệu dân cư.", timedelta(hours=5)),
)


def object_to_some(db: Session, *, now: datetime) -> None:
    """The applicant refused last appeals; two others complain."""
    refused = select(Application).where(Application.state == State.REFUSED.value, Application.person_kind == "citizen")
    first = db.scalar(refused.order_by(Application.decided_at.desc()).limit(1))
    if first is not None:
        appeal(db, first, APPEAL, now=now)
    waiting = select(Application).where(Application.state == State.RECEIVED.value)
    others = db.scalars(waiting.order_by(Application.submitted_at).limit(len(COMPLAINTS)))
    for application, (category, text, ago) in zip(others, COMPLAINTS, strict=False):
        complain(db, Complainant(application), category, text, now=now - ago)
