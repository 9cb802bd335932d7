"""What people type, paste or scan from their documents: parsed strictly, explained kindly, never proof by itself."""

from identity.documents.card_qr import CardQR, build_card_qr, parse_card_qr
from identity.documents.mrz import Mrz, build_passport_mrz, build_residence_mrz, check_digit, parse_mrz
from identity.documents.numbers import (
    COUNTRY_LETTERS,
    PersonalNumber,
    build_personal_number,
    check_personal_number,
    normalise_document_number,
    normalise_residence_card,
)
from identity.documents.phones import masked_phone, normalise_phone

__all__ = [
    "COUNTRY_LETTERS",
    "CardQR",
    "Mrz",
    "PersonalNumber",
    "build_card_qr",
    "build_passport_mrz",
    "build_personal_number",
    "build_residence_mrz",
    "check_digit",
    "check_personal_number",
    "masked_phone",
    "normalise_document_number",
    "normalise_phone",
    "normalise_residence_card",
    "parse_card_qr",
    "parse_mrz",
]
