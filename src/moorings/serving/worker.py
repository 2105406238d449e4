"""What works on jobs beside the calls: the server by itself, or Procrastinate."""

from importlib import import_module
from typing import Any, Protocol

from moorings.errors import NotInstalled
from moorings.services.job_loop import JobLoop
from moorings.services.jobs import Jobs
from moorings.settings import Settings


class Worker(Protocol):
    """What works on jobs until it is ended."""

    async def serve(self) -> None:
        """Work."""
        ...

    def end(self) -> None:
        """Take no more jobs."""
        ...


def worker(settings: Settings, jobs: Jobs) -> Worker:
    """The worker that the settings name; raises `NotInstalled` where Procrastinate is not there."""
    if settings.jobs == "embedded" or settings.database_url is None:
        return JobLoop(jobs)
    try:
        module: Any = import_module("moorings.jobs.procrastinate_worker")
    except ModuleNotFoundError:
        raise NotInstalled(
            "Procrastinate is not installed here: in its checkout, pip install -e '.[procrastinate]'."
        ) from None
    found: Worker = module.ProcrastinateWorker(jobs, settings.database_url.get_secret_value())
    return found
