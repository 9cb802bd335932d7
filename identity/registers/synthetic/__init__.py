"""A made-up population, the same for the same seed, and its loading into both registers.

Nobody is real, and numbers say so where their format leaves room: a personal number's serial begins with 9, a passport
number with ZZ, a residence card with ZT or ZP. All pass the format rules, MRZ check digits included.
"""

from identity.registers.synthetic.loading import load
from identity.registers.synthetic.papers import card_qr, passport_mrz, residence_mrz
from identity.registers.synthetic.people import REFERENCE_DAY, SyntheticCitizen, SyntheticForeigner, generate

__all__ = [
    "REFERENCE_DAY",
    "SyntheticCitizen",
    "SyntheticForeigner",
    "card_qr",
    "generate",
    "load",
    "passport_mrz",
    "residence_mrz",
]
