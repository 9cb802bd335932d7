"""The operator's commands for keys: `flask keys list`, `rotate`, `withdraw`, `drop`."""

from __future__ import annotations

import re
from collections.abc import Iterator

import click
from flask.cli import with_appcontext
from sqlalchemy import select

from identity import key_use, rotation
from identity.audit import SYSTEM, Event
from identity.base import Refused
from identity.lasting_key import LastingKey, make_key, newest_key
from identity.oidc import keys as signing
from identity.oidc import withdrawal
from identity.oidc.clients import RelyingParty
from identity.paper_key import PaperKey
from identity.vault import Purpose, key_name
from onboarding.award_key import AwardKey
from portal.database import database
from portal.gateways.key_set import NAME
from portal.gateways.keys import key_source
from portal.services import now, services

PURPOSES = {
    "encryption": Purpose.ENCRYPTION,
    "index": Purpose.INDEX,
    "pepper": Purpose.PEPPER,
    "seal": Purpose.SEAL,
}
LASTING: dict[str, tuple[type[LastingKey], Event]] = {
    "decisions": (PaperKey, Event.PAPER_KEY_MADE),
    "awards": (AwardKey, Event.AWARD_KEY_MADE),
}
SIGNING = "signing"
TOLD = {
    "key-turning": "this key is being turned already; `flask keys list` shows how far it is",
    "key-known": "this version is not there",
    "key-used": "this version still writes or counts; `flask keys list` shows it",
    "key-unknown": "name signing keys by their kid, as `flask keys list` shows them, or say --all",
    "key-withdrawn": "one of these keys was withdrawn before; nothing was changed",
}

WHAT_NOW = f"""Every process follows within {signing.REREAD_SECONDS:.0f} seconds. Services that keep a copy of the JWKS
believe these keys until they read it again. Send each the kid and the time since when it may have been in strange
hands; ask it to read the JWKS anew now, and to end the sessions that began with ID tokens under that kid
(docs/integrating.md, "When a key is withdrawn"):"""


@click.group("keys")
def keys() -> None:
    """Keys: of the vault by purpose, and those that tokens, decisions and awards are signed with."""


@keys.command("list")
@with_appcontext
def list_keys() -> None:
    """The signing keys that are published or were withdrawn lately, and how far each key of the vault is turned."""
    with database().session(write=False) as db:
        rows = signing.published(db, now=now())
        signs = {row.algorithm: row.kid for row in rows if row.active_from <= now()}
        for row in rows:
            state = "next" if row.active_from > now() else "signs" if signs[row.algorithm] == row.kid else "kept"
            click.echo(f"{row.algorithm:6} {state:5} from {row.active_from:%Y-%m-%d %H:%M} UTC  {row.kid}")
        for row in withdrawal.withdrawn(db, now=now()):
            click.echo(f"{row.algorithm:6} {row.withdrawn_because} at {row.withdrawn_at:%Y-%m-%d %H:%M} UTC  {row.kid}")
        for use in key_use.all_uses(db, now=now()):
            besides = f", {use.other} counts besides" if use.other else ""
            click.echo(f"{use.purpose:12} {use.stage:7} version {use.version} writes{besides}")


@keys.command("rotate")
@click.argument("purpose", default=SIGNING, type=click.Choice([SIGNING, *PURPOSES, *LASTING]))
@click.option("--alg", "algorithm", type=click.Choice(signing.SIGNING), help="Of the signing keys only this one.")
@click.option("--now", "at_once", is_flag=True, help="Signing: do not wait until the next key was known for two days.")
@click.option("--made", is_flag=True, help="The newer key is there already, made and copied to every host by hand.")
@with_appcontext
def rotate(purpose: str, algorithm: str | None, at_once: bool, made: bool) -> None:
    """Let a newer key take over, while everybody goes on working."""
    if purpose == SIGNING:
        _rotate_signing(algorithm, at_once)
    elif purpose in LASTING:
        _rotate_lasting(*LASTING[purpose])
    else:
        _turn(PURPOSES[purpose], made)


@keys.command("withdraw", context_settings={"ignore_unknown_options": True})  # a kid may begin with "-"
@click.argument("kids", nargs=-1)
@click.option("--all", "every", is_flag=True, help="All that are published, with a fresh key to follow each.")
@click.option("--because", "reason", type=click.Choice([str(reason) for reason in withdrawal.Reason]), required=True)
@click.confirmation_option(prompt="What these keys signed is worth nothing from now on. Withdraw them?")
@with_appcontext
def withdraw(kids: tuple[str, ...], every: bool, reason: str) -> None:
    """Take signing keys out of the JWKS at once, by their kid; others sign in the same moment."""
    try:
        with database().transaction() as db:
            named = [row.kid for row in signing.published(db, now=now())] if every else kids
            done = withdrawal.withdraw(db, named, withdrawal.Reason(reason), SYSTEM, now=now())
            open_services = db.scalars(select(RelyingParty).where(RelyingParty.closed_at.is_(None))).all()
            whom = sorted(f"  {row.client_id}  {row.contact or '(no contact was registered)'}" for row in open_services)
            told = [*_withdrawn(*done), WHAT_NOW, *whom]
    except Refused as refused:
        raise click.ClickException(TOLD[refused.code]) from None
    click.echo("\n".join(told))


@keys.command("drop")
@click.argument("name")
@click.confirmation_option(prompt="What lies under this key alone is lost for good. Drop it?")
@with_appcontext
def drop(name: str) -> None:
    """Destroy a version that nothing lies under, by its name: encryption-1, blind-index, token-pepper, audit-seal-2."""
    found = re.fullmatch(NAME, name)
    if found is None:
        raise click.ClickException("there is no such key")
    purpose, version = Purpose(found[1]), int(found[2] or 1)
    try:
        with database().transaction() as db:
            rotation.let_go(db, purpose, version, now=now())
    except Refused as refused:
        raise click.ClickException(TOLD[refused.code]) from None
    key_source(services().settings).drop(purpose, version)
    click.echo(f"{name} is gone; take it out of the keys' own backup, too")


def _rotate_signing(algorithm: str | None, at_once: bool) -> None:
    for name in [algorithm] if algorithm else signing.SIGNING:
        with database().transaction() as db:
            following = signing.rotate(db, name, now=now(), at_once=at_once)
            told = f"{name:6} {following.kid} signs from {following.active_from:%Y-%m-%d %H:%M} UTC"
        click.echo(told)


def _withdrawn(ended: list[signing.SigningKey], following: list[signing.SigningKey]) -> Iterator[str]:
    for row in ended:
        told = f"signed since {row.active_from:%Y-%m-%d %H:%M} UTC" if row.active_from <= now() else "never signed"
        yield f"{row.algorithm:6} {row.kid} is withdrawn; it {told}"
    for row in following:
        yield f"{row.algorithm:6} {row.kid} signs from now on"


def _rotate_lasting(table: type[LastingKey], event: Event) -> None:
    with database().transaction() as db:
        before = newest_key(db, table)
        make_key(db, table, before.number + 1 if before else 1, event, now=now())
        after = newest_key(db, table)
        kid = after.kid if after else ""
    click.echo(f"{kid} signs from now on; the earlier ones stay published")


def _turn(purpose: Purpose, made: bool) -> None:
    """Asked first whether it may, so that a second command makes no key in vain."""
    source, vault = key_source(services().settings), services().vault
    try:
        with database().transaction() as db:
            key_use.settle_uses(db, now=now())
            use = next(use for use in key_use.all_uses(db, now=now()) if use.purpose == purpose)
            if use.stage != key_use.Stage.RESTS:
                raise Refused("key-turning")
        version = max(source.read().versions[purpose]) if made else source.make(purpose)
        vault.renew()
        with database().transaction() as db:
            rotation.begin(db, purpose, version, now=now())
    except Refused as refused:
        raise click.ClickException(TOLD[refused.code]) from None
    click.echo(
        f"{key_name(purpose, version)} takes over; the worker does the rest, `flask keys list` shows how far it is"
    )
