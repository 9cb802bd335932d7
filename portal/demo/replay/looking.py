"""Finding what earlier days left, many rows with one question; they stay in the session, where the verbs look first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from identity.account import Account
from identity.activation import Activation
from identity.application import Application
from identity.application.registered import key_of
from identity.person import Person
from identity.registers.synthetic import SyntheticForeigner
from identity.sealed import vault
from portal.demo.population import record_of


def applications_by_number(db: Session, people: Mapping[int, SyntheticForeigner]) -> dict[int, Application]:
    """The file of each person, by the person's number in the plan."""
    keys = vault(db)
    numbers = {keys.blind("application.number", key_of(record_of(one))): number for number, one in people.items()}
    found = db.scalars(select(Application).where(Application.number_index.in_(numbers)))
    return {numbers[file.number_index]: file for file in found}


def accounts_of(db: Session, files: Sequence[Application]) -> tuple[dict[UUID, Account], list[object]]:
    """The account of each file's person, and rows that are held so that the session keeps them."""
    people = [file.person_id for file in files if file.person_id is not None]
    accounts = {
        account.person_id: account for account in db.scalars(select(Account).where(Account.person_id.in_(people)))
    }
    held: list[object] = list(db.scalars(select(Person).where(Person.id.in_(people))))
    held += db.scalars(select(Activation).where(Activation.account_id.in_([one.id for one in accounts.values()])))
    return {person: account for person, account in accounts.items() if person is not None}, held
