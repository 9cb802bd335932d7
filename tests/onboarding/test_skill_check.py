"""Witnessed checks and the awards that follow from them."""

from __future__ import annotations

import base64
import gzip
import json
from datetime import timedelta

import pytest
from joserfc import jws
from joserfc.jwk import KeySet
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from identity.account import get_account
from identity.base import Refused
from onboarding.attendance import THEMSELVES
from onboarding.award import ALL_FIVE, LIST_LENGTH, Award, RevokedFor, awards_of, find_award, list_length, revoke
from onboarding.award_key import make_key, published_keys
from onboarding.credential import Issuer, encode_list, sign_award, sign_status_list
from onboarding.learner import Learner
from onboarding.lessons import note_result
from onboarding.roster import walk_in_with_slip
from onboarding.skill_check import SkillCheck, check_skill, checks_of, count_skilled, skills_held, take_over_slip
from onboarding.skills import current_skills
from onboarding.training import get_session
from tests.onboarding.training_scene import pass_all, room, seen

ISSUER = Issuer("https://portal.example", "Phường Ba Đình")


@pytest.fixture
def place(db, now):
    return room(db, now=now)


def refusal(code, act, *arguments, **named):
    with pytest.raises(Refused) as refused:
        act(*arguments, **named)
    assert refused.value.code == code


def open_awards(db, learner_id):
    return [award.achievement for award in awards_of(db, [learner_id]) if award.revoked_at is None]


# witnessing


def test_who_did_every_task_before_a_member_is_skilled(db, place, now):
    check = check_skill(db, place.member, seen("payment", place.learner_id, now), now=now)
    assert check.passed and set(skills_held(db, place.learner_id)) == {"payment"}
    assert open_awards(db, place.learner_id) == ["payment"]


def test_with_a_task_missing_the_check_is_kept_and_nobody_is_skilled(db, place, now):
    check = check_skill(db, place.member, seen("payment", place.learner_id, now, leave_out=1), now=now)
    assert not check.passed and skills_held(db, place.learner_id) == {}
    assert open_awards(db, place.learner_id) == []


def test_a_perfect_quiz_alone_makes_nobody_skilled(db, place, now):
    for skill in current_skills().skills:
        from onboarding.lessons import lessons_of

        for lesson in lessons_of(skill.code, "vi"):
            note_result(db, place.learner_id, lesson, 3, now=now)
    assert skills_held(db, place.learner_id) == {} and open_awards(db, place.learner_id) == []


def test_nobody_witnesses_their_own_family(db, place, now):
    refusal(
        "check-family", check_skill, db, place.member, seen("payment", place.learner_id, now, not_family=False), now=now
    )


def test_nobody_witnesses_themselves(db, place, now):
    get_account(db, place.member.account_id).person_id = place.person_id
    db.flush()
    refusal("check-own", check_skill, db, place.member, seen("payment", place.learner_id, now), now=now)
    check_skill(db, place.colleague, seen("payment", place.learner_id, now), now=now)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"tasks": frozenset({"fly"})}, "task-unknown"),
        ({"skill": "magic"}, "skill-unknown"),
        ({"seen_at": timedelta(minutes=11)}, "assistance-in-future"),
        ({"seen_at": timedelta(days=-31)}, "check-too-late"),
    ],
)
def test_what_cannot_be_is_refused(db, place, now, changes, code):
    if "seen_at" in changes:
        changes = {"seen_at": now + changes["seen_at"]}
    base = seen("payment", place.learner_id, now)
    from dataclasses import replace

    refusal(code, check_skill, db, place.member, replace(base, **changes), now=now)


@pytest.mark.parametrize("change", ["UPDATE skill_check SET passed = true", "DELETE FROM skill_check"])
def test_a_check_cannot_be_changed(db, place, now, change):
    check_skill(db, place.member, seen("payment", place.learner_id, now), now=now)
    db.commit()
    with pytest.raises(DBAPIError, match="append-only"):
        db.execute(text(change))


def test_a_correction_takes_the_place_of_a_check_and_revokes_what_rested_on_it(db, place, now):
    pass_all(db, place, now=now)
    wrong = skills_held(db, place.learner_id)["safety"]
    assert ALL_FIVE in open_awards(db, place.learner_id)
    corrected = seen("safety", place.learner_id, now, leave_out=2, supersedes=wrong.id)
    check_skill(db, place.member, corrected, now=now)
    assert set(open_awards(db, place.learner_id)) == {"public-services", "shopping", "payment", "local-platforms"}
    revoked = {award.achievement: award.revoked_for for award in awards_of(db, [place.learner_id]) if award.revoked_at}
    assert revoked == {"safety": "corrected", ALL_FIVE: "corrected"}
    refusal("check-superseded", check_skill, db, place.member, corrected, now=now)
    assert len(checks_of(db, place.learner_id)) == 5 and db.query(SkillCheck).count() == 6


def test_only_the_own_team_corrects(db, place, now):
    check = check_skill(db, place.member, seen("safety", place.learner_id, now), now=now)
    wrong = seen("safety", place.learner_id, now, supersedes=check.id)
    refusal("check-not-yours", check_skill, db, place.outsider, wrong, now=now)
    other = seen("payment", place.learner_id, now, supersedes=check.id)
    refusal("check-not-yours", check_skill, db, place.member, other, now=now)


# slips


def test_somebody_with_a_slip_gets_the_awards_when_the_slip_is_linked(db, place, now):
    slip = walk_in_with_slip(db, place.member, get_session(db, place.session_id), now=now, age_band="45-59")
    pass_all(db, place, now=now, learner_id=slip.learner_id)
    assert open_awards(db, slip.learner_id) == []
    take_over_slip(db, db.get_one(Learner, place.learner_id), slip.code, THEMSELVES, now=now)
    assert len(open_awards(db, place.learner_id)) == 6


# figures


def test_adults_are_counted_once_by_skill_and_in_all_five(db, place, now):
    slip = walk_in_with_slip(db, place.member, get_session(db, place.session_id), now=now, age_band="60-and-over")
    check_skill(db, place.member, seen("safety", slip.learner_id, now), now=now)
    pass_all(db, place, now=now)
    child = walk_in_with_slip(db, place.member, get_session(db, place.session_id), now=now, age_band="14-17")
    check_skill(db, place.member, seen("safety", child.learner_id, now), now=now)
    skilled = count_skilled(db, {place.unit_id}, until=now)
    assert (skilled.by_skill["safety"], skilled.all_five) == (2, 1)
    take_over_slip(db, db.get_one(Learner, place.learner_id), slip.code, THEMSELVES, now=now)
    assert count_skilled(db, {place.unit_id}, until=now).by_skill["safety"] == 1
    assert count_skilled(db, {place.outsider.unit_id}, until=now).all_five == 0


def test_figures_of_the_past_stay_after_a_correction(db, place, now):
    pass_all(db, place, now=now)
    wrong = skills_held(db, place.learner_id)["safety"]
    later = now + timedelta(days=1)
    check_skill(db, place.member, seen("safety", place.learner_id, later, leave_out=1, supersedes=wrong.id), now=later)
    assert count_skilled(db, {place.unit_id}, until=now).all_five == 1
    assert count_skilled(db, {place.unit_id}, until=later).all_five == 0


# the credential


def award_of(db, place, now):
    pass_all(db, place, now=now)
    return next(award for award in awards_of(db, [place.learner_id]) if award.achievement == ALL_FIVE)


def verified(db, token):
    """As a stranger checks it: with the published keys alone."""
    keys = KeySet.import_key_set(json.loads(json.dumps(published_keys(db, ISSUER.base))))
    signed = jws.deserialize_compact(token, keys, ["ES256"])
    return signed.headers(), json.loads(signed.payload)


def test_the_published_keys_verify_a_credential_and_hold_no_private_part(db, place, now):
    award = award_of(db, place, now)
    header, content = verified(db, sign_award(db, award, ISSUER, "vi"))
    assert header["typ"] == "JWT" and header["kid"].startswith("https://portal.example/verify/keys/")
    assert all("d" not in key for key in published_keys(db, ISSUER.base)["keys"])
    assert (content["iss"], content["jti"]) == (content["issuer"]["id"], content["id"])
    assert content["sub"] == content["credentialSubject"]["id"] and content["nbf"] == int(now.timestamp())


@pytest.mark.parametrize("locale", ["vi", "en"])
def test_a_credential_has_the_members_of_open_badges_3(db, place, now, locale):
    _header, content = verified(db, sign_award(db, award_of(db, place, now), ISSUER, locale))
    assert content["@context"][0] == "https://www.w3.org/ns/credentials/v2"
    assert content["@context"][1].startswith("https://purl.imsglobal.org/spec/ob/v3p0/context")
    assert content["type"] == ["VerifiableCredential", "OpenBadgeCredential"]
    assert content["issuer"]["type"] == ["Profile"] and content["validFrom"].endswith("Z")
    subject = content["credentialSubject"]
    assert subject["type"] == ["AchievementSubject"]
    achievement = subject["achievement"]
    assert {"id", "type", "name", "description", "criteria"} <= achievement.keys()
    assert achievement["type"] == ["Achievement"] and achievement["criteria"]["narrative"]
    assert all({"type", "targetName", "targetUrl"} <= one.keys() for one in achievement["alignment"])
    assert {"1.1", "4.1", "0"} <= {one["targetCode"] for one in achievement["alignment"]}
    status = content["credentialStatus"]
    assert status["type"] == "BitstringStatusListEntry" and status["id"].endswith(f"#{status['statusListIndex']}")


def test_a_credential_names_nobody(db, place, now):
    token = sign_award(db, award_of(db, place, now), ISSUER, "vi")
    content = json.dumps(verified(db, token)[1], ensure_ascii=False)
    learner = db.get_one(Learner, place.learner_id)
    hidden = ["Bình", "Nguyễn", "912345214", str(place.person_id), str(learner.id), learner.key.hex()]
    hidden += [str(place.member.account_id), str(place.session_id)]
    assert [secret for secret in hidden if secret in content] == []


def test_a_revoked_award_is_a_bit_in_the_signed_list(db, place, now):
    award = award_of(db, place, now)

    def bit():
        _header, content = verified(db, sign_status_list(db, ISSUER, now=now))
        encoded = content["credentialSubject"]["encodedList"]
        bits = gzip.decompress(base64.urlsafe_b64decode(encoded[1:] + "=" * (-len(encoded[1:]) % 4)))
        assert len(bits) * 8 >= 131072
        return bits[award.status_index // 8] >> (7 - award.status_index % 8) & 1

    assert bit() == 0
    revoke(db, award, RevokedFor.MISUSED, THEMSELVES, now=now)
    assert bit() == 1


def test_a_list_that_is_full_grows_so_that_everybody_still_has_a_bit(db, place, now):
    award = award_of(db, place, now)
    award.status_index = 3 * LIST_LENGTH - 1
    db.flush()
    revoke(db, award, RevokedFor.MISUSED, THEMSELVES, now=now)
    assert list_length(db) == 4 * LIST_LENGTH
    _header, content = verified(db, sign_status_list(db, ISSUER, now=now))
    encoded = content["credentialSubject"]["encodedList"]
    bits = gzip.decompress(base64.urlsafe_b64decode(encoded[1:] + "=" * (-len(encoded[1:]) % 4)))
    assert len(bits) * 8 == 4 * LIST_LENGTH
    assert int.from_bytes(bits, "big").bit_count() == 1
    assert bits[award.status_index // 8] & 1


def test_an_empty_list_has_no_bit_set():
    encoded = encode_list([])
    assert not any(gzip.decompress(base64.urlsafe_b64decode(encoded[1:] + "=" * (-len(encoded[1:]) % 4))))


def test_awards_signed_before_a_change_of_keys_still_verify(db, place, now):
    award = award_of(db, place, now)
    old = sign_award(db, award, ISSUER, "vi")
    make_key(db, 2, now=now)
    new = sign_award(db, award, ISSUER, "vi")
    assert verified(db, old)[0]["kid"] != verified(db, new)[0]["kid"]


def test_a_tampered_credential_does_not_verify(db, place, now):
    head, body, signature = sign_award(db, award_of(db, place, now), ISSUER, "vi").split(".")
    other = (
        base64.urlsafe_b64encode(base64.urlsafe_b64decode(body + "==").replace(b"2026", b"2020")).decode().rstrip("=")
    )
    from joserfc.errors import BadSignatureError

    with pytest.raises(BadSignatureError):
        verified(db, f"{head}.{other}.{signature}")


def test_an_award_is_found_by_its_code_however_it_is_written(db, place, now):
    award = award_of(db, place, now)
    assert find_award(db, award.spaced_code.lower()).id == award.id
    assert find_award(db, "AAAA") is None and find_award(db, "") is None


def test_a_second_check_gives_no_second_award(db, place, now):
    for _ in range(2):
        check_skill(db, place.member, seen("payment", place.learner_id, now), now=now)
    assert db.query(Award).count() == 1


def test_what_was_taken_back_does_not_come_back_with_another_skill(db, place, now):
    later = now + timedelta(hours=1)
    pass_all(db, place, now=now)
    given = {award.achievement: award for award in awards_of(db, [place.learner_id])}
    revoke(db, given["payment"], RevokedFor.MISTAKEN, THEMSELVES, now=later)
    assert set(open_awards(db, place.learner_id)) == set(given) - {"payment", ALL_FIVE}
    revoke(db, given["safety"], RevokedFor.MISUSED, THEMSELVES, now=later)
    check_skill(db, place.member, seen("shopping", place.learner_id, later), now=later + timedelta(minutes=1))
    assert set(open_awards(db, place.learner_id)) == set(given) - {"payment", "safety", ALL_FIVE}
    for number, skill in enumerate(("payment", "safety"), 2):
        check_skill(db, place.member, seen(skill, place.learner_id, later), now=later + timedelta(minutes=number))
    assert set(open_awards(db, place.learner_id)) == set(given)


def test_a_revoked_award_is_given_anew_after_a_new_check(db, place, now):
    check_skill(db, place.member, seen("payment", place.learner_id, now), now=now)
    revoke(db, awards_of(db, [place.learner_id])[0], RevokedFor.MISTAKEN, THEMSELVES, now=now)
    check_skill(db, place.member, seen("payment", place.learner_id, now), now=now)
    assert open_awards(db, place.learner_id) == ["payment"] and db.query(Award).count() == 2
