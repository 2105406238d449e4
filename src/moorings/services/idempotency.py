"""The same idempotency key and body give the same answer again, for a day."""

import asyncio
import hmac
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import timedelta

from moorings.domain.caller import Caller
from moorings.domain.ids import Clock
from moorings.errors import AnswerNotKept, Clash, IdempotencyKeyBusy, IdempotencyKeyReused, StoreFailed
from moorings.services.answer_room import AnswerRoom
from moorings.services.owner_keys import OwnerKeys
from moorings.store import idempotency as rows
from moorings.store.database import Database
from moorings.store.idempotency import Kept
from moorings.vault.envelope import Context
from moorings.vault.vault import Vault

KEPT_FOR = timedelta(hours=24)
RUNS_AT_MOST = timedelta(minutes=8)
"""After this a call that never ended (the process was killed) gives its key free again. It is longer than any call: a
tool may take five minutes, and its provider two more to be asked whether the credentials are dead."""

SUCCESS = range(200, 300)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Answer:
    """What was said; headers are not kept, and stand only in the first answer.

    `kept` is whether it may be repeated, `done` whether the call has done something although it failed.
    """

    status: int
    body: bytes
    headers: tuple[tuple[bytes, bytes], ...] = ()
    kept: bool = True
    done: bool = False


Run = Callable[[], Awaitable[Answer]]


@dataclass(frozen=True, slots=True)
class Idempotency:
    """Keeps successful answers, sealed; a failed call leaves its key free, so that it can be tried again.

    Each caller has idempotency keys of its own: what one API key was told is not repeated to another.
    """

    vault: Vault
    owner_keys: OwnerKeys
    database: Database
    now: Clock
    room: AnswerRoom

    async def once(self, caller: Caller, key: str, call: bytes, run: Run) -> Answer:
        """Run the call, or repeat the answer it had; `call` is its method, path and body.

        Raises `IdempotencyKeyReused` for another call under the key, `IdempotencyKeyBusy` while the first one runs,
        `AnswerNotKept` where it has run and there was no room for what it said.
        """
        try:
            reserved, earlier = await self._begin(caller, key, call)
        except Clash:  # the owner key was replaced and destroyed by a re-key beside us
            self.owner_keys.forget(caller.owner)
            reserved, earlier = await self._begin(caller, key, call)
        return await (self._run(reserved, run) if earlier is None else self._repeat(earlier, call))

    async def _begin(self, caller: Caller, key: str, call: bytes) -> tuple[Kept, Kept | None]:
        # The body may hold a secret that is easy to guess: its hash is keyed, so that guesses cannot be tried.
        owner_key, now = await self.owner_keys.current(caller.owner), self.now()
        reserved = Kept(caller.owner, f"{caller.id} {key}", owner_key.mac(call), owner_key.id, now, now + RUNS_AT_MOST)
        return reserved, await self.database.write(rows.begin, reserved)

    async def _repeat(self, earlier: Kept, call: bytes) -> Answer:
        key = await self.owner_keys.by_id(earlier.owner, earlier.owner_key_id)
        if not hmac.compare_digest(key.mac(call), earlier.fingerprint):
            raise IdempotencyKeyReused(
                "This idempotency key was used for another call; take a fresh one for each call."
            )
        if earlier.status is None:
            raise IdempotencyKeyBusy(
                "The first call under this idempotency key is still running; ask again in a moment."
            )
        if earlier.sealed is None:
            raise AnswerNotKept(
                f"The call under this idempotency key was run and answered with {earlier.status}; that answer was not "
                "kept. See what came of it, for a fresh key runs the call again."
            )
        return Answer(earlier.status, self.vault.open_bytes(key, _context(earlier), earlier.sealed))

    async def _run(self, reserved: Kept, run: Run) -> Answer:
        try:
            answer = await run()
        except BaseException:
            await asyncio.shield(self._end(reserved, None))
            raise
        spent = answer.done or (answer.status in SUCCESS and answer.kept)
        await self._end(reserved, answer if spent else None)
        return answer

    async def _end(self, reserved: Kept, answer: Answer | None) -> None:
        """Where the store fails what the call has said stands all the same; the key is free after `RUNS_AT_MOST`."""
        try:
            await (self._release(reserved) if answer is None else self._keep(reserved, answer))
        except StoreFailed as error:
            log.warning("an answer could not be kept for its idempotency key", extra={"code": error.code})

    async def _keep(self, reserved: Kept, answer: Answer) -> None:
        sealed = None
        if answer.status in SUCCESS and await self.room.takes(reserved.owner, len(answer.body)):
            key = await self.owner_keys.by_id(reserved.owner, reserved.owner_key_id)
            sealed = self.vault.seal_bytes(key, _context(reserved), answer.body)
        kept = replace(reserved, status=answer.status, sealed=sealed, expires_at=self.now() + KEPT_FOR)
        await self.database.write(rows.finish, kept)

    async def _release(self, reserved: Kept) -> None:
        await self.database.write(rows.release, reserved)


def _context(kept: Kept) -> Context:
    return Context("idempotent answer", kept.owner, kept.key)
