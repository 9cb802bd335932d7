"""Steps of an account's later life: the ways back in, and what people ask about their data. By verbs and by pages.

Each step takes the driver of the journey; what differs between verbs and pages stands side by side.
"""

from __future__ import annotations

import re
from typing import Any

import pyotp
from sqlalchemy.orm import Session

import onboarding.rights  # noqa: F401 - as the worker does
from identity.account import Account
from identity.audit import Actor
from identity.base import Refused
from identity.credentials.passwords import verify_password
from identity.credentials.recovery import Sheet, keep_sheet
from identity.recovery import (
    Begun,
    Recovery,
    begin_with_code,
    begin_with_device,
    co_sign,
    come_back,
    look_up_at_counter,
    prove_phone,
    recover_at_counter,
    send_code,
    send_what_is_due,
    stop,
)
from identity.rights.model import RequestState, RightKind, RightsRequest
from identity.rights.requests import answer, ask, find_own, take, take_back
from identity.rights.restriction import is_restricted
from identity.session import open_session
from tests.flows.journey_drivers import Driver, Pages
from tests.identity.account_scene import PASSWORD, hashed
from tests.identity.recovery_scene import NEW_PASSWORD, asked, set_keys, trusted_since

LOCK = ("hwk", "user", "mfa")
CODE = re.compile(r"\b[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}\b")
WORD = re.compile(r"(?<![0-9A-Z-])[0-9A-Z]{4}-[0-9A-Z]{4}(?![0-9A-Z-])")
ANSWERS = {"granted": (RequestState.GRANTED, "done"), "refused": (RequestState.REFUSED, "not-yours")}


def account_of(driver: Driver, db: Session) -> Account:
    return driver.account_of(db, driver.person)


def login_of(driver: Driver) -> str:
    with driver.world.database.session(write=False) as db:
        return account_of(driver, db).login or ""


def keeps_a_sheet(driver: Any) -> None:
    """The password and the sheet of the activation."""
    driver.sheet = Sheet.draw(driver.world.now)
    with driver.world.writing() as db:
        account = account_of(driver, db)
        account.password_hash = hashed(PASSWORD)
        keep_sheet(db, account.id, driver.sheet, now=driver.world.now)


def with_a_code(*, code: str = "", otp: str = "") -> Any:
    """The second rung: a code of the sheet, then the one sent to the phone on file."""

    def step(driver: Any) -> None:
        driver.later(hours=1)
        typed = code or driver.sheet.codes[0]
        if isinstance(driver, Pages):
            driver.client = driver.world.browser()
            driver.send("/recover/code", login=login_of(driver), code=typed)
            driver.send("/recover/phone", otp=otp or driver.secret_code("otp"))
            return
        with driver.world.writing() as db:
            begun = begin_with_code(db, login_of(driver), typed, "192.0.2.7", now=driver.world.now)
        goes_on(driver, begun)
        proves_phone(driver, otp)

    return step


def with_a_device(driver: Any) -> None:
    """The first rung: a device's own lock was opened a moment ago."""
    with driver.world.writing() as db:
        account = account_of(driver, db)
        token = open_session(db, account, LOCK, 2, now=driver.world.now).token
        begun = None if isinstance(driver, Pages) else begin_with_device(db, account, now=driver.world.now)
    if begun is not None:
        goes_on(driver, begun)
    else:
        driver.client = driver.world.browser(token)
        driver.send("/account/recover")


def trusts_two(driver: Any) -> None:
    """Two people who agreed more than thirty days ago."""
    serial = int(login_of(driver)[-6:])
    with driver.world.writing() as db:
        owner = account_of(driver, db)
        numbers = [f"00117{serial:06d}{place}" for place in (1, 2)]
        driver.contacts = [trusted_since(db, owner, number, driver.world.now).id for number in numbers]


def people_vouch(driver: Any) -> None:
    """The third rung: asked, told by the worker, and both agree to the word that they hear."""
    driver.later(hours=1)
    now, login = driver.world.now, login_of(driver)
    if not isinstance(driver, Pages):
        with driver.world.writing() as db:
            begun = asked(db, now, login=login)
            for contact in driver.contacts:
                assert co_sign(db, db.get_one(Account, contact), begun.word, now=now) is None
        goes_on(driver, begun)
        return
    driver.client = driver.world.browser()
    driver.send("/recover/people", login=login)
    driver.back, word = CODE.search(driver.page)[0], WORD.search(driver.page)[0]
    with driver.world.writing() as db:
        send_what_is_due(db, None, now=now)
        tokens = [open_session(db, db.get_one(Account, one), LOCK, 2, now=now).token for one in driver.contacts]
    for token in tokens:
        driver.send("/account/trusted/co-sign", driver.world.browser(token), word=word)


def comes_back_after(hours: int) -> Any:
    """On another device, with the code that was written down."""

    def step(driver: Any) -> None:
        driver.later(hours=hours)
        if isinstance(driver, Pages):
            driver.client = driver.world.browser()
            driver.send("/recover/return", code=driver.back)
            if driver.path.startswith("/recover/wait"):
                raise Refused("recover-other-step")

    return step


def a_notice_stops_it(driver: Any) -> None:
    code = driver.secret_code("recovery-asked")
    if isinstance(driver, Pages):
        driver.send("/recover/stop", driver.world.browser(), code=code, stop="1")
        return
    with driver.world.writing() as db:
        stop(db, code, now=driver.world.now)


def at_the_office(driver: Any) -> None:
    """The last rung: an officer sees person and document, the slip and the phone do the rest."""
    driver.later(hours=1)
    with driver.world.database.session(write=False) as db:
        unit = driver.file(db).unit_id
    officer, desk = driver.world.officer("receiving_officer", unit)
    if isinstance(driver, Pages):
        driver.send("/office/recovery", desk, number=login_of(driver))
        driver.send("", desk, original="1", face="1", phone="")
        slip = CODE.search(driver.page)[0]
        driver.client = driver.world.browser()
        driver.send("/recover/return", code=slip).send("/recover/phone", otp=driver.secret_code("otp"))
        return
    with driver.world.writing() as db:
        account = look_up_at_counter(db, officer, login_of(driver), now=driver.world.now)
        slip = recover_at_counter(db, officer, account.id, new_phone=None, now=driver.world.now)
        db.flush()
        back = come_back(db, slip, "192.0.2.7", now=driver.world.now)
        assert isinstance(back, Recovery) and send_code(db, back, now=driver.world.now) is None
        driver.recovery_id = back.id
    proves_phone(driver, "")


def goes_on(driver: Any, begun: Begun | Refused) -> None:
    if isinstance(begun, Refused):
        raise begun
    driver.recovery_id = begun.recovery.id


def proves_phone(driver: Any, otp: str) -> None:
    with driver.world.writing() as db:
        found = db.get_one(Recovery, driver.recovery_id)
        refusal = prove_phone(db, found, otp or driver.secret_code("otp"), now=driver.world.now)
    if refusal is not None:
        raise refusal


def sets_new_keys(driver: Any) -> None:
    """Password, app, sheet; from then on these sign in and the old ones do not."""
    if isinstance(driver, Pages):
        driver.send("/recover/password", password=NEW_PASSWORD)
        secret = re.search(r"\b(?:[A-Z2-7]{4} ?){8}\b", driver.page)
        assert secret is not None, driver.page
        driver.send("/recover/app", otp=pyotp.TOTP(secret[0].replace(" ", "")).at(int(driver.world.now.timestamp())))
        driver.send("/recover/sheet", recovery=CODE.search(driver.page)[0])
        assert driver.path.startswith("/account?done=recovered"), driver.page
    else:
        with driver.world.writing() as db:
            assert isinstance(set_keys(db, db.get_one(Recovery, driver.recovery_id), driver.world.now), Account)
    with driver.world.database.session(write=False) as db:
        kept = account_of(driver, db).password_hash
        assert verify_password(kept, NEW_PASSWORD) and not verify_password(kept, PASSWORD)


# what people ask about their data


def asks(kind: str, **fields: str) -> Any:
    def step(driver: Any) -> None:
        with driver.world.writing() as db:
            account = account_of(driver, db)
            if not isinstance(driver, Pages):
                words = {name: value for name, value in fields.items() if name in ("about", "words")}
                own = Actor(account.id, account.kind)
                driver.request_id = ask(db, account, RightKind(kind), own, now=driver.world.now, **words).id
                return
            account_id = account.id
        driver.client = driver.world.signed_in(account_id)
        driver.send(f"/account/data/requests/new/{kind}", **fields)
        with driver.world.database.session(write=False) as db:
            newest = db.query(RightsRequest).filter_by(account_id=account_id).order_by(RightsRequest.id.desc())
            driver.request_id = newest.first().id

    return step


def takes_it_back(driver: Any) -> None:
    if isinstance(driver, Pages):
        driver.send(f"/account/data/requests/{driver.request_id}/take-back")
        return
    with driver.world.writing() as db:
        account = account_of(driver, db)
        take_back(db, account.id, driver.request_id, Actor(account.id, account.kind), now=driver.world.now)


def the_desk_answers(how: str) -> Any:
    def step(driver: Any) -> None:
        state, reason = ANSWERS[how]
        with driver.world.database.session(write=False) as db:
            unit = driver.file(db).unit_id
        officer, desk = driver.world.officer("receiving_officer", unit)
        if isinstance(driver, Pages):
            driver.send(f"/office/data-rights/{driver.request_id}/take", desk)
            address = f"/office/data-rights/{driver.request_id}/answer"
            driver.send(address, desk, answer=f"{state.value}:{reason}", words="")
            return
        with driver.world.writing() as db:
            row = db.get_one(RightsRequest, driver.request_id)
            take(db, row, officer, now=driver.world.now)
            db.flush()
            answer(db, row, officer, state, reason, "", now=driver.world.now)

    return step


def stands(state: str, *, restricted: bool = False) -> Any:
    """How the request stands for its owner, and whether the use of the data is restricted."""

    def step(driver: Any) -> None:
        with driver.world.database.session(write=False) as db:
            account = account_of(driver, db)
            row = find_own(db, account.id, driver.request_id)
            assert row is not None and row.state == state, row and row.state
            assert is_restricted(db, account.id) is restricted

    return step
