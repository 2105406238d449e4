"""Saving credentials: who is asked about them, and what is done at the provider when they go."""

from collections.abc import Mapping

from moorings.app.clock import now
from moorings.app.ground import Ground
from moorings.domain.job import JobKind
from moorings.services.credentials import Credentials, Farewell
from moorings.services.revocations import Revocations


def wired(ground: Ground, farewells: Mapping[str, Farewell]) -> Credentials:
    """Saving and deleting, with what is revoked afterwards."""
    revokers = {name: each.revoker for name, each in ground.providers.items() if each.revoker}
    verifiers = {name: each.verifier for name, each in ground.providers.items() if each.verifier}
    revocations = Revocations(revokers, ground.sealing)
    ground.jobs.on(JobKind.REVOKE, revocations.due)
    return Credentials(
        ground.connections, verifiers, ground.sealing, ground.database, ground.environments, now, farewells, revocations
    )
