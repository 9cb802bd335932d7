"""Make what a test needs with few words; each goes through the domain's own verbs."""

from __future__ import annotations

POPULATION = 300
SEED = 20261121


def fill_registers(url: str) -> None:
    """A small deterministic population in both registers."""
    from identity.registers.embedded import open_session
    from identity.registers.synthetic import generate, load

    with open_session(url) as session:
        load(session, generate(POPULATION, SEED))
        session.commit()
