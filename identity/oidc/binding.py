"""What a token is bound to: the key of a DPoP proof or a client certificate (RFC 7800 `cnf`, RFC 8705, RFC 9449)."""

from __future__ import annotations

from dataclasses import dataclass

DPOP = "jkt"
CERTIFICATE = "x5t#S256"


@dataclass(frozen=True, slots=True)
class Binding:
    """A thumbprint and its kind. Whoever shows the token has to show this key too."""

    kind: str
    thumbprint: str

    @property
    def cnf(self) -> dict[str, str]:
        """As a confirmation claim."""
        return {self.kind: self.thumbprint}

    @property
    def stored(self) -> str:
        """As one word for a column."""
        return f"{self.kind}={self.thumbprint}"


def restored(stored: str | None) -> Binding | None:
    """The inverse of `stored`; None stands for a token that whoever holds it may use."""
    if stored is None:
        return None
    kind, _, thumbprint = stored.partition("=")
    return Binding(kind, thumbprint)
