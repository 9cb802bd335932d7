"""Officers, helpers and those who look after the portal, with their roles and units."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from identity.audit import SYSTEM
from identity.credentials.totp import new_secret
from identity.places import COUNTRY
from identity.sealed import add
from identity.staff import give_role, hire
from identity.staff.record import StaffRecord
from onboarding.team import appoint, found_team
from portal.demo.population import PROVINCE_CODE, WARD_CODE
from portal.demo.residents import PASSWORD, Known

STAFF = (
    # role in var/demo.json, login, name, roles in the portal, code of their unit
    ("officer_receiving", "tiepnhan", "Trần Thị Tiếp", "receiving_officer", PROVINCE_CODE),
    ("officer_approving", "pheduyet", "Lê Văn Duyệt", "approving_officer supervisor", PROVINCE_CODE),
    ("officer_receiving", "tiepnhan.phuong", "Phạm Thu Nhận", "receiving_officer", WARD_CODE),
    ("officer_approving", "pheduyet.phuong", "Vũ Minh Ký", "approving_officer", WARD_CODE),
    ("supervisor", "chihuy.phuong", "Đinh Văn Chỉ", "supervisor", WARD_CODE),
    ("lead", "totruong", "Hoàng Văn Trưởng", "", WARD_CODE),
    ("member", "tocongnghe", "Nguyễn Thị Giúp", "", WARD_CODE),
    ("member", "tocongnghe2", "Đỗ Văn Đỡ", "", WARD_CODE),
    ("coordinator", "dieuphoi", "Bùi Thị Điều", "coordinator", WARD_CODE),
    ("leader", "lanhdao", "Đặng Văn Lãnh", "leader", PROVINCE_CODE),
    ("national_leader", "lanhdao.quocgia", "Hồ Thị Cả", "leader", COUNTRY),
    ("operator", "vanhanh", "Ngô Thị Hành", "operator", ""),
    ("operator", "vanhanh2", "Tạ Quang Vận", "operator", ""),
    ("auditor", "kiemtra", "Dương Văn Kiểm", "auditor", ""),
    ("hotline_agent", "tongdai", "Mai Thị Nghe", "hotline_agent", ""),
    ("data_protection_officer", "baove", "Cao Văn Hộ", "data_protection_officer", ""),
    ("rp_developer", "ketnoi", "Lý Thị Kết", "rp_developer", ""),
)


def employ(
    db: Session, units: dict[str, UUID], password_hash: str, *, since: datetime, now: datetime
) -> dict[str, UUID]:
    """Hire everybody, at work `since` then and not idle; returns account ids by login. Members join the ward's team."""
    team = found_team(db, units[WARD_CODE], "Tổ công nghệ số cộng đồng Ba Đình", SYSTEM, now=since, decision="minh hoạ")
    db.flush()
    accounts = {}
    for position, login, name, roles, code in STAFF:
        account = hire(db, login, name, now=since)
        account.password_hash, account.totp_secret = password_hash, new_secret()
        db.flush()
        kept = StaffRecord(account_id=account.id, invited_at=since, accepted_at=since, back_since=now)
        add(db, kept, email=f"{login}@example.vn")
        for role in roles.split():
            give_role(db, account.id, role, units.get(code), SYSTEM, now=since)
        if not roles:
            appoint(db, team, account.id, SYSTEM, now=since, lead=position == "lead")
        accounts[login] = account.id
    return accounts


def known_staff(db: Session, accounts: dict[str, UUID]) -> list[Known]:
    """Staff as var/demo.json shows them."""
    from identity.account import get_account

    found = []
    for position, login, name, _roles, code in STAFF:
        secret = get_account(db, accounts[login]).totp_secret or ""
        found.append(Known(position, name, login, PASSWORD, secret, "active", unit=code))
    return found
