"""What the papers of made-up people show: the card's QR and the machine-readable zones."""

from __future__ import annotations

from identity.documents import CardQR, Mrz, build_card_qr, build_passport_mrz, build_residence_mrz
from identity.registers.synthetic.people import SyntheticCitizen, SyntheticForeigner
from identity.registers.tables import Citizen, Foreigner


def card_qr(person: SyntheticCitizen | Citizen) -> str:
    """The QR text of the identity card."""
    return build_card_qr(
        CardQR(
            personal_number=person.personal_number,
            old_number="",
            full_name=person.full_name,
            birth_date=person.birth_date,
            sex=person.sex,
            address=person.address,
            issued_on=person.card_issued_on,
        )
    )


def passport_mrz(person: SyntheticForeigner | Foreigner) -> str:
    """The two lines of the passport."""
    return build_passport_mrz(
        Mrz(
            kind="passport",
            issuer=person.nationality,
            surname=person.surname,
            given_names=person.given_names,
            document_number=person.passport_number,
            nationality=person.nationality,
            birth_date=person.birth_date,
            sex=person.sex,
            expires_on=person.passport_expires_on,
        )
    )


def residence_mrz(person: SyntheticForeigner) -> str:
    """The three lines of the residence card."""
    return build_residence_mrz(
        Mrz(
            kind="card",
            issuer="VNM",
            surname=person.surname,
            given_names=person.given_names,
            document_number=person.residence_card,
            nationality=person.nationality,
            birth_date=person.birth_date,
            sex=person.sex,
            expires_on=person.residence_expires_on,
        )
    )
