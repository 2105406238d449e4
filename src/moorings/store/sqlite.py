"""SQLite, the embedded default: reads run inline, one thread writes, waiting writes are committed together.

A durable commit costs far more than the work in it. So whatever waits when a commit begins goes into it, each in its
own savepoint, and every caller is answered only after the disk has it.
"""

import asyncio
import logging
import os
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, ParamSpec, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.pool import NullPool

from moorings.errors import StoreBusy, StoreFailed
from moorings.store.database import Work, translated

P = ParamSpec("P")
T = TypeVar("T")

BATCH = 256
BUSY_MS = 5_000
CACHE_KIB = 8_192

log = logging.getLogger(__name__)


@dataclass(slots=True, eq=False)
class _Job:
    """One waiting write and the future of whoever waits for it."""

    run: Callable[[Connection], Any]
    loop: asyncio.AbstractEventLoop
    future: "asyncio.Future[Any]"
    result: Any = None
    error: BaseException | None = field(default=None)


class SqliteDatabase:
    """One file in WAL mode with `synchronous=FULL`: an answered write survives the loss of power."""

    name = "sqlite"

    def __init__(
        self, path: Path, options: Mapping[str, Any] | None = None, closed: Callable[[], None] = lambda: None
    ) -> None:
        self.place, self._closed_now = str(path.absolute()), closed
        self._engine = engine_for(path).execution_options(**(options or {}))
        with translated():
            self._reader = self._engine.connect()
            self._writer = self._engine.connect()
        self._raw_reader: Any = self._reader.connection.driver_connection
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._closed = False
        self._version: int | None = None
        self._thread = threading.Thread(target=self._work, name="moorings-writer", daemon=True)
        self._thread.start()

    async def read(self, work: Work[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """See `Database.read`. Runs on the event loop: handing a short read to a thread costs more than the read."""
        with translated():
            self._raw_reader.execute("BEGIN")  # several statements of one work see one moment
            try:
                return work(self._reader, *args, **kwargs)
            finally:
                self._raw_reader.execute("ROLLBACK")

    async def write(self, work: Work[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """See `Database.write`."""
        if self._closed:
            raise StoreFailed("The server is shutting down; nothing was changed.")
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        self._jobs.put(_Job(lambda connection: work(connection, *args, **kwargs), loop, future))
        return await future

    def version(self) -> int | None:
        """See `Database.version`: SQLite counts the commits of all other connections, our writer's among them."""
        if self._version is None:
            with translated():
                self._version = self._raw_reader.execute("PRAGMA data_version").fetchone()[0]
            # Asking gives the interpreter lock away, which costs more than the answer: calls of the same turn of the
            # event loop share it. Whoever waited for a write is woken in a later turn.
            asyncio.get_running_loop().call_soon(self._forget_version)
        return self._version

    def _forget_version(self) -> None:
        self._version = None

    def room(self) -> int | None:
        """See `Database.room`."""
        disk = os.statvfs(Path(self.place).parent)
        return disk.f_bavail * disk.f_frsize

    def close(self) -> None:
        """See `Database.close`."""
        if not self._closed:
            self._closed = True
            self._jobs.put(None)
            self._thread.join()
            self._reader.close()
            self._writer.close()
            self._engine.dispose()
            self._closed_now()

    def _work(self) -> None:
        while batch := self._next_batch():
            try:
                self._commit_or_split(batch)
            except BaseException:  # the thread must outlive any one batch, or every later write would wait for ever
                log.exception("the writer met an unexpected error")
                _fail(batch, StoreFailed("The database could not do this; nothing was changed."))
            _answer(batch)

    def _next_batch(self) -> list[_Job]:
        """Wait for a write, then take all that wait with it; empty when the database is being closed."""
        job = self._jobs.get()
        batch: list[_Job] = []
        while job is not None:
            batch.append(job)
            if len(batch) == BATCH:
                return batch
            try:
                job = self._jobs.get_nowait()
            except Empty:
                return batch
        if batch:
            self._jobs.put(None)
        return batch

    def _commit_or_split(self, batch: Sequence[_Job]) -> None:
        """Commit all together; where that fails as a whole, each alone, so that one cannot take the others down."""
        error = self._commit(batch)
        if error is None:
            return
        if len(batch) == 1 or isinstance(error, StoreBusy):  # whoever holds the file holds it for each of them
            _fail(batch, error)
            return
        for job in batch:
            job.error = None
            job.error = self._commit([job]) or job.error

    def _commit(self, batch: Sequence[_Job]) -> BaseException | None:
        """Run a transaction; the error that undid it as a whole, None when it stands."""
        try:
            with translated():
                self._execute("BEGIN IMMEDIATE")
                if len(batch) == 1:
                    batch[0].result = batch[0].run(self._writer)  # its failure is that of the transaction
                else:
                    for job in batch:
                        self._attempt(job)
                self._execute("COMMIT")
        except BaseException as error:  # noqa: BLE001 - whatever the work raises, whoever waits for it is told
            self._roll_back()
            return error
        return None

    def _attempt(self, job: _Job) -> None:
        self._execute("SAVEPOINT one")
        try:
            with translated():
                job.result = job.run(self._writer)
        except BaseException as error:
            if not self._in_transaction():  # SQLite has undone everything, for the disk is full
                raise
            job.error = error
            self._execute("ROLLBACK TO one")
        self._execute("RELEASE one")

    def _in_transaction(self) -> bool:
        raw: Any = self._writer.connection.driver_connection
        return bool(raw.in_transaction)

    def _roll_back(self) -> None:
        if self._in_transaction():
            self._execute("ROLLBACK")

    def _execute(self, statement: str) -> None:
        raw: Any = self._writer.connection.driver_connection
        raw.execute(statement)


def engine_for(path: Path) -> Engine:
    """An engine whose connections leave transactions to us."""
    engine = create_engine(
        f"sqlite+pysqlite:///{path}", poolclass=NullPool, isolation_level="AUTOCOMMIT", hide_parameters=True,
        connect_args={"check_same_thread": False, "timeout": BUSY_MS / 1000},
    )  # fmt: skip
    event.listen(engine, "connect", _prepare)
    return engine


def _prepare(raw: Any, _record: object) -> None:
    for setting in (
        f"busy_timeout={BUSY_MS}",
        "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"cache_size=-{CACHE_KIB}",
        "secure_delete=ON",
    ):  # fmt: skip
        raw.execute(f"PRAGMA {setting}")


def _fail(batch: Sequence[_Job], error: BaseException) -> None:
    for job in batch:
        job.error = error


def _answer(batch: Sequence[_Job]) -> None:
    """Wake each event loop once for all of its jobs."""
    loops = {job.loop for job in batch}
    for loop in loops:
        done = [job for job in batch if job.loop is loop]
        try:
            loop.call_soon_threadsafe(_settle, done)
        except RuntimeError:  # the loop was closed while its write was under way; nobody waits any more
            log.debug("a write was answered after its event loop had closed")


def _settle(jobs: Sequence[_Job]) -> None:
    for job in jobs:
        if job.future.done():
            continue
        if job.error is None:
            job.future.set_result(job.result)
        elif isinstance(job.error, StopIteration):  # a future takes any error but this one
            job.future.set_exception(RuntimeError("the work raised StopIteration"))
        else:
            job.future.set_exception(job.error)
