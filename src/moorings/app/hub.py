"""All use cases, put together: a table of contents."""

import time
from collections.abc import Mapping
from datetime import timedelta

from moorings.app import access, bots, configuration, credentials, events, vectors
from moorings.app.bots import Bots
from moorings.app.clock import now
from moorings.app.events import Way
from moorings.app.ground import Ground
from moorings.domain.caller import Caller
from moorings.providers.receiver import Receiver
from moorings.services.answer_room import AnswerRoom
from moorings.services.api_keys import ApiKeys
from moorings.services.comparison import Comparisons
from moorings.services.denials import Denials
from moorings.services.execution import Execution
from moorings.services.forwarding import Forwarding
from moorings.services.housekeeping import Housekeeping
from moorings.services.hub import Hub
from moorings.services.idempotency import Idempotency
from moorings.services.indexes import Indexes
from moorings.services.integrations import Integrations
from moorings.services.key_uses import KeyUses
from moorings.services.limits import Limits
from moorings.services.readiness import Readiness
from moorings.services.rekey import Rekey
from moorings.services.soundness import Soundness
from moorings.services.tool_uses import ToolUses
from moorings.services.tools import Tools
from moorings.services.trail import Trail
from moorings.vault.notary import RootKeyNotary


def wired(ground: Ground, receiver: Receiver, callers: Mapping[bytes, Caller]) -> Hub:
    """Everything that Moorings can do on this ground."""
    way, indexes = events.wired(ground, receiver), vectors.wired(ground)
    integrations = _integrations(ground, way.forwarding)
    return _hub(ground, callers, integrations, way, bots.wired(ground, integrations, way), indexes)


def _hub(
    ground: Ground, callers: Mapping[bytes, Caller], integrations: Integrations, way: Way, installed: Bots,
    indexes: Indexes,
) -> Hub:  # fmt: skip
    database, owners, settings = ground.database, ground.owners, ground.settings
    notary, uses, environments = RootKeyNotary(ground.keyring), KeyUses(database), ground.environments
    return Hub(
        # What can be connected, and what is
        catalog=ground.catalog,
        tools=Tools(ground.catalog),
        integrations=integrations,
        credentials=credentials.wired(ground, installed),
        checks=indexes.configs.checks,
        comparisons=Comparisons(integrations, ground.sealing, database),
        # Who calls, and how often
        access=access.wired(ground, callers, uses),
        api_keys=ApiKeys(database, environments, now, uses),
        owners=owners,
        limits=Limits(configuration.quotas(settings), time.monotonic),
        denials=Denials(database, now),
        idempotency=Idempotency(ground.vault, ground.owner_keys, database, now, AnswerRoom(database, now)),
        # What connections do
        execution=_execution(ground),
        slack=installed.slack,
        slack_authorisation=installed.authorisation,
        telegram=installed.telegram,
        managed_bots=installed.managed,
        arrivals=installed.arrivals,
        inbox=way.inbox,
        events=way.events,
        forwarding=way.forwarding,
        vector_configs=indexes.configs,
        indexes=indexes,
        shares=ground.transport.shares,
        # What keeps it
        root_keys=ground.root_keys,
        readiness=Readiness(ground.root_keys, database),
        rekey=Rekey(ground.vault, database, owners, notary, now),
        trail=Trail(database, environments, owners, notary),
        housekeeping=Housekeeping(database, now, timedelta(days=settings.event_days)),
        soundness=Soundness(database, environments),
        jobs=ground.jobs,
        now=now, tracer=ground.tracer, public_url=settings.reached_at,
    )  # fmt: skip


def _integrations(ground: Ground, forwarding: Forwarding) -> Integrations:
    return Integrations(
        ground.catalog, ground.connections, ground.states, ground.database, ground.environments, forwarding, now
    )


def _execution(ground: Ground) -> Execution:
    return Execution(
        ground.connections, ground.states, ground.providers, ground.vault, ground.owner_keys, ground.database,
        ground.environments, ToolUses(ground.database, now), ground.settings.reached_at,
    )  # fmt: skip
