"""The vector stores: their configurations, what is asked of them beside tools, and the checks of all that is stored."""

from moorings.app.clock import now
from moorings.app.ground import Ground, able
from moorings.domain.job import JobKind
from moorings.services.checks import Checks
from moorings.services.indexes import Indexes
from moorings.services.outages import Outages
from moorings.services.vector_configs import VectorConfigs


def wired(ground: Ground) -> Indexes:
    """Vectorize and Weaviate."""
    checks = Checks(ground.connections, ground.providers, ground.sealing, ground.database, now, Outages(now))
    ground.jobs.on(JobKind.CHECK, checks.due)
    stores = {name: each.store for name, each in ground.providers.items() if each.store}
    configs = VectorConfigs(
        ground.catalog, stores, checks, ground.sealing, ground.states, ground.database, ground.environments, now
    )
    vectorize, weaviate = ground.providers["vectorize"], ground.providers["weaviate"]
    return Indexes(configs, able(vectorize.indexes), able(weaviate.collections))
