"""What installs and manages bots."""

from collections.abc import Mapping
from dataclasses import dataclass

from moorings.app import configuration
from moorings.app.clock import now
from moorings.app.events import Way
from moorings.app.ground import Ground, able
from moorings.domain.job import JobKind
from moorings.providers.contract import Revoker
from moorings.services.arrivals import Arrivals
from moorings.services.binding import Binding
from moorings.services.installing import Installing
from moorings.services.integrations import Integrations
from moorings.services.managed_bots import ManagedBots
from moorings.services.managing_bot import ManagedBotRevoker, ManagingBot
from moorings.services.polling import Polling
from moorings.services.slack import Slack
from moorings.services.slack_authorisation import SlackAuthorisation
from moorings.services.telegram import Telegram
from moorings.services.uninstalling import Farewell


@dataclass(frozen=True, slots=True)
class Bots:
    """Slack's and Telegram's, installed one by one or made by a bot of ours."""

    slack: Slack
    authorisation: SlackAuthorisation
    telegram: Telegram
    managed: ManagedBots
    arrivals: Arrivals

    @property
    def farewells(self) -> Mapping[str, Farewell]:
        """What is done at a provider before its installation goes."""
        return {"telegram": self.telegram.farewell}

    @property
    def managed_revokers(self) -> Mapping[str, Revoker]:
        """What ends the token of a bot that we manage; nothing where no manager is configured."""
        managing = self.telegram.managing
        return {"telegram": ManagedBotRevoker(managing)} if managing.token else {}


def wired(ground: Ground, integrations: Integrations, way: Way) -> Bots:
    """All of it, with the jobs that finish what is begun at a provider."""
    database, settings = ground.database, ground.settings
    installing = Installing(ground.connections, ground.sealing, database, ground.environments, way.forwarding, now)
    slack, host = ground.providers["slack"], able(ground.providers["telegram"].bot_host)
    managing = ManagingBot(host, configuration.manager(settings), now)
    workspaces = Slack(installing, able(slack.messenger), integrations, now, settings.reached_at)
    telegram = Telegram(installing, host, ground.jobs, now, settings.webhook_base, managing)
    bots = Bots(
        slack=workspaces,
        authorisation=SlackAuthorisation(workspaces, database, now),
        telegram=telegram,
        managed=ManagedBots(telegram, Binding(telegram, database, now), database, now),
        arrivals=Arrivals(telegram, database, now),
    )
    _work(ground, bots, way)
    return bots


def _work(ground: Ground, bots: Bots, way: Way) -> None:
    jobs = ground.jobs
    jobs.on(JobKind.REFRESH, bots.authorisation.refresh)
    jobs.on(JobKind.REPAIR, bots.telegram.repair)
    jobs.on(JobKind.BIND, bots.managed.binding.bind)
    jobs.on(JobKind.MANAGE, bots.arrivals.listen)
    jobs.on(JobKind.POLL, Polling(bots.telegram, bots.arrivals, way.inbox, ground.database, now).poll)
