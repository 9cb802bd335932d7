"""What the embedded registers hold. Their own metadata: these tables are no part of the portal's database."""

from __future__ import annotations

from datetime import date

from sqlalchemy import MetaData, String
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from identity.base import NAMING


class RegisterBase(DeclarativeBase):
    """Parent of the register tables."""

    metadata = MetaData(naming_convention=NAMING)


class Citizen(RegisterBase):
    """A row of the population register. The identity card bears the personal number (Law 26/2023/QH15)."""

    __tablename__ = "register_citizen"

    personal_number: Mapped[str] = mapped_column(String(12), primary_key=True)
    full_name: Mapped[str] = mapped_column(String(200))
    birth_date: Mapped[date]
    sex: Mapped[str] = mapped_column(String(20))
    nationality: Mapped[str] = mapped_column(String(3))
    address: Mapped[str] = mapped_column(String(400))
    unit_code: Mapped[str] = mapped_column(String(20), index=True)
    card_number: Mapped[str] = mapped_column(String(20))
    card_issued_on: Mapped[date | None]
    card_expires_on: Mapped[date | None]
    has_biometrics: Mapped[bool]
    photo: Mapped[bytes | None]
    guardian_number: Mapped[str | None] = mapped_column(String(12), index=True)
    died_on: Mapped[date | None]


class Foreigner(RegisterBase):
    """A row of the immigration register: a foreign resident with a permanent or temporary residence card."""

    __tablename__ = "register_foreigner"

    residence_card: Mapped[str] = mapped_column(String(20), primary_key=True)
    residence_kind: Mapped[str] = mapped_column(String(3))
    residence_category: Mapped[str] = mapped_column(String(10))
    residence_expires_on: Mapped[date | None]
    passport_number: Mapped[str] = mapped_column(String(20), index=True)
    passport_expires_on: Mapped[date]
    nationality: Mapped[str] = mapped_column(String(3))
    surname: Mapped[str] = mapped_column(String(200))
    given_names: Mapped[str] = mapped_column(String(200))
    original_name: Mapped[str] = mapped_column(String(200))
    birth_date: Mapped[date]
    sex: Mapped[str] = mapped_column(String(20))
    has_biometrics: Mapped[bool]
    address: Mapped[str] = mapped_column(String(400))
    unit_code: Mapped[str] = mapped_column(String(20), index=True)
    photo: Mapped[bytes | None]
    died_on: Mapped[date | None]

    @property
    def full_name(self) -> str:
        """As printed in the passport: family name first."""
        return f"{self.surname} {self.given_names}".strip()


class Subscriber(RegisterBase):
    """Whose name a mobile number is registered in, as the operators keep it. `holder` as the gateway names people."""

    __tablename__ = "register_subscriber"

    phone: Mapped[str] = mapped_column(String(20), primary_key=True)
    holder: Mapped[str] = mapped_column(String(40))


class Switch(RegisterBase):
    """A register that is switched off answers nobody (tests, demonstration). A missing row means it is on."""

    __tablename__ = "register_switch"

    register: Mapped[str] = mapped_column(String(20), primary_key=True)
    available: Mapped[bool]


def set_available(session: Session, register: str, available: bool) -> None:
    """Switch "population", "immigration" or "subscribers" on or off; the caller commits."""
    session.merge(Switch(register=register, available=available))
