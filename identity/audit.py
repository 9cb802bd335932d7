"""What happened, append-only, from a closed list of names (architecture, invariant 7).

The database itself refuses UPDATE and DELETE of these rows (migration *append only*). Facts hold codes and ids, never
personal data: a resident sees them, an auditor reads them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, cast
from uuid import UUID

from sqlalchemy import JSON, Index, String, Table, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from identity.base import Base, Keyed, new_id
from identity.writing import Row, write_together


class Event(StrEnum):
    """Every event there is. Grammar: `thing:what-happened-to-it`."""

    REGISTER_LOOKED_UP = "register:looked-up"
    APPLICATION_STARTED = "application:started"
    APPLICATION_SUBMITTED = "application:submitted"
    APPLICATION_RECEIVED = "application:received"
    APPLICATION_SUPPLEMENT_REQUESTED = "application:supplement-requested"
    APPLICATION_RESUBMITTED = "application:resubmitted"
    APPLICATION_CAPTURED = "application:captured"
    APPLICATION_MATCHED = "application:matched"
    COMPARED_BY_HAND = "application:compared-by-hand"
    HAND_MATCH_CONFIRMED = "application:hand-comparison-confirmed"
    HAND_MATCH_CHECKED = "application:hand-comparison-checked"
    APPLICATION_APPROVED = "application:approved"
    APPLICATION_REFUSED = "application:refused"
    APPLICATION_ISSUED = "application:issued"
    APPEAL_FILED = "appeal:filed"
    APPEAL_UPHELD = "appeal:upheld"
    APPEAL_OVERTURNED = "appeal:overturned"
    APPEAL_TAKEN_BACK = "appeal:taken-back"
    COMPLAINT_MADE = "complaint:made"
    COMPLAINT_VIEWED = "complaint:viewed"
    COMPLAINT_ANSWERED = "complaint:answered"
    APPLICATION_WITHDRAWN = "application:withdrawn"
    APPLICATION_ABANDONED = "application:abandoned"
    APPLICATION_VIEWED = "application:viewed"
    DUPLICATE_FOUND = "application:duplicate-found"
    APPLICATION_OVERDUE = "application:overdue"
    APPOINTMENT_BOOKED = "appointment:booked"
    APPOINTMENT_MOVED = "appointment:moved"
    APPOINTMENT_CANCELLED = "appointment:cancelled"
    APPOINTMENT_KEPT = "appointment:kept"
    APPOINTMENT_MISSED = "appointment:missed"
    OFFICE_DAY_CLOSED = "office:day-closed"
    OFFICE_DAY_OPENED = "office:day-opened"
    PAPER_KEY_MADE = "decision:key-made"
    COUNTER_SECRET_RENEWED = "application:counter-secret-renewed"
    LEVEL_RAISED = "application:level-raised"
    SUBSCRIBER_ASKED = "register:subscriber-asked"
    PORTRAIT_COMPARED = "register:portrait-compared"
    GUARDIANSHIP_BEGUN = "guardian:begun"
    GUARDIANSHIP_ENDED = "guardian:ended"
    GUARDIAN_ASKED = "guardian:asked"
    GUARDIAN_CONFIRMED = "guardian:confirmed"
    GUARDIAN_REFUSED = "guardian:refused"
    ACCOUNT_HANDED_OVER = "guardian:handed-over"
    ACTIVATION_STEP_DONE = "activation:step-done"
    ACTIVATION_STEP_FAILED = "activation:step-failed"
    ACTIVATION_CODE_REISSUED = "activation:code-reissued"
    ACCOUNT_ACTIVATED = "account:activated"
    ACCOUNT_LOCKED = "account:locked"
    ACCOUNT_UNLOCKED = "account:unlocked"
    LOCK_REQUESTED = "lock:requested"
    LOCK_REQUEST_FORWARDED = "lock:forwarded"
    LOCK_REQUEST_GRANTED = "lock:granted"
    LOCK_REQUEST_REFUSED = "lock:refused"
    LOCK_REQUEST_VIEWED = "lock:viewed"
    HOTLINE_LOOKED_UP = "hotline:looked-up"
    HOTLINE_MISSED = "hotline:nobody-found"
    HOTLINE_VERIFIED = "hotline:caller-verified"
    HOTLINE_NOT_VERIFIED = "hotline:caller-not-verified"
    HOTLINE_CALLED_BACK = "hotline:called-back"
    HOTLINE_CLOSED = "hotline:call-closed"
    HOTLINE_WARNED = "hotline:agent-warned"
    SIGNED_IN = "session:signed-in"
    SIGN_IN_FAILED = "session:sign-in-failed"
    SIGNED_OUT = "session:signed-out"
    SESSION_ENDED = "session:ended"
    SESSION_DISOWNED = "session:disowned"
    PASSWORD_CHANGED = "credential:password-changed"
    PASSWORD_CHANGE_FAILED = "credential:password-change-failed"
    TOTP_CHANGED = "credential:totp-changed"
    TOTP_REMOVED = "credential:totp-removed"
    RECOVERY_CODES_MADE = "credential:recovery-codes-made"
    RECOVERY_CODE_USED = "credential:recovery-code-used"
    CONTACT_CHANGED = "person:contact-changed"
    PASSKEY_ADDED = "credential:passkey-added"
    PASSKEY_REMOVED = "credential:passkey-removed"
    SMS_FACTOR_ADDED = "credential:sms-factor-added"
    SMS_FACTOR_REMOVED = "credential:sms-factor-removed"
    QR_SIGN_IN_APPROVED = "session:qr-approved"
    QR_SIGN_IN_REFUSED = "session:qr-refused"
    CONTACT_CHOSEN = "recovery:contact-chosen"
    CONTACT_CONFIRMED = "recovery:contact-confirmed"
    CONTACT_ENDED = "recovery:contact-ended"
    RECOVERY_ASKED = "recovery:asked"
    RECOVERY_CO_SIGNED = "recovery:co-signed"
    RECOVERY_STOPPED = "recovery:stopped"
    RECOVERY_FAILED = "recovery:step-failed"
    RECOVERY_AT_COUNTER = "recovery:at-counter"
    ACCOUNT_LOOKED_UP = "recovery:account-looked-up"
    ACCOUNT_RECOVERED = "recovery:recovered"
    CONSENT_GIVEN = "consent:given"
    CONSENT_REFUSED = "consent:refused"
    CONSENT_WITHDRAWN = "consent:withdrawn"
    PURPOSE_AGREED = "consent:purpose-agreed"
    PURPOSE_STOPPED = "consent:purpose-stopped"
    RIGHTS_REQUESTED = "rights:requested"
    RIGHTS_TAKEN = "rights:taken"
    RIGHTS_ANSWERED = "rights:answered"
    RIGHTS_TAKEN_BACK = "rights:taken-back"
    RIGHTS_VIEWED = "rights:viewed"
    USE_RESTRICTED = "rights:use-restricted"
    RESTRICTION_LIFTED = "rights:restriction-lifted"
    DATA_ERASED = "rights:data-erased"
    EXPORT_ASKED = "rights:export-asked"
    EXPORT_OPENED = "rights:export-opened"
    DATA_PURGED = "retention:data-purged"
    BREACH_RECORDED = "breach:recorded"
    BREACH_CHANGED = "breach:changed"
    BREACH_LATE = "breach:notice-running-out"
    BREACH_AUTHORITY_TOLD = "breach:authority-told"
    BREACH_PEOPLE_NAMED = "breach:people-named"
    BREACH_PEOPLE_TOLD = "breach:people-told"
    BREACH_CLOSED = "breach:closed"
    CODE_ISSUED = "oidc:code-issued"
    CODE_REPLAYED = "oidc:code-replayed"
    TOKENS_ISSUED = "oidc:tokens-issued"
    REFRESH_REUSED = "oidc:refresh-reused"
    TOKEN_REVOKED = "oidc:token-revoked"
    CLIENT_REGISTERED = "oidc:client-registered"
    SIGNING_KEY_MADE = "oidc:signing-key-made"
    SIGNING_KEY_ROTATED = "oidc:signing-key-rotated"
    SIGNING_KEY_WITHDRAWN = "oidc:signing-key-withdrawn"
    CLIENT_INVITED = "oidc:client-invited"
    CLIENT_CHANGED = "oidc:client-changed"
    CLIENT_CLOSED = "oidc:client-closed"
    LOGOUT_SENT_AGAIN = "oidc:logout-sent-again"
    ROLE_GIVEN = "staff:role-given"
    ROLE_ENDED = "staff:role-ended"
    ROLE_REVIEWED = "staff:role-reviewed"
    STAFF_INVITED = "staff:invited"
    HELP_AGREED = "help:agreed"
    HELP_CODE_MADE = "help:code-made"
    WORKLIST_VIEWED = "help:worklist-viewed"
    HELP_WITHDRAWN = "help:withdrawn"
    GUIDANCE_VIEWED = "help:guidance-viewed"
    ASSISTANCE_LOGGED = "assistance:logged"
    TEAM_FOUNDED = "team:founded"
    MEMBER_APPOINTED = "team:member-appointed"
    MEMBER_LEFT = "team:member-left"
    HELD_RECORD_ADMITTED = "assistance:held-admitted"
    HELD_RECORD_TURNED_AWAY = "assistance:held-turned-away"
    BADGE_REVOKED = "badge:revoked"
    SCAM_REPORTED = "scam:reported"
    SCAM_REPORT_SETTLED = "scam:settled"
    SHIFT_PLANNED = "shift:planned"
    SHIFT_DECIDED = "shift:decided"
    REFERRAL_MADE = "referral:made"
    REFERRAL_ACCEPTED = "referral:accepted"
    REFERRAL_CLOSED = "referral:closed"
    DELEGATION_GIVEN = "delegation:given"
    DELEGATION_REVOKED = "delegation:revoked"
    BADGE_PORTRAIT_SET = "badge:portrait-set"
    VILLAGE_ADDED = "unit:village-added"
    VILLAGE_ENDED = "unit:village-ended"
    OUTREACH_GIVEN_BACK = "outreach:given-back"
    OUTREACH_PHONE_SHOWN = "outreach:phone-shown"
    OUTREACH_ASSIGNED = "outreach:assigned"
    OUTREACH_RESULT = "outreach:result"
    TRAINING_PLANNED = "training:planned"
    TRAINING_CANCELLED = "training:cancelled"
    LATE_PROOF_ALLOWED = "training:late-proof-allowed"
    ATTENDANCE_TAKEN = "training:attendance-taken"
    ATTENDANCE_WITHDRAWN = "training:attendance-withdrawn"
    SLIP_MADE = "training:slip-made"
    SLIP_LINKED = "training:slip-linked"
    SKILL_CHECKED = "training:skill-checked"
    AWARD_GIVEN = "training:award-given"
    AWARD_REVOKED = "training:award-revoked"
    AWARD_KEY_MADE = "training:award-key-made"
    LOCAL_PLATFORM_SET = "training:local-platform-set"
    CAMPAIGN_PLANNED = "campaign:planned"
    CAMPAIGN_CLOSED = "campaign:closed"
    TARGET_SET = "campaign:target-set"
    TASK_GIVEN = "campaign:task-given"
    TASK_MOVED = "campaign:task-moved"
    TASK_LATE = "campaign:task-late"
    WARNING_FOUND = "warning:found"
    WARNING_RESOLVED = "warning:resolved"
    WARNING_REOPENED = "warning:reopened"
    WARNING_RAISED = "warning:raised"
    AUDIT_SEARCHED = "audit:searched"
    AUDIT_ARCHIVED = "audit:archived"
    KEY_TURNED = "keys:turned"
    KEY_DROPPED = "keys:dropped"
    RULE_PROPOSED = "rules:proposed"
    RULE_CONFIRMED = "rules:confirmed"
    RULE_TURNED_DOWN = "rules:turned-down"
    REGISTER_ROUTE_SET = "register:route-set"
    MESSAGE_SENT_AGAIN = "outbox:sent-again"
    MESSAGE_GIVEN_UP = "outbox:given-up"
    JOB_STARTED_AGAIN = "job:started-again"
    ATTEMPT_REFUSED = "attempt:refused"
    CASE_TAKEN = "application:taken"
    CASE_HANDED_BACK = "application:handed-back"
    CONFLICT_DECLARED = "office:conflict-declared"
    OFFICE_TASK_OPENED = "office:task-opened"
    OFFICE_TASK_DONE = "office:task-done"
    GLASS_ASKED = "break-glass:asked"
    GLASS_ANSWERED = "break-glass:answered"
    SUPERVISOR_WARNED = "office:supervisor-warned"
    FIGURES_EXPORTED = "office:figures-exported"
    FEED_MADE = "feed:made"
    FEED_PAUSED = "feed:paused"
    FEED_RESUMED = "feed:resumed"
    FEED_ENDED = "feed:ended"
    FEED_SENT_AGAIN = "feed:sent-again"
    FEED_SECRET_RENEWED = "feed:secret-renewed"


class AuditEvent(Keyed, Base):
    """One thing that happened. `actor` is an account, `subject` the person or thing it concerns."""

    __tablename__ = "audit_event"
    __table_args__ = (Index(None, "subject_id", "at"),)

    at: Mapped[datetime] = mapped_column(index=True)
    name: Mapped[str] = mapped_column(String(60))
    actor_id: Mapped[UUID | None] = mapped_column(index=True)
    actor_role: Mapped[str] = mapped_column(String(40))
    subject_kind: Mapped[str | None] = mapped_column(String(40))
    subject_id: Mapped[UUID | None]
    facts: Mapped[dict[str, Any]] = mapped_column(JSON)


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: an account in a role, a visitor, or the system."""

    account_id: UUID | None
    role: str


SYSTEM = Actor(None, "system")
VISITOR = Actor(None, "visitor")


def record(
    db: Session,
    event: Event,
    actor: Actor,
    *,
    now: datetime,
    subject: tuple[str, UUID] | None = None,
    **facts: Any,
) -> None:
    """Append one event in the transaction of its cause. `subject` is (kind, id): person, application, account …"""
    write_together(db, event_row(event, actor, now=now, subject=subject, **facts))


def event_row(
    event: Event, actor: Actor, *, now: datetime, subject: tuple[str, UUID] | None = None, **facts: Any
) -> Row:
    """The same as a row, to be written together with its cause (`identity.writing`)."""
    kind, subject_id = subject or (None, None)
    return _TABLE, {
        "id": new_id(),
        "at": now,
        "name": event.value,
        "actor_id": actor.account_id,
        "actor_role": actor.role,
        "subject_kind": kind,
        "subject_id": subject_id,
        "facts": facts,
    }


def events_about(db: Session, subject: tuple[str, UUID], *, limit: int = 100) -> list[AuditEvent]:
    """The newest events that concern `subject`."""
    kind, subject_id = subject
    query = (
        select(AuditEvent)
        .where(AuditEvent.subject_kind == kind, AuditEvent.subject_id == subject_id)
        .order_by(AuditEvent.at.desc(), AuditEvent.id.desc())
        .limit(limit)
    )
    return list(db.scalars(query))


_TABLE = cast(Table, AuditEvent.__table__)
