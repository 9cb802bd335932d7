"""What a copy of one's data leaves out, table by table, with the reason; and the columns that are secrets."""

from __future__ import annotations

from collections.abc import Mapping

LEFT_OUT: Mapping[str, str] = {
    "application_draft": "sealed under a token that only the browser knows; what was sent is in the application",
    "audit_archive": "seals over the audit trail, about nobody",
    "audit_checkpoint": "seals over the audit trail, about nobody",
    "audit_node": "seals over the audit trail, about nobody",
    "audit_seal": "seals over the audit trail, about nobody",
    "audit_retired_key": "a key of the portal",
    "award_key": "a key of the portal",
    "breach": "incidents, about nobody; whom one concerned is in the copy (`breach_person`, `breach_applicant`)",
    "campaign": "a plan of an authority, about nobody",
    "campaign_group": "a plan of an authority, about nobody",
    "campaign_result": "figures that were reached, about nobody",
    "campaign_target": "figures to be reached, about nobody",
    "campaign_task": "work of members of staff, about no resident",
    "campaign_task_change": "work of members of staff, about no resident",
    "campaign_unit": "places, about nobody",
    "chore_run": "work of the portal, about nobody",
    "check_in_miss": "a count that slows down guessing",
    "conflict_of_interest": "what officers declared about themselves; it keeps them away from a file",
    "counter_secret": "the digest of a secret, and nothing else about the person",
    "course": "a plan of a team, about nobody",
    "data_export": "the copies themselves",
    "dossier_counter": "a counter of the portal",
    "feed_delivery": "figures about nobody, sent to systems of other bodies",
    "feed_figure": "figures about nobody",
    "feed_subscription": "systems of other bodies, about nobody",
    "figure_clock": "figures about nobody",
    "figure_day": "figures about nobody",
    "figure_warning": "work of members of staff, about no resident",
    "figure_warning_step": "work of members of staff, about no resident",
    "forecast": "figures about nobody",
    "help_code_miss": "a count that slows down guessing, of helpers",
    "indicator_fact": "figures about nobody",
    "job": "work of the portal; what it is about is in the table it works on",
    "key_check": "checks of the portal's keys",
    "key_use": "which key of the portal is used",
    "local_platform": "a list kept by coordinators",
    "office": "places, about nobody",
    "office_closure": "days of an office, about nobody",
    "one_time_code": "digests of codes, gone within a day",
    "paper_key": "a key of the portal",
    "pause_wish": "somebody asked to stop new sign-ins; gone within seconds, and the pause itself is in the copy",
    "published_move": "figures about nobody",
    "published_span": "figures about nobody",
    "pushed_request": "a service's request, before anybody is known",
    "queue_number": "a number without a name",
    "reference_count": "numbers from published papers, about nobody",
    "register_route": "which register is asked, about nobody",
    "register_lookup": "keyed digests that slow down guessing, gone within days",
    "relying_party": "services, about nobody",
    "retention_report": "figures about nobody",
    "rule_change": "rules with numbers, about nobody",
    "role_review": "that roles of members of staff were looked through",
    "signing_key": "a key of the portal",
    "spent": "digests of what was used once",
    "staff_role": "held by members of staff only",
    "team": "teams, about nobody",
    "throttle_count": "keyed digests that slow down guessing, gone within the hour",
    "ticket": "digests of codes, gone when they end",
    "training_session": "a plan of a team, about nobody",
    "unit": "places, about nobody",
    "unit_designation": "places, about nobody",
    "unit_succession": "places, about nobody",
}
WORK = frozenset(
    {
        "assistance_event",
        "assistance_held",
        "badge",
        "delegation",
        "outreach_call",
        "referral",
        "scam_report",
        "shift",
        "team_member",
    }
)
"""Records of helpers: their `account_id` is the helper's. They are found by the pseudonym of who was helped, or are
about members of staff only."""
NOT_ABOUT_RESIDENTS = frozenset({"badge", "referral", "scam_report", "shift", "team_member"})
"""Those of `WORK` that lead to no resident at all: written by members, with no one's name."""
SECRET = frozenset(
    {
        "password_hash",
        "totp_secret_sealed",
        "totp_step",
        "recovery_sealed",
        "account_sealed",
        "code_sealed",
        "payload_sealed",
        "private_sealed",
        "activation.totp_secret_sealed",
        "passkey_sealed",
        "sheet_sealed",
        "sid",
        "version",
    }
)
"""Columns whose value opens something, or means nothing outside."""
