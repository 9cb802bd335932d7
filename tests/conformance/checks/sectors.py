"""Names of a person towards services: pairwise by sector, or public (Core section 8)."""

from __future__ import annotations

from tests.conformance.party import Party
from tests.conformance.registry import check, refused
from tests.conformance.subject import Subject

ONE, TWO = "https://one.example/callback", "https://two.example/callback"
BAD = ("invalid_client_metadata", "invalid_redirect_uri")


def _sub(party: Party) -> str:
    return str(party.read(party.tokens(scope="openid")["id_token"])["sub"])


def _party(at: Subject, *addresses: str, kind: str = "pairwise", uri: str | None = None) -> Party:
    return at.register(redirect_uris=list(addresses), subject_type=kind, sector_identifier_uri=uri)


@check
def another_sector_knows_another_name(at: Subject) -> None:
    """Core 1.0 section 8.1."""
    at.needs("subject_types_supported", "pairwise")
    assert _sub(_party(at, ONE)) != _sub(_party(at, TWO))


@check
def services_of_one_sector_know_one_name(at: Subject) -> None:
    """Core 1.0 section 8.1: the host of the redirect address."""
    assert _sub(_party(at, ONE)) == _sub(_party(at, "https://one.example/other"))


@check
def a_public_name_is_the_same_everywhere(at: Subject) -> None:
    """Core 1.0 section 8."""
    at.needs("subject_types_supported", "public")
    assert _sub(_party(at, ONE, kind="public")) == _sub(_party(at, TWO, kind="public"))


@check
def several_hosts_need_a_sector(at: Subject) -> None:
    """Core 1.0 section 8.1: MUST register a sector_identifier_uri."""
    answer = at.try_register(redirect_uris=[ONE, TWO], subject_type="pairwise")
    refused(answer, *BAD)


@check
def services_that_share_a_sector_document_know_one_name(at: Subject) -> None:
    """Core 1.0 section 8.1, Registration 1.0 section 5."""
    uri = at.place().serve("/sector", [ONE, TWO])
    assert _sub(_party(at, ONE, uri=uri)) == _sub(_party(at, TWO, uri=uri))


@check
def a_sector_document_must_name_every_address(at: Subject) -> None:
    """Registration 1.0 section 5: MUST reject."""
    uri = at.place().serve("/sector-of-one", [ONE])
    refused(at.try_register(redirect_uris=[ONE, TWO], sector_identifier_uri=uri, subject_type="pairwise"), *BAD)


@check
def a_sector_document_that_is_none_is_refused(at: Subject) -> None:
    """Registration 1.0 section 5: a JSON array of redirect addresses."""
    place = at.place()
    for path, content in (("/s1", b"{}"), ("/s2", b"nonsense"), ("/s3", b"[5]")):
        uri = place.serve(path, content)
        refused(at.try_register(redirect_uris=[ONE], sector_identifier_uri=uri, subject_type="pairwise"), *BAD)
    gone = place.url + "/nothing-here"
    refused(at.try_register(redirect_uris=[ONE], sector_identifier_uri=gone, subject_type="pairwise"), *BAD)


@check
def a_subject_type_that_nobody_knows_is_refused(at: Subject) -> None:
    """Registration 1.0 section 2: pairwise or public."""
    refused(at.try_register(subject_type="secret"), *BAD)
