"""The composition root: settings become collaborators, collaborators services, services drivers."""

from moorings.app.beginning import Begin
from moorings.app.clock import now
from moorings.app.configuration import catalogue, key_source, networks, proxies, upstreams
from moorings.app.lifetime import Running, attesting, running

__all__ = [
    "Begin", "Running", "attesting", "catalogue", "key_source", "networks", "now", "proxies", "running", "upstreams",
]  # fmt: skip
