"""What a browser and a passkey say with us (WebAuthn level 3, section 7): questions made, answers checked.

Nothing is read from the database here. Imported when somebody uses a passkey, see `identity.credentials.passkeys`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import (
    parse_authentication_credential_json,
    parse_client_data_json,
    parse_registration_credential_json,
)
from webauthn.helpers.cose import COSEAlgorithmIdentifier as Algorithm
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticationCredential,
    AuthenticatorSelectionCriteria,
    AuthenticatorTransport,
    CredentialDeviceType,
    PublicKeyCredentialDescriptor,
    RegistrationCredential,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)
from webauthn.registration.verify_registration_response import VerifiedRegistration

ALGORITHMS = [Algorithm.EDDSA, Algorithm.ECDSA_SHA_256, Algorithm.RSASSA_PKCS1_v1_5_SHA_256]
VERIFIED = UserVerificationRequirement.REQUIRED
UNREADABLE = (WebAuthnException, ValueError, TypeError, KeyError, AttributeError)
"""What the library raises for an answer that no browser gives."""


class Place(Protocol):
    """The address that passkeys are bound to."""

    @property
    def host(self) -> str: ...
    @property
    def origin(self) -> str: ...
    @property
    def name(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Registration:
    """A passkey that a browser made, and the challenge that it says it answers."""

    made: RegistrationCredential
    asked: bytes

    @property
    def transports(self) -> list[str]:
        """How the browser reached it."""
        return [one.value for one in self.made.response.transports or []]

    def check(self, place: Place) -> VerifiedRegistration | None:
        """What it is, or None if it does not hold (section 7.1)."""
        try:
            return verify_registration_response(
                credential=self.made,
                expected_challenge=self.asked,
                expected_rp_id=place.host,
                expected_origin=place.origin,
                require_user_verification=True,
                supported_pub_key_algs=ALGORITHMS,
            )
        except UNREADABLE:
            return None


@dataclass(frozen=True, slots=True)
class Authentication:
    """A passkey's answer, and the challenge that it says it answers."""

    given: AuthenticationCredential
    asked: bytes

    @property
    def credential_id(self) -> bytes:
        """Which passkey it says it is."""
        return self.given.raw_id

    def check(self, place: Place, public_key: bytes, sign_count: int) -> int | None:
        """The new count of its uses, or None if the answer does not hold (section 7.2)."""
        try:
            checked = verify_authentication_response(
                credential=self.given,
                expected_challenge=self.asked,
                expected_rp_id=place.host,
                expected_origin=place.origin,
                credential_public_key=public_key,
                credential_current_sign_count=sign_count,
                require_user_verification=True,
            )
        except UNREADABLE:
            return None
        return checked.new_sign_count


def registration_options(
    place: Place,
    *,
    user_id: bytes,
    user_name: str,
    user_display_name: str,
    challenge: bytes,
    held: Iterable[tuple[bytes, list[str]]],
) -> str:
    """The question for a new passkey, as JSON; `held` are (credential, transports) that the account has."""
    return options_to_json(
        generate_registration_options(
            rp_id=place.host,
            rp_name=place.name,
            user_id=user_id,
            user_name=user_name,
            user_display_name=user_display_name,
            challenge=challenge,
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED, user_verification=VERIFIED
            ),
            exclude_credentials=[_described(*one) for one in held],
            supported_pub_key_algs=ALGORITHMS,
        )
    )


def authentication_options(place: Place, challenge: bytes) -> str:
    """The question for any passkey of this address, as JSON."""
    return options_to_json(
        generate_authentication_options(rp_id=place.host, challenge=challenge, user_verification=VERIFIED)
    )


def read_registration(answer: str) -> Registration | None:
    """A browser's JSON; None if no browser says that."""
    try:
        made = parse_registration_credential_json(answer)
        return Registration(made, parse_client_data_json(made.response.client_data_json).challenge)
    except UNREADABLE:
        return None


def read_authentication(answer: str) -> Authentication | None:
    """A browser's JSON; None if no browser says that."""
    try:
        given = parse_authentication_credential_json(answer)
        return Authentication(given, parse_client_data_json(given.response.client_data_json).challenge)
    except UNREADABLE:
        return None


def is_synced(checked: VerifiedRegistration) -> bool:
    """Whether it travels with the person's cloud account (section 6.1.3)."""
    return checked.credential_device_type is CredentialDeviceType.MULTI_DEVICE


def _described(credential_id: bytes, transports: list[str]) -> PublicKeyCredentialDescriptor:
    known = {one.value for one in AuthenticatorTransport}
    named = [AuthenticatorTransport(one) for one in transports if one in known]
    return PublicKeyCredentialDescriptor(id=credential_id, transports=named)
