"""Small numbers protected: a group of few people is not shown, nor what would give it away.

Where one group alone is hidden, the total minus the others tells it; so the next smallest is hidden, too, until what is
hidden adds up to the threshold and is more than one group (complementary suppression).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Share:
    """So many refused of so many decided in a group; both None where the group is too small to show."""

    name: str
    decided: int | None
    refused: int | None

    @property
    def percent(self) -> int | None:
        """Refused in whole percent; None where hidden or nothing was decided."""
        if not self.decided or self.refused is None:
            return None
        return round(100 * self.refused / self.decided)


def protected(groups: Iterable[Share], threshold: int) -> list[Share]:
    """The groups by name, the small ones and their complement hidden."""
    shares = sorted(groups, key=lambda share: share.name)
    counts = {share.name: share.decided or 0 for share in shares}
    hidden = {name for name, count in counts.items() if 0 < count < threshold}
    rest = sorted((name for name in counts if name not in hidden and counts[name]), key=lambda name: counts[name])
    while hidden and rest and (len(hidden) == 1 or sum(counts[name] for name in hidden) < threshold):
        hidden.add(rest.pop(0))
    return [replace(share, decided=None, refused=None) if share.name in hidden else share for share in shares]
