"""The two ways of a forecast side by side: which was more exact so far, and what each says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from onboarding.forecast import Band, Forecast
from onboarding.forecast.shape import DAMPED, RUN_RATE
from portal.figures.words import WAYS
from portal.language import _, percent
from portal.language import day as day_word

LAST = timedelta(days=6)


@dataclass(frozen=True, slots=True)
class Compared:
    """`better` and `other` are what the ways are called; `beside` is what the other one says, by week of the path."""

    better: str
    other: str
    beside: tuple[tuple[date, float], ...]


def compared(forecast: Forecast | None) -> Compared | None:
    """None where nothing is forecast, or where it was kept before the other way was told."""
    if forecast is None or not forecast.beside:
        return None
    weeks = [band.week for band in forecast.path]
    better, other = (RUN_RATE, DAMPED) if forecast.model == RUN_RATE else (DAMPED, RUN_RATE)
    return Compared(str(WAYS[better]), str(WAYS[other]), tuple(zip(weeks, forecast.beside, strict=True)))


def tried(forecast: Forecast | None, at_due: Band | None, due: date | None) -> list[str]:
    """How both did on weeks that are over, which of them makes the forecast, and what each says for the target's day.

    Where the path does not reach that day, what they say for its end.
    """
    if forecast is None or forecast.backtest is None:
        return []
    said, test = [_of_test(forecast)], forecast.backtest
    if forecast.model == DAMPED:
        said.append(_("The model was more exact, so it makes this forecast."))
    elif test.baseline_error < test.model_error:
        said.append(_("The plain run rate was more exact, so it makes this forecast, and not the model."))
    else:
        said.append(_("Both were equally exact, so the simpler one makes this forecast: the plain run rate."))
    found = compared(forecast)
    if found is not None:
        band = at_due or forecast.path[-1]
        on = due if at_due and due else band.week + LAST
        said.append(_by_day(found, on, band.middle, dict(found.beside)[band.week]))
    return [str(one) for one in said]


def _of_test(forecast: Forecast) -> str:
    test = forecast.backtest
    assert test is not None
    return str(
        _(
            "Tried %(points)s times on weeks that are over: the model was off by %(model)s, a plain run rate by "
            "%(plain)s; %(coverage)s of the tries lay in the band.",
            points=test.points,
            model=percent(test.model_error),
            plain=percent(test.baseline_error),
            coverage=percent(test.coverage, 0),
        )
    )


def _by_day(found: Compared, on: date, share: float, beside: float) -> str:
    return str(
        _(
            "By %(day)s: %(better)s %(share)s, %(other)s %(beside)s (the thin line).",
            day=day_word(on),
            better=found.better,
            share=percent(share),
            other=found.other,
            beside=percent(beside),
        )
    )
