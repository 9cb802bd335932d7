"""Charts as SVG made here: no script, no inline style, legible on paper. Words stand in the caller's language.

Colours are those of the style sheet (ink, indigo, lacquer, grid); each meaning has a shape or a word besides.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise

from markupsafe import Markup, escape

from onboarding.figures.registry import Indicator
from onboarding.forecast import Point
from portal.figures.course import Course
from portal.language import _, percent, short_day, short_month

INK, INDIGO, LACQUER, GRID, MUTED, GROUND, GOOD, BAND = (
    "#1B1B1F",
    "#153F6B",
    "#84161B",
    "#D9D3C7",
    "#77716A",
    "#E8E3D9",
    "#0A5C45",
    "#DCE7F3",
)
BULLET = 280, 26
BARE = 24
"""What the right margin is where no forecast has its number there."""
DOTS = 'stroke-width="3" stroke-dasharray="2 7" stroke-linecap="round"'
KEY = 22
"""How tall a line of the key is."""
WEEK = timedelta(days=7)
LONG = 300
"""Days from which the axis tells months: the table under the chart has every day."""


@dataclass(frozen=True, slots=True)
class Frame:
    """The size of a chart and its margins; narrow ones are for phones."""

    width: int
    height: int
    left: int
    right: int
    top: int = 30
    bottom: int = 36


WIDE, NARROW = Frame(760, 360, 56, 150), Frame(360, 300, 50, 14)


def bullet(one: Indicator, share: float | None, target: float | None, label: str) -> Markup:
    """A bar from 0 to 100 % with its target as a mark."""
    width, height = BULLET
    parts = [f'<rect x="0" y="8" width="{width}" height="10" fill="{GROUND}"/>']
    if share is not None:
        colour = GOOD if target is not None and one.is_enough(share, target) else INDIGO
        parts.append(f'<rect x="0" y="8" width="{_clip(share) * width:.1f}" height="10" fill="{colour}"/>')
    if target is not None:
        parts.append(f'<path d="M{min(width - 2, _clip(target) * width):.1f} 1v24" stroke="{INK}" stroke-width="3"/>')
    said = escape(label)
    return Markup(f'<svg viewBox="0 0 {width} {height}" role="img" aria-label="{said}">{"".join(parts)}</svg>')  # noqa: S704


def row_bar(share: float | None, target: float | None) -> Markup:
    """The same in a line of a table, whose cells say it in numbers."""
    parts = ['<rect y="7" width="160" height="8" fill="#E8E3D9"/>']
    if share is not None:
        parts.append(f'<rect y="7" width="{_clip(share) * 160:.1f}" height="8" fill="{INDIGO}"/>')
    if target is not None:
        parts.append(f'<path d="M{min(158, _clip(target) * 160):.1f} 1v20" stroke="{LACQUER}" stroke-width="3"/>')
    return Markup(f'<svg width="160" height="22" viewBox="0 0 160 22" aria-hidden="true">{"".join(parts)}</svg>')  # noqa: S704


def sparkline(history: Sequence[Point]) -> Markup:
    """The last half-year in a line of a table, as tall as it moved; the cells beside it say it in numbers."""
    if len(history) < 2:
        return Markup("")
    low, high = min(one.share for one in history), max(one.share for one in history)
    first, days = history[0].week, (history[-1].week - history[0].week).days
    dots = [
        (4 + 72 * (one.week - first).days / days, 18 - 14 * ((one.share - low) / (high - low) if high > low else 0.5))
        for one in history
    ]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in dots)
    x, y = dots[-1]
    parts = f'<polyline points="{line}" fill="none" stroke="{INDIGO}" stroke-width="2"/>'
    end = f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{INDIGO}"/>'
    return Markup(f'<svg width="80" height="22" viewBox="0 0 80 22" aria-hidden="true">{parts}{end}</svg>')  # noqa: S704


def trend(course: Course, title: str, description: str, frame: Frame, name: str) -> Markup:
    """What was, what is aimed at, what is forecast with its band, and the gap on the target's day."""
    weeks = [point.week for point in course.history] + [band.week for band in course.path]
    if not course.path:
        frame = replace(frame, right=min(frame.right, BARE))
    if course.compared:
        frame = replace(frame, top=frame.top + KEY * 2, height=frame.height + KEY * 2)
    place = _Scale(frame, weeks[0], weeks[-1], _lowest(course))
    parts = [*_grid(place), *_forecast(course, place), *_target(course, place), *_actual(course, place)]
    parts += [*_key(course, place), *_gap(course, place), *_days(weeks, place)]
    head = f'<title id="{name}-t">{escape(title)}</title><desc id="{name}-d">{escape(description)}</desc>'
    size = f'viewBox="0 0 {frame.width} {frame.height}" role="img" aria-labelledby="{name}-t {name}-d"'
    return Markup(f"<svg {size}>{head}{''.join(parts)}</svg>")  # noqa: S704 - drawn by us, words escaped


class _Scale:
    def __init__(self, frame: Frame, first: date, last: date, lowest: float) -> None:
        self.frame, self.first, self.lowest = frame, first, lowest
        self.days = max(1, (last - first).days)

    def x(self, on: date) -> float:
        inner = self.frame.width - self.frame.left - self.frame.right
        return self.frame.left + inner * (on - self.first).days / self.days

    def y(self, share: float) -> float:
        inner = self.frame.height - self.frame.top - self.frame.bottom
        return self.frame.top + (1 - _clip(share)) / (1 - self.lowest) * inner

    def line(self, dots: Sequence[tuple[date, float]]) -> str:
        return " ".join(f"{self.x(on):.1f},{self.y(share):.1f}" for on, share in dots)


def _lowest(course: Course) -> float:
    """Where the axis begins: a fifth below what is drawn, so that a course can be seen; labelled, never hidden."""
    shares = [point.share for point in course.history] + [band.low for band in course.path]
    shares += [share for _week, share in course.compared.beside] if course.compared else []
    return max(0, min(0.8, int(min(shares) * 5) / 5))


def _grid(at: _Scale) -> list[str]:
    frame, parts = at.frame, []
    for fifth in range(6):
        share = fifth / 5
        if share >= at.lowest - 0.001:
            y = at.y(share)
            parts.append(f'<path d="M{frame.left} {y:.1f}H{frame.width - frame.right}" stroke="{GRID}"/>')
            parts.append(f'<text x="{frame.left - 8}" y="{y + 5:.1f}" text-anchor="end">{percent(share, 0)}</text>')
    bottom = frame.height - frame.bottom
    return [*parts, f'<path d="M{frame.left} {bottom}H{frame.width - frame.right}" stroke="{INK}" stroke-width="1.5"/>']


def _actual(course: Course, at: _Scale) -> list[str]:
    """Where weeks are not published, each that is has its mark, so that nobody takes the line between for counted."""
    dots = [(point.week, point.share) for point in course.history]
    (on, share), shape = dots[-1], 'stroke-width="4" stroke-linejoin="round" stroke-linecap="round"'
    x, y = at.x(on), at.y(share)
    anchor, said = "end" if x > at.frame.left + 60 else "start", percent(share)
    has_gaps = any(after - before > WEEK for (before, _share), (after, _other) in pairwise(dots))
    return [
        f'<polyline points="{at.line(dots)}" fill="none" stroke="{INDIGO}" {shape}/>',
        *(
            f'<circle cx="{at.x(week):.1f}" cy="{at.y(known):.1f}" r="5" fill="{INDIGO}"/>'
            for week, known in dots[:-1] * has_gaps
        ),
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="7" fill="#fff" stroke="{INDIGO}" stroke-width="4"/>',
        f'<text class="strong" x="{x - 12:.1f}" y="{_beside(y, at, 14):.1f}" text-anchor="{anchor}">{said}</text>',
    ]


def _forecast(course: Course, at: _Scale) -> list[str]:
    if not course.path:
        return []
    last = course.history[-1]
    start = (last.week, last.share)
    high = [start, *((band.week, band.high) for band in course.path)]
    low = [*((band.week, band.low) for band in reversed(course.path)), start]
    middle = [start, *((band.week, band.middle) for band in course.path)]
    x, frame = at.x(last.week), at.frame
    end = course.path[-1]
    parts = [
        f'<polygon points="{at.line(high)} {at.line(low)}" fill="{BAND}"/>',
        f'<path d="M{x:.1f} {frame.top}V{frame.height - frame.bottom}" stroke="{MUTED}" stroke-dasharray="2 4"/>',
        f'<text x="{x - 6:.1f}" y="{frame.top - 10}" text-anchor="end">{escape(_("Actual"))}</text>',
        f'<text x="{x + 6:.1f}" y="{frame.top - 10}">{escape(_("Forecast"))}</text>',
        f'<polyline points="{at.line(middle)}" fill="none" stroke="{INDIGO}" {DOTS}/>',
    ]
    if course.compared:
        line = at.line([start, *course.compared.beside])
        parts.append(f'<polyline points="{line}" fill="none" stroke="{INK}" stroke-width="1.5"/>')
    if frame.right > 100:
        x, y = frame.width - frame.right + 12, at.y(end.middle)
        span = escape(_("%(low)s to %(high)s", low=percent(end.low, 0), high=percent(end.high, 0)))
        parts.append(f'<text class="strong" x="{x}" y="{y + 1:.1f}">{percent(end.middle)}</text>')
        parts.append(f'<text x="{x}" y="{y + 21:.1f}">{span}</text>')
    return parts


def _key(course: Course, at: _Scale) -> list[str]:
    """What the two lines of the forecast are called, and what each says for the target's day, else at its end."""
    if course.compared is None:
        return []
    band, left = course.at_due or course.path[-1], at.frame.left
    lines = (
        (course.compared.better, band.middle, f'stroke="{INDIGO}" {DOTS}'),
        (course.compared.other, dict(course.compared.beside)[band.week], f'stroke="{INK}" stroke-width="1.5"'),
    )
    parts = []
    for place, (name, share, look) in enumerate(lines):
        y, words = 16 + KEY * place, escape(f"{name[:1].upper()}{name[1:]}: {percent(share)}")
        parts.append(f'<path d="M{left} {y - 5}h28" {look}/><text x="{left + 38}" y="{y}">{words}</text>')
    return parts


def _target(course: Course, at: _Scale) -> list[str]:
    if course.target is None:
        return []
    y, frame = at.y(course.target), at.frame
    words = escape(_("Target %(share)s", share=percent(course.target, 0)))
    line = f'stroke="{LACQUER}" stroke-width="2.5" stroke-dasharray="9 5"'
    return [
        f'<path d="M{frame.left} {y:.1f}H{frame.width - frame.right}" {line}/>',
        f'<text class="strong target" x="{frame.left + 6}" y="{_beside(y, at, 10):.1f}">{words}</text>',
    ]


def _gap(course: Course, at: _Scale) -> list[str]:
    band = course.at_due
    if band is None or course.target is None or band.middle >= course.target:
        return []
    x, low, high = at.x(band.week), at.y(band.middle), at.y(course.target)
    return [
        f'<path d="M{x:.1f} {high:.1f}V{low - 6:.1f}" stroke="{INK}" stroke-width="2"/>',
        f'<circle cx="{x:.1f}" cy="{low:.1f}" r="5" fill="{INDIGO}"/>',
    ]


def _days(weeks: Sequence[date], at: _Scale) -> list[str]:
    """The first and the last week, and some between that have room."""
    few, room, last = (2 if at.frame.width < WIDE.width else 4), 92, weeks[-1]
    kept = [weeks[0]]
    for part in range(1, few):
        one = weeks[len(weeks) * part // few]
        if at.x(one) - at.x(kept[-1]) >= room and at.x(last) - at.x(one) >= room * 1.4:
            kept.append(one)
    ends = [(one, "start" if one == weeks[0] else "middle") for one in kept]
    if at.x(last) - at.x(kept[-1]) >= room:
        ends.append((last, "end"))
    y, word = at.frame.height - 10, short_month if (last - weeks[0]).days > LONG else short_day
    return [f'<text x="{at.x(one):.1f}" y="{y}" text-anchor="{anchor}">{word(one)}</text>' for one, anchor in ends]


def _beside(y: float, at: _Scale, apart: int) -> float:
    """Where a word stands above a line; below it where the chart has no room above."""
    return y - apart if y - apart >= at.frame.top + 4 else y + apart + 12


def _clip(share: float) -> float:
    return max(0.0, min(1.0, share))


def bars(weeks: Sequence[tuple[date, int]], title: str, description: str, frame: Frame, name: str) -> Markup:
    """A number a week, each with its figure above where there is room."""
    most = max(1, *(number for _week, number in weeks))
    inner = frame.width - frame.left - 14
    step, bottom = inner / len(weeks), frame.height - frame.bottom
    parts = [f'<path d="M{frame.left} {bottom}H{frame.left + inner}" stroke="{INK}" stroke-width="1.5"/>']
    for place, (week, number) in enumerate(weeks):
        x, tall = frame.left + step * place, (bottom - frame.top) * number / most
        size = f'width="{step * 0.7:.1f}" height="{tall:.1f}"'
        parts.append(f'<rect x="{x + step * 0.15:.1f}" y="{bottom - tall:.1f}" {size} fill="{INDIGO}"/>')
        if step >= 26:
            middle = f'x="{x + step / 2:.1f}" y="{bottom - tall - 6:.1f}" text-anchor="middle"'
            parts.append(f'<text class="strong" {middle}>{number}</text>')
        if place in {0, len(weeks) - 1} and (place == 0 or inner > 200):
            anchor = "start" if place == 0 else "end"
            at = f'x="{x if place == 0 else x + step:.1f}" y="{frame.height - 10}"'
            parts.append(f'<text {at} text-anchor="{anchor}">{short_day(week)}</text>')
    head = f'<title id="{name}-t">{escape(title)}</title><desc id="{name}-d">{escape(description)}</desc>'
    size = f'viewBox="0 0 {frame.width} {frame.height}" role="img" aria-labelledby="{name}-t {name}-d"'
    return Markup(f"<svg {size}>{head}{''.join(parts)}</svg>")  # noqa: S704 - drawn by us, words escaped
