"""Saving credentials: who is asked about them, and what is done at the provider when they go."""

from moorings.app.bots import Bots
from moorings.app.clock import now
from moorings.app.ground import Ground
from moorings.domain.job import JobKind
from moorings.services.credentials import Credentials
from moorings.services.revocations import Revocations
from moorings.services.uninstalling import Uninstalling


def wired(ground: Ground, bots: Bots) -> Credentials:
    """Saving and deleting, with what is revoked afterwards."""
    revokers = {name: each.revoker for name, each in ground.providers.items() if each.revoker}
    verifiers = {name: each.verifier for name, each in ground.providers.items() if each.verifier}
    revocations = Revocations(revokers, ground.sealing, ground.catalog, bots.managed_revokers)
    ground.jobs.on(JobKind.REVOKE, revocations.due)
    uninstalling = Uninstalling(ground.sealing, ground.environments, revocations, bots.farewells)
    return Credentials(
        ground.connections, verifiers, ground.sealing, ground.database, ground.environments, now, uninstalling,
        revocations,
    )  # fmt: skip
