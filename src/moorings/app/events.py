"""What takes events in and passes them on."""

from dataclasses import dataclass

from moorings.app.clock import now
from moorings.app.ground import Ground
from moorings.domain.job import JobKind
from moorings.providers.receiver import Receiver
from moorings.services.contents import Contents
from moorings.services.deliveries import Deliveries
from moorings.services.events import Events
from moorings.services.forward_secrets import ForwardSecrets
from moorings.services.forwarding import Forwarding
from moorings.services.inbox import Inbox


@dataclass(frozen=True, slots=True)
class Way:
    """An event's way: in from its provider, kept, and on to a forward address."""

    inbox: Inbox
    events: Events
    forwarding: Forwarding


def wired(ground: Ground, receiver: Receiver) -> Way:
    """The way from every provider that sends events to whoever listens at forward addresses."""
    database, jobs, contents = ground.database, ground.jobs, Contents(ground.vault, ground.owner_keys)
    secrets = ForwardSecrets(ground.vault, ground.owner_keys, database, now)
    jobs.on(JobKind.DELIVER, Deliveries(receiver, contents, secrets, database, now).deliver)
    listeners = {name: each.inbound for name, each in ground.providers.items() if each.inbound}
    return Way(
        inbox=Inbox(listeners, ground.sealing, contents, database, jobs, now),
        events=Events(ground.connections, contents, database, jobs, now),
        forwarding=Forwarding(ground.connections, receiver, secrets, database, now),
    )
