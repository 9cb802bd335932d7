"""The fifteen acceptance tests that complaints about comparable systems led to, each with the tests that prove it.

Numbers and words are those of the shared reference on community teams, section 6. A name that no longer exists fails.
"""

from __future__ import annotations

import ast
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from onboarding.figures.periods import read_period
from onboarding.indicators import Ratio
from tests.onboarding.figures_scene import count_all, pair
from tests.onboarding.scene import communes
from tests.onboarding.test_figures import issued

ROOT = Path(__file__).parents[1]
PROVEN = {
    "1 the same event five times is one event, other content under its name is refused with a reason": {
        "onboarding/test_assistance.py": "the_same_record_sent_five_times_is_one_record "
        "other_content_under_the_same_name_is_a_conflict_and_the_first_stays",
        "onboarding/test_sending.py": "any_order_duplication_and_loss_ends_in_one_truth",
        "races/test_sync.py": "one_batch_in_sixteen_orders_is_stored_once",
        "browser/test_offline.py": "fifty_records_in_two_browsers_over_a_flapping_network_are_each_stored_once "
        "a_new_version_never_drops_the_outbox",
    },
    "2 the outbox survives reload, signing out, update, a full disk, 30 days; it says what is not on the server": {
        "browser/test_offline.py": "a_record_takes_eight_taps_and_is_there_after_an_offline_reload "
        "a_new_version_in_the_middle_of_typing_takes_nothing_away "
        "signing_out_with_records_unsent_asks_and_keeps_them_for_their_member "
        "a_killed_browser_keeps_the_outbox_and_nothing_readable a_full_phone_says_so_and_keeps_what_was_typed "
        "a_reminder_comes_from_the_seventh_day",
        "browser/test_offline_cases.py": "after_a_month_without_network_and_without_a_session_nothing_is_lost",
        "browser/test_corrections.py": "the_servers_version_is_kept_also_while_it_does_not_count_yet",
    },
    "3 a correction before its original waits, visible, and is flagged after five days": {
        "onboarding/test_sending.py": "a_correction_before_its_original_waits_and_then_counts "
        "a_correction_whose_original_never_comes_is_shown_after_five_days "
        "a_correction_of_what_was_turned_away_does_not_wait_for_ever",
        "browser/test_corrections.py": "a_correction_before_its_original_is_held_until_that_comes",
    },
    "4 what a member did before leaving waits for the coordinator, what came later is refused": {
        "onboarding/test_sending.py": "what_a_former_member_did_before_leaving_waits_for_the_coordinator "
        "what_was_done_on_the_very_day_of_leaving_is_not_lost",
        "browser/test_offline_cases.py": "who_left_still_hands_in_what_was_done_before_and_writes_nothing_new",
    },
    "5 figures never fall to 0/0 at the turn of a month": {
        "onboarding/test_acceptance.py": "at_the_turn_of_a_month_no_figure_falls",
    },
    "6 a province is the sum of numerators over the sum of denominators": {
        "onboarding/test_indicators.py": "a_province_is_the_sum_of_its_communes_not_the_mean_of_shares",
        "onboarding/test_figures.py": "a_province_is_the_sum_of_its_communes_and_the_nation_of_all "
        "every_figure_equals_a_recount_by_plain_sql",
    },
    "7 what becomes zero is exported as zero, deletions are explicit": {
        "onboarding/test_figures.py": "what_becomes_nothing_is_an_explicit_zero",
        "feeds/test_push.py": "the_figures_arrive_once_with_zeros_a_key_and_a_digest "
        "what_is_no_longer_published_is_deleted_in_words",
    },
    "8 a merged unit is shown by both maps, and the sums hold": {
        "onboarding/test_map.py": "sums_hold_whatever_became_of_the_units "
        "the_parts_of_a_split_unit_and_what_nobody_can_place_sum_up_to_it "
        "a_merged_village_leads_to_the_one_it_went_into_and_figures_follow",
        "onboarding/test_figures_maps.py": "a_merged_commune_counts_in_what_followed_it_and_stays_as_it_was",
    },
    "9 two helpers who log one person made two visits and reached one": {
        "onboarding/test_figures_people.py": "two_helpers_who_record_the_same_person_have_reached_one_and_made_two"
        "_visits",
    },
    "10 goals may differ between neighbours, with one definition": {
        "onboarding/test_goals.py": "the_goal_of_the_unit_itself_comes_before_that_of_the_province",
        "portal/figures/test_keys.py": "a_team_stands_against_the_targets_of_its_unit_and_what_it_did_before",
    },
    "11 a wrong clock is flagged, a check-in tolerates the stated margin": {
        "onboarding/test_assistance.py": "a_wrong_clock_is_noticed",
        "onboarding/test_sending.py": "the_phones_clock_is_noted",
        "onboarding/test_attendance.py": "the_code_changes_every_15_seconds_and_is_taken_2_seconds_longer",
        "browser/test_offline_cases.py": "a_wrong_clock_is_said_and_the_record_carries_the_servers_time",
    },
    "12 no table, total, complement or difference of weeks gives a small cell away": {
        "onboarding/test_published.py": "no_difference_of_published_figures_gives_a_small_count_away "
        "the_difference_to_the_denominator_is_guarded_too",
        "onboarding/test_figures_attack.py": "groups_give_nothing_small_away_and_nor_do_those_who_are_left",
        "feeds/test_attack.py": "all_formats_together_give_no_small_count_away",
    },
    "13 a withdrawn consent ends the link, counts follow, the audit keeps the fact alone": {
        "onboarding/test_assistance.py": "a_withdrawn_consent_takes_the_confirmation_back",
        "onboarding/test_figures_people.py": "a_withdrawn_consent_ends_the_link_and_the_counts_follow",
        "identity/test_helping.py": "withdrawal_cuts_the_link_and_ends_the_codes facts_of_the_audit_hold_no_code",
    },
    "14 searches, logs, exports and badges name nobody; free text is checked": {
        "browser/test_no_person.py": "the_phone_keeps_nobody logs_searches_exports_and_awards_name_nobody",
        "onboarding/test_free_text.py": "what_tells_who_it_was_is_found_however_it_is_written",
        "browser/test_offline.py": "the_phone_finds_what_the_server_finds",
    },
    "15 a forecast without enough data says so": {
        "onboarding/test_forecast.py": "seven_points_are_refused_and_eight_are_not "
        "a_ward_with_a_goal_and_few_weeks_is_refused_and_says_so",
        "portal/figures/test_course.py": "a_forecast_of_nothing_is_not_shown",
    },
}


def test_there_are_fifteen():
    assert [int(words.split()[0]) for words in PROVEN] == list(range(1, 16))


@pytest.mark.parametrize("words", PROVEN)
def test_each_is_proven_by_tests_that_are_there(words):
    for path, names in PROVEN[words].items():
        found = ast.walk(ast.parse((ROOT / path).read_text("utf-8")))
        there = {node.name.removeprefix("test_") for node in found if isinstance(node, ast.FunctionDef)}
        assert set(names.split()) - there == set(), path


def test_at_the_turn_of_a_month_no_figure_falls(db, now):
    """Acceptance test 5: the month that is over keeps its figure, the new one has none yet, which is not 0 %."""
    here, moment = communes(db)[0], now.replace(day=23)
    for _ in range(3):
        issued(db, here, moment)
    november, december = (read_period(code, on=date(2026, 12, 1)) for code in ("2026-11", "2026-12"))
    count_all(db, moment)
    before = pair(db, "issued-of-applied", here.id, november)
    turn = datetime(2026, 11, 30, 17, tzinfo=UTC)  # midnight in Vietnam
    for at in (turn - timedelta(seconds=1), turn, turn + timedelta(minutes=5)):
        count_all(db, at)
        assert pair(db, "issued-of-applied", here.id, november) == before == (3, 3)
        assert pair(db, "issued-of-applied", here.id) == (3, 3)
    assert Ratio(*pair(db, "issued-of-applied", here.id, december)).share is None
