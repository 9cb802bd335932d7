"""Authentication levels as `acr` values and identity levels as `ial` values.

`acr` says how strong this sign-in was (levels 1 to 4 of Decree 69/2024 Art. 20), `ial` how well the person was proven.
"""

from __future__ import annotations

from collections.abc import Iterable

AAL = "urn:vn:eid:aal:"
IAL = "urn:vn:eid:ial:"
HIGHEST_AAL = 2
"""Levels 3 and 4 come from a biometric gateway or an officer's confirmation, which are not connected."""
ACR_VALUES = tuple(f"{AAL}{level}" for level in range(1, HIGHEST_AAL + 1))


def aal_of(acr: str) -> int | None:
    """The authentication level that an `acr` value names; None for a value that we do not know."""
    level = acr.removeprefix(AAL)
    return int(level) if acr.startswith(AAL) and level in {"1", "2", "3", "4"} else None


def ial_claim(level: int) -> str:
    """Level 2 as `urn:vn:eid:ial:2`."""
    return f"{IAL}{level}"


def lowest(acr_values: Iterable[str]) -> int | None:
    """The least level that meets one of the values; None when none of them is ours."""
    return min((level for value in acr_values if (level := aal_of(value))), default=None)


def acr_for(aal: int, asked: Iterable[str]) -> str:
    """The `acr` to answer with: the highest asked value that this sign-in meets, else what it was.

    A stronger sign-in meets a weaker demand, and a client that demands one value compares for equality.
    """
    met = [level for value in asked if (level := aal_of(value)) and level <= aal]
    return f"{AAL}{max(met, default=aal)}"
