import copy
from collections import Counter
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import func, select, update

from identity.audit import AuditEvent, Event
from identity.deadlines import rule
from identity.places import (
    Office,
    Unit,
    ancestors,
    find_unit,
    find_units,
    load_units,
    loading,
    made_of,
    offices_for,
    successors,
    type_on,
    unit_by_code,
    units_within,
)
from identity.places.search import plain
from identity.places.units import exists_on

MERGED = date(2025, 7, 1)
TODAY = date(2026, 11, 23)


def types(db, kind: str, on: date) -> Counter[str | None]:
    units = db.scalars(select(Unit.id).where(Unit.kind == kind, exists_on(on)))
    return Counter(type_on(db, unit_id, on) for unit_id in units)


def test_there_are_34_provinces_and_3321_communes(db):
    counted = db.execute(select(Unit.kind, func.count()).where(exists_on(TODAY)).group_by(Unit.kind)).all()
    assert dict(map(tuple, counted)) == {"province": 34, "commune": 3321}


def test_on_the_day_of_the_merger_there_were_687_wards_2621_communes_13_special_zones(db):
    assert types(db, "commune", MERGED) == {"ward": 687, "commune": 2621, "special_zone": 13}


def test_22_communes_became_wards_in_2026(db):
    assert types(db, "commune", date(2026, 4, 30)) == {"ward": 697, "commune": 2611, "special_zone": 13}
    assert types(db, "commune", TODAY) == {"ward": 709, "commune": 2599, "special_zone": 13}


@pytest.mark.parametrize(
    ("on", "provinces", "cities"),
    [
        ("2024-12-31", 58, 5),
        ("2025-06-30", 57, 6),
        ("2025-07-01", 28, 6),
        ("2026-04-29", 28, 6),
        ("2026-04-30", 27, 7),
        ("2026-09-01", 25, 9),
    ],
)
def test_provinces_became_cities_on_their_day(db, on, provinces, cities):
    assert types(db, "province", date.fromisoformat(on)) == {"province": provinces, "city": cities}


def test_a_code_that_was_used_again_names_the_unit_of_its_day(db):
    before, after = unit_by_code(db, "82", on=date(2025, 6, 30)), unit_by_code(db, "82", on=MERGED)
    assert (before.title, after.title) == ("Tỉnh Tiền Giang", "Tỉnh Đồng Tháp")


def test_a_merged_province_names_what_stands_there_now(db):
    old = unit_by_code(db, "02", on=date(2025, 6, 30))
    new = unit_by_code(db, "08", on=TODAY)
    assert (old.name, new.name) == ("Hà Giang", "Tuyên Quang")
    assert successors(db, old.id, on=TODAY) == {new.id}
    assert successors(db, new.id, on=TODAY) == {new.id}
    assert unit_by_code(db, "02", on=TODAY) is None
    assert successors(db, old.id, on=date(2025, 6, 30)) == {old.id}, "the merger of the next day changes nothing yet"


def test_every_ended_province_has_a_successor(db):
    for unit_id in db.scalars(select(Unit.id).where(Unit.valid_to.is_not(None))):
        assert successors(db, unit_id, on=TODAY) != {unit_id}


def test_a_unit_is_found_without_marks_and_the_closest_name_comes_first(db):
    assert [unit.title for unit in find_units(db, "ea kao", on=TODAY)] == ["Phường Ea Kao"]
    assert find_units(db, "dong nai", on=TODAY)[0].title == "Thành phố Đồng Nai"
    assert find_units(db, "ba dinh ha noi", on=TODAY)[0].english_title == "Ba Đình Ward"
    assert find_units(db, "HÀ GIANG", on=TODAY, kind="province") == []


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("P. Ba Đình", "Phường Ba Đình"),
        ("Ba Đình Ward, Hà Nội", "Phường Ba Đình"),
        ("Tây Hồ, Hà Nội", "Phường Tây Hồ"),
        ("xa hoa xa, tp ha noi", "Xã Hòa Xá"),
        ("xã Ba Tơ, tỉnh Quảng Ngãi", "Xã Ba Tơ"),
        ("M'Drak", "Xã M’Drắk"),
        ("TP.HCM", "Thành phố Hồ Chí Minh"),
        ("00004", "Phường Ba Đình"),
        ("phường Bến Nghé", "Phường Sài Gòn"),
        ("ba to quang ngai", None),
        ("Ba Dinh", None),
        ("Yên Hòa", None),
        ("buon ma thuoc", None),
        ("xyzzy", None),
    ],
)
def test_the_one_unit_is_found_as_people_write_it_and_none_is_guessed(db, typed, meant):
    found = find_unit(db, typed, on=TODAY)
    assert (found and found.title) == meant


def test_every_commune_is_the_one_where_it_is_named_with_its_province(db):
    units = {unit.id: unit for unit in db.scalars(select(Unit).where(exists_on(TODAY)))}
    communes = [unit for unit in units.values() if unit.kind == "commune"]
    for unit in communes[::97]:
        assert find_unit(db, f"{unit.title}, {units[unit.parent_id].title}", on=TODAY) == unit
        assert unit in find_units(db, plain(unit.title), on=TODAY)


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("Hà Giang", "Tỉnh Hà Giang"),
        ("thua thien hue", "Tỉnh Thừa Thiên Huế"),
        ("huyện Củ Chi", "Xã Củ Chi"),
        ("EaKao", "Phường Ea Kao"),
        ("hanoi", "Thành phố Hà Nội"),
        ("buôn ma thuộc", "Phường Buôn Ma Thuột"),
        ("krong pak", "Xã Krông Pắc"),
        ("Phường 4, quận Phú Nhuận", "Phường Đức Nhuận"),
    ],
)
def test_who_looks_around_finds_what_is_no_more_or_was_typed_with_an_error(db, typed, first):
    assert find_units(db, typed, on=TODAY, near=True, ended=True)[0].title == first


def test_a_commune_says_what_it_was_made_of(db):
    assert "phường Bến Nghé" in made_of(unit_by_code(db, "26740", on=TODAY))
    assert made_of(unit_by_code(db, "79", on=TODAY)) == ""


@pytest.mark.parametrize("text", ["", "   ", "%", "_", "xyzzy", "'; DROP TABLE unit; --"])
def test_a_search_that_means_nothing_finds_nothing(db, text):
    assert find_units(db, text, on=TODAY) == []


def test_a_search_is_limited(db):
    assert len(find_units(db, "tan", on=TODAY, limit=7)) == 7


def test_what_lies_in_a_province_and_what_a_commune_lies_in(db):
    province = unit_by_code(db, "66", on=TODAY)
    ward = unit_by_code(db, "24169", on=TODAY)
    within = units_within(db, province.id)
    assert len(within) == 103
    assert {ward.id, province.id} <= within
    assert units_within(db, ward.id) == {ward.id}
    assert ancestors(db, ward.id) == [province]


def test_a_village_counts_to_its_province(db):
    ward = unit_by_code(db, "24169", on=TODAY)
    village = Unit(
        code="24169-01",
        kind="village",
        type="village",
        name="Buôn H'Đơk",
        name_folded="buon h'dok",
        search_folded="buon h'dok phuong ea kao",
        parent_id=ward.id,
        valid_from=TODAY,
    )
    db.add(village)
    db.flush()
    assert village.id in units_within(db, unit_by_code(db, "66", on=TODAY).id)
    assert [unit.name for unit in ancestors(db, village.id)] == ["Ea Kao", "Đắk Lắk"]


def test_citizens_go_to_any_commune_police_and_foreigners_to_an_immigration_office(db):
    assert len(offices_for(db, "citizen", on=TODAY, limit=9999)) == 3321
    assert len(offices_for(db, "foreigner", on=TODAY)) == 35
    assert [office.name for office in offices_for(db, "citizen", "ea kao", on=TODAY)] == ["Công an phường Ea Kao"]
    found = [office.english_name for office in offices_for(db, "foreigner", "ha noi", on=TODAY)]
    assert found == ["Immigration Department (A08)", "Hà Nội City Immigration Office"]


def test_an_office_names_the_rule_of_its_hours(db):
    for opens in db.scalars(select(Office.opens).distinct()):
        assert rule(opens, TODAY) == [["07:30", "11:30"], ["13:00", "17:00"]]


def test_loading_again_changes_nothing(db, now):
    def everything():
        return sorted(map(tuple, db.execute(select(Unit.__table__)).all()), key=str)

    before = everything()
    load_units(db, now=now)
    assert everything() == before


def test_loading_again_restores_what_was_spoilt_and_keeps_what_was_added(db, now):
    ward = unit_by_code(db, "24169", on=TODAY)
    db.execute(update(Unit).where(Unit.id == ward.id).values(name="?", type="commune"))
    load_units(db, now=now)
    db.refresh(ward)
    assert ward.title == "Phường Ea Kao"


def test_loading_on_an_earlier_day_knows_the_types_of_that_day(db):
    load_units(db, now=datetime(2026, 4, 29, 16, 59, tzinfo=UTC))
    assert unit_by_code(db, "75", on=TODAY).title == "Tỉnh Đồng Nai"
    db.expire_all()
    load_units(db, now=datetime(2026, 4, 29, 17, 0, tzinfo=UTC))
    db.expire_all()
    assert unit_by_code(db, "75", on=TODAY).title == "Thành phố Đồng Nai"


@pytest.fixture
def table(monkeypatch):
    """The shipped table, to be changed as a later release may."""
    shipped = copy.deepcopy(loading._shipped())
    monkeypatch.setattr(loading, "_shipped", lambda: shipped)
    return shipped


def leave_out(table, code):
    row = next(one for one in table["communes"]["01"] if one.startswith(code))
    table["communes"]["01"].remove(row)
    return row


def test_communes_end_and_begin_by_the_table_and_lead_to_what_followed(db, now, table):
    """00008 ends and gives its code to a new ward; 00025 is split between the two that stand."""
    ends = date(2026, 11, 1)
    for code, after in {"00008": ["00008"], "00025": ["00004", "00008"]}.items():
        row = leave_out(table, code)
        table["ended_communes"].append([code, row[6:], row[5], "2025-07-01", ends.isoformat(), "01", after])
    table["communes"]["01"].append("00008wLiễu Giai")
    table["communes_since"]["00008"] = ends.isoformat()
    table["changes"].append(["00025", "commune", "2026-01-01", "an act"])
    load_units(db, now=now)
    db.expire_all()
    before, beside, kept = (unit_by_code(db, code, on=date(2026, 10, 31)) for code in ("00008", "00025", "00004"))
    new = unit_by_code(db, "00008", on=ends)
    assert (before.valid_to, beside.valid_to, unit_by_code(db, "00025", on=ends)) == (ends, ends, None)
    assert (before.name, new.name, new.parent_id) == ("Ngọc Hà", "Liễu Giai", before.parent_id)
    assert successors(db, before.id, on=ends) == {new.id}
    assert successors(db, beside.id, on=ends) == {kept.id, new.id}
    assert type_on(db, beside.id, ends) == "commune"
    assert [one.name for one in offices_for(db, "citizen", "lieu giai", on=ends)] == ["Công an phường Liễu Giai"]
    assert offices_for(db, "citizen", "giang vo", on=ends) == []
    assert len(offices_for(db, "citizen", "giang vo", on=MERGED)) == 1
    codes = {row["code"]: row["name"] for row in loading.unit_rows(TODAY)[1]}
    assert (len(codes), codes["00008"], "00025" in codes) == (3320, "Liễu Giai", False)
    redrawn = select(AuditEvent.subject_id).where(AuditEvent.name == Event.UNIT_REDRAWN.value)
    assert {*db.scalars(redrawn)} == {before.id, beside.id}


def test_a_commune_that_the_table_forgets_is_not_left_standing(db, now, table):
    leave_out(table, "00008")
    with pytest.raises(LookupError, match="00008"):
        load_units(db, now=now)
