"""All use cases in one value; drivers take what they need from it."""

from dataclasses import dataclass

from moorings.catalog.catalog import Catalog
from moorings.domain.ids import Clock
from moorings.domain.span import Tracer
from moorings.providers.shares import Shares
from moorings.services.access import Access
from moorings.services.api_keys import ApiKeys
from moorings.services.arrivals import Arrivals
from moorings.services.checks import Checks
from moorings.services.comparison import Comparisons
from moorings.services.credentials import Credentials
from moorings.services.denials import Denials
from moorings.services.events import Events
from moorings.services.execution import Execution
from moorings.services.forwarding import Forwarding
from moorings.services.housekeeping import Housekeeping
from moorings.services.idempotency import Idempotency
from moorings.services.inbox import Inbox
from moorings.services.indexes import Indexes
from moorings.services.integrations import Integrations
from moorings.services.jobs import Jobs
from moorings.services.limits import Limits
from moorings.services.managed_bots import ManagedBots
from moorings.services.owners import Owners
from moorings.services.readiness import Readiness
from moorings.services.rekey import Rekey
from moorings.services.root_keys import RootKeys
from moorings.services.slack import Slack
from moorings.services.slack_authorisation import SlackAuthorisation
from moorings.services.soundness import Soundness
from moorings.services.telegram import Telegram
from moorings.services.tools import Tools
from moorings.services.trail import Trail
from moorings.services.vector_configs import VectorConfigs


@dataclass(frozen=True, slots=True)
class Hub:
    """What Moorings can do."""

    catalog: Catalog
    access: Access
    api_keys: ApiKeys
    arrivals: Arrivals
    checks: Checks
    comparisons: Comparisons
    credentials: Credentials
    denials: Denials
    events: Events
    execution: Execution
    forwarding: Forwarding
    housekeeping: Housekeeping
    idempotency: Idempotency
    indexes: Indexes
    inbox: Inbox
    integrations: Integrations
    jobs: Jobs
    limits: Limits
    managed_bots: ManagedBots
    owners: Owners
    readiness: Readiness
    rekey: Rekey
    shares: Shares
    root_keys: RootKeys
    slack: Slack
    soundness: Soundness
    slack_authorisation: SlackAuthorisation
    telegram: Telegram
    tools: Tools
    vector_configs: VectorConfigs
    trail: Trail
    now: Clock
    tracer: Tracer
    public_url: str
