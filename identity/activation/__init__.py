"""Activation: from the code in the notice to an active account, in steps that can be left and taken up again."""

from identity.activation.begin import Begun, begin
from identity.activation.code import make_activation_code, make_first_code, reissue
from identity.activation.device import confirm_passkey, options_to_make
from identity.activation.finish import confirm_recovery, methods_of
from identity.activation.journey import Journey, Step, find_journey, leave
from identity.activation.model import Activation, ActivationVisit
from identity.activation.phone import prove_phone, send_code
from identity.activation.proof import ProofKind, proofs_for, prove_identity
from identity.activation.secrets import confirm_totp, refuse_password, set_password

__all__ = [
    "Activation",
    "ActivationVisit",
    "Begun",
    "Journey",
    "ProofKind",
    "Step",
    "begin",
    "confirm_passkey",
    "confirm_recovery",
    "confirm_totp",
    "find_journey",
    "leave",
    "make_activation_code",
    "make_first_code",
    "methods_of",
    "options_to_make",
    "proofs_for",
    "prove_identity",
    "prove_phone",
    "refuse_password",
    "reissue",
    "send_code",
    "set_password",
]
