"""How the operator's pages name clocks and long work; the name in the code stays beside, for the logs."""

from __future__ import annotations

from typing import Any

from portal.language import _l
from portal.words.entry_codes import calls

CLOCKS: dict[str, Any] = {
    "outbox.expire": _l("Drop messages that came too late to be of use"),
    "once.sweep": _l("Clear codes and links that have ended"),
    "credentials.throttle.sweep": _l("Forget old failed sign-ins"),
    "credentials.qr.sweep": _l("Clear sign-ins by QR that have ended"),
    "recovery.begin.sweep": _l("Clear recoveries that nobody went on with"),
    "activation.journey.sweep": _l("Clear activations that nobody went on with"),
    "oidc.sweep.sweep": _l("Clear what sign-ins to services left behind"),
    "application.lookup.purge_lookups": _l("Forget look-ups in the registers"),
    "application.review.abandon_unanswered": _l("Close applications whose supplement never came"),
    "application.review.apologise_when_late": _l("Apologise to applicants who wait too long"),
    "application.break_glass.end_unanswered": _l("End wishes to see a file of another office that nobody answered"),
    "application.warnings.warn_supervisors": _l("Warn supervisors of applications that are late"),
    "late_work.warn_of_late_work": _l("Warn supervisors of complaints, requests and tasks that are late"),
    "application.filling.start_filling": _l("Complete applications of an earlier release"),
    "reminders.start_the_days_reminders": _l("Remind people to activate"),
    "paper_ends.start_the_days_ends": _l("Note papers that end today"),
    "guardians.hand_over.start_the_days_hand_overs": _l("Tell children who come of age"),
    "appointments.reminders.remind": _l("Remind people of appointments"),
    "appointments.reminders.start_the_hours_settling": _l("Settle appointments that nobody came to"),
    "retention.run.start_the_days_purge": _l("Erase data whose time is over"),
    "staff.idle.shut_idle": _l("Shut accounts of staff that nobody uses"),
    "breaches.record.warn_of_clocks": _l("Warn of breaches that must be told"),
    "rotation.stages.go_on": _l("Go on with a change of keys"),
    "villages.follow_communes": _l("Move villages of communes that ended to those that followed"),
    "figures.refresh.refresh": _l("Reckon the figures anew"),
    "figures.published.publish_once_a_day": _l("Publish the day's figures"),
    "campaign.overdue.warn_of_overdue": _l("Warn of tasks that are past their day"),
    "warnings.watching.look_once_a_day": _l("Look for what is odd in the figures"),
    "warnings.handling.raise_overdue": _l("Hand warnings past their day to the office above"),
    "forecast.making.forecast_once_a_day": _l("Forecast where the figures are going"),
    "feeds.moves.note_moves": _l("Note which published figures may have changed"),
    "feeds.deliveries.begin_passes": _l("Send published figures to other systems"),
    "helping.code.forget_help_codes": _l("Forget help codes that no record can bring any more"),
    "sign_up.forget_who_came": _l("Forget whom to tell about training sessions that are over"),
    "feeds.deliveries.forget_old": _l("Forget old receipts of other systems"),
}
"""By `portal.chores.name_of`."""
KINDS_OF_WORK: dict[str, Any] = {
    "activation-reminders": _l("Remind people to activate"),
    "ended-papers": _l("Note papers that end today"),
    "hand-overs": _l("Tell children who come of age"),
    "appointments-settled": _l("Settle appointments that nobody came to"),
    "retention": _l("Erase data whose time is over"),
    "recovery-messages": _l("Tell people of a recovery of their account"),
    "pauses": _l("Pause accounts as people asked"),
    "data-export": _l("Make copies of data that people asked for"),
    "breach-notices": _l("Tell the people whom a breach concerns"),
    "keys-encryption": _l("Write anew what lies under an older key"),
    "keys-blind-index": _l("Index anew with the newer key"),
    "application-groups": _l("Complete applications of an earlier release"),
    "publish-figures": _l("Publish the day's figures"),
    "look-for-warnings": _l("Look for what is odd in the figures"),
    "make-forecasts": _l("Forecast where the figures are going"),
    "make-deliveries": _l("Send published figures to other systems"),
    "helped-learners": _l("Find the learners among people helped under an earlier release"),
}
"""By the kind of a job, as in `portal.chores.STEPS`."""
calls("kind", KINDS_OF_WORK)
