"""Looking a unit up by what people type: without marks, with its province, by the code, by the name of before.

Nobody knows every name of the merger of 1 July 2025, and few type it as the law writes it. So the search reads
"P. Ba Đình, Hà Nội", "EaKao" and "M'Drắk" as they are meant, finds a commune by what it was made of, and where
nothing fits, the names that are written nearly so.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, case, func, literal, or_, select, true
from sqlalchemy.orm import Session, load_only

from identity.names import fold
from identity.places.units import Unit, UnitKind, exists_on

BEFORE = " | "
"""Parts what a unit is called from what it was made of, in `Unit.search_folded`."""
SHORT = {
    "p": "phuong",
    "x": "xa",
    "t": "tinh",
    "q": "quan",
    "h": "huyen",
    "tp": "thanh pho",
    "tx": "thi xa",
    "tt": "thi tran",
    "hcm": "ho chi minh",
    "tphcm": "thanh pho ho chi minh",
}
"""How people shorten."""
TYPES = ("dac khu", "thanh pho", "thi tran", "thi xa", "phuong", "xa", "tinh", "quan", "huyen")
"""What may stand before a name, also what is no more."""
ENGLISH = frozenset({"ward", "commune", "province", "city", "district", "special", "zone"})
CANDIDATES, NEAR, ALIKE, SHORTEST = 300, 12, 0.7, 4
"""So many are looked at; so many are offered for a typing error, from how alike (of 1) and how many letters on."""

_LOOSE = re.compile("['’ʼ`´]")
_APART = re.compile(r"[^\w\s|]|_")


def plain(text: str) -> str:
    """As `fold`, without apostrophes, and with every other sign as a space: M’Drắk is mdrak, Tp.Huế is tp hue."""
    return " ".join(_APART.sub(" ", _LOOSE.sub("", fold(text))).split())


def search_words(title: str, above: str, before: str = "") -> str:
    """What is kept of a unit to be searched: its title and that of what it lies in, and what it was made of."""
    return plain(f"{title} {above}") + (BEFORE + plain(before) if before else "")


def title_words(unit: Unit) -> str:
    """Of what is kept, the title and that of what it lies in."""
    return unit.search_folded.partition(BEFORE)[0]


def find_units(
    db: Session,
    text: str,
    *,
    on: date,
    limit: int = 20,
    kind: str | None = None,
    near: bool = False,
    ended: bool = False,
) -> list[Unit]:
    """Units that can be meant, the closest first. `near`, for people who look around: what was called so before beside
    what is called so, and names written nearly so. `ended`: also units that are no more."""
    among = _among(on, kind, ended)
    found = _kept(_ranked(db, text, among), near) or _squashed(db, text, among)
    if near and not found:
        found = _nearly(db, text, among)
    ids = [one.id for one in sorted(found, key=lambda one: one.order)][:limit]
    units = {unit.id: unit for unit in db.scalars(select(Unit).where(Unit.id.in_(ids)))}
    return [units[id_] for id_ in ids]


def find_unit(db: Session, text: str, *, on: date, kind: str | None = None) -> Unit | None:
    """The one unit that can be meant; None where several are called so."""
    found = _kept(_ranked(db, text, _among(on, kind, False)), False)
    best = min((one.closeness for one in found), default=None)
    those = [one for one in found if one.closeness == best]
    return db.get(Unit, those[0].id) if len(those) == 1 else None


@dataclass(frozen=True, slots=True)
class _Found:
    """A unit that fits. `rank` 0: it is called so; 1: every word stands in its name or what it lies in; 2: begins one;
    3: a place in it was called so; 4: the words stand somewhere among those. `marks` 0: the name was typed with its
    marks, which part Ba Tơ from Ba Tô; 1: it begins with what was typed; 2: neither.
    """

    id: UUID
    rank: int
    marks: int
    is_over: bool
    tier: int
    name: str
    code: str

    @property
    def closeness(self) -> tuple[int, bool]:
        return self.rank, self.marks > 0

    @property
    def order(self) -> tuple[int, int, bool, int, str, str]:
        return self.rank, self.marks, self.is_over, self.tier, self.name, self.code


_TIERS = {UnitKind.PROVINCE: 0, UnitKind.COMMUNE: 1, UnitKind.VILLAGE: 2}


def _among(on: date, kind: str | None, ended: bool) -> ColumnElement[bool]:
    days = Unit.valid_from <= on if ended else exists_on(on)
    return and_(days, Unit.kind == kind if kind else true())


def _columns(among: ColumnElement[bool]) -> Select[Unit]:
    seen = (Unit.id, Unit.name, Unit.name_folded, Unit.search_folded, Unit.kind, Unit.code, Unit.valid_to)
    return select(Unit).options(load_only(*seen)).where(among)


def _ranked(db: Session, text: str, among: ColumnElement[bool]) -> list[_Found]:
    words, code = _words(text), text.strip()
    if not words:
        return []
    typed = " ".join(words)
    here = literal(" ") + Unit.search_folded
    fits = and_(*(here.contains(f" {word}", autoescape=True) for word in words))
    first = case((Unit.name_folded == typed, 0), (Unit.search_folded.startswith(typed, autoescape=True), 1), else_=2)
    query = _columns(and_(among, or_(fits, Unit.code == code))).order_by(first, Unit.code).limit(CANDIDATES)
    ranks = [(unit, 0 if unit.code == code else _rank(words, unit)) for unit in db.scalars(query)]
    return [_found(unit, rank, text, typed) for unit, rank in ranks if rank is not None]


def _kept(found: list[_Found], near: bool) -> list[_Found]:
    """What was called so before counts where nothing is called so today, or for who looks around; scattered words for
    them alone, and only where nothing else fits."""
    best = min((one.rank for one in found), default=0)
    worst = max(best, 3) if near else 2 if best <= 2 else 3
    return [one for one in found if one.rank <= worst]


def _found(unit: Unit, rank: int, text: str = "", typed: str = "") -> _Found:
    with_marks = fold(text) != _composed(text) and _composed(unit.name) in _composed(text)
    marks = 0 if with_marks else 1 if plain(unit.name).startswith(typed) else 2
    tier = _TIERS[UnitKind(unit.kind)]
    return _Found(unit.id, rank, marks, unit.valid_to is not None, tier, unit.name_folded, unit.code)


def _composed(text: str) -> str:
    return unicodedata.normalize("NFC", text).casefold()


def _rank(words: list[str], unit: Unit) -> int | None:
    here, _, before = unit.search_folded.partition(BEFORE)
    typed, standing = " ".join(words), here.split()
    if typed in set(_spellings(plain(unit.name), here)):
        return 0
    if all(word in standing for word in words):
        return 1
    if all(any(own.startswith(word) for own in standing) for word in words):
        return 2
    if f" {typed} " in f" {before} ":
        return 3
    return 4 if all(word in {*standing, *before.split()} for word in words) else None


def _spellings(name: str, here: str) -> Iterator[str]:
    """Name or title, alone or with what it lies in, with its title or without."""
    title, _, above = here.partition(name)
    for own in (name, f"{title}{name}"):
        yield own
        if above.strip():
            yield f"{own}{above}"
            yield f"{own} {_bare(above.strip())}"


def _bare(title: str) -> str:
    return next((title.removeprefix(f"{one} ") for one in TYPES if title.startswith(f"{one} ")), title)


def _words(text: str) -> list[str]:
    """What is looked for. English words for tiers say nothing here, unless nothing else was typed."""
    words = " ".join(SHORT.get(word, word) for word in plain(text.replace("|", " ")).split()).split()
    return [word for word in words if word not in ENGLISH] or words


def _squashed(db: Session, text: str, among: ColumnElement[bool]) -> list[_Found]:
    """Written as one word: EaKao, Hanoi."""
    typed = "".join(_words(text))
    if len(typed) < SHORTEST:
        return []
    bare = func.replace(Unit.name_folded, " ", "")
    return [_found(unit, 1) for unit in db.scalars(_columns(and_(among, bare == typed)).limit(CANDIDATES))]


def _nearly(db: Session, text: str, among: ColumnElement[bool]) -> list[_Found]:
    """Typing errors, and names behind a tier that is no more: huyện Củ Chi. Villages are too many and too alike."""
    typed = _bare(" ".join(_words(text)))
    if len(typed) < SHORTEST:
        return []
    names = set(db.scalars(select(Unit.name_folded).where(among, Unit.kind != UnitKind.VILLAGE)))
    close = get_close_matches(typed, names, n=NEAR, cutoff=ALIKE)
    alike = _columns(and_(among, Unit.kind != UnitKind.VILLAGE, Unit.name_folded.in_(close)))
    return [_found(unit, close.index(unit.name_folded)) for unit in db.scalars(alike)]
