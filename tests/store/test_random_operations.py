"""The same operations, drawn at random, on SQLite, on PostgreSQL and on plain dictionaries: all three agree."""

import copy
import importlib
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass
from datetime import timedelta
from random import Random
from typing import Any

import pytest

from moorings.domain.credential import Account, CredentialRef, Revision, Status
from moorings.domain.owner import Owner
from moorings.domain.owner_key import CheckValue
from moorings.domain.secret import Sealed
from moorings.errors import MooringsError
from moorings.store.postgres import PostgresDatabase
from moorings.store.reseal import Resealed
from moorings.store.sqlite import SqliteDatabase
from tests.store import samples
from tests.store.model import Model
from tests.store.samples import ADA, BOB, CAROL, NOW, ROOT

pytestmark = [pytest.mark.anyio, pytest.mark.slow]

OPERATIONS = 250
LOOK_AT_ALL_EVERY = 80
ENVIRONMENTS = ("production", "staging", None)
Arguments = tuple[Any, ...]


class Draw:
    """Arguments from small pools, so that operations meet each other."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)  # noqa: S311 - it shall be the same every time

    def one(self, *choices: Any) -> Any:
        return self._random.choice(choices)

    def flip(self) -> bool:
        return bool(self._random.randrange(2))

    def owner(self) -> str:
        return str(self.one(*[ADA] * 6, *[BOB] * 3, CAROL))

    def key_id(self) -> str:
        return str(self.one(*["okey_ada"] * 5, *["okey_bob"] * 3, *["okey_2"] * 3, "okey_3"))

    def root(self) -> str:
        return str(self.one("k1", "k2", "k3"))

    def moment(self) -> Any:
        return NOW + timedelta(minutes=self._random.randrange(5))

    def revision(self) -> Revision:
        name = f"rev_{self._random.randrange(4)}"
        return Revision(name, f"stamp {name} {self._random.randrange(99)}".encode())

    def ref(self) -> CredentialRef:
        return CredentialRef(self.owner(), self.one("firecrawl", "tavily", "intg_1", "intg_2"), self.one(*ENVIRONMENTS))

    def sealed(self) -> Sealed:
        return Sealed(self._random.randbytes(self._random.randrange(1, 60)), self.key_id())

    def entry(self) -> Any:
        return samples.entry(self.owner(), at=self.moment(), subject=self.one("a", "ü…", ""))

    def wrapped(self) -> Any:
        return samples.wrapped(
            self.owner(), self.key_id(), generation=self.one(1, 2, 3), root_key_id=self.root(),
            wrapped=self._random.randbytes(20),
        )  # fmt: skip

    def account(self) -> Account | None:
        return self.one(None, Account("a1", "Ä label"), Account(None, "label"), Account("a2", None))  # type: ignore[no-any-return]

    def credential(self) -> Any:
        ref = self.ref()
        return samples.credential(
            ref.owner, ref.integration_id, ref.environment, self.revision().id, sealed=self.sealed(),
            account=self.account(),
            previews=self.one({"apiKey": "…9a2c"}, {"a": None, "b": "fc-…ü"}), status=self.one(*Status),
            verified_at=self.one(None, self.moment()), saved_at=self.moment(),
        )  # fmt: skip

    def installation(self) -> Any:
        return samples.installation(
            self.one("intg_1", "intg_2", "intg_3"), self.owner(), environment=self.one(*ENVIRONMENTS),
            account=self.account(), expires_at=self.one(None, self.moment()),
        )  # fmt: skip

    def api_key(self) -> Any:
        return samples.api_key(self.one("key_1", "key_2", "key_3"), self.owner(), hash=bytes([self.one(1, 2, 3)] * 32))

    def call(self) -> Any:
        return samples.kept(
            self.owner(),
            self.one("a", "b"),
            owner_key_id=self.key_id(),
            created_at=self.moment(),
            expires_at=self.moment(),
        )

    def finished(self) -> Any:
        sealed = self.sealed()
        return samples.kept(
            self.owner(), self.one("a", "b"), status=200, sealed=sealed, owner_key_id=sealed.owner_key_id,
            created_at=self.moment(), expires_at=self.moment(),
        )  # fmt: skip

    def resealed(self) -> list[Resealed]:
        return [Resealed(self.ref(), self.sealed(), self.revision()) for _ in range(self.one(0, 1, 3))]

    def tombstones(self) -> dict[Any, Revision]:
        return {environment: self.revision() for environment in self.one((None,), ENVIRONMENTS)}


WRITES: dict[str, Callable[[Draw], Arguments]] = {
    "owners.add": lambda d: (Owner(d.owner(), d.one("A", "B", "C"), d.moment()), d.entry()),
    "keys.add_root": lambda d: (CheckValue(d.root(), d.one(b"1234", b"5678")), d.moment()),
    "keys.add_first": lambda d: (d.wrapped(), CheckValue(d.root(), b"1234"), d.moment()),
    "keys.add": lambda d: (d.wrapped(),),
    "keys.rewrap": lambda d: ([(d.root(), d.wrapped())],),
    "keys.settle": lambda d: (d.root(), d.moment()),
    "keys.delete_unused": lambda d: (d.key_id(),),
    "credentials.put": lambda d: (d.credential(), d.entry()),
    "credentials.remove": lambda d: (d.ref(), d.revision(), d.entry()),
    "connections.save": lambda d: (d.credential(), d.entry(), {"installed": d.flip()}),
    "connections.uninstall": lambda d: (d.ref(), d.tombstones(), d.entry()),
    "installations.add": lambda d: (d.installation(), d.entry()),
    "installations.connect": lambda d: (d.owner(), d.one("intg_1", "intg_2"), d.account(), d.moment(), d.moment()),
    "installations.remove": lambda d: (d.owner(), d.one("intg_1", "intg_2")),
    "installations.forget_expired": lambda d: (d.moment(),),
    "api_keys.add": lambda d: (d.api_key(), d.entry()),
    "api_keys.revoke": lambda d: (d.owner(), d.one("key_1", "key_2", "key_3"), d.moment(), d.entry()),
    "idempotency.begin": lambda d: (d.call(),),
    "idempotency.finish": lambda d: (d.finished(),),
    "idempotency.release": lambda d: (d.call(),),
    "idempotency.forget_expired": lambda d: (d.moment(),),
    "changes.announce": lambda d: (d.one("access", "other"),),
    "reseal.replace": lambda d: (d.resealed(),),
}
OFTEN = ("credentials.put", "connections.save", "credentials.remove", "installations.add", "reseal.replace")


def every_read() -> Iterator[tuple[str, Arguments]]:
    """All that can be asked."""
    yield from (
        (name, ()) for name in ("owners.every", "owners.first", "keys.roots", "keys.superseded", "keys.records_by_root")
    )
    yield from (("keys.not_under", (root, after, 2)) for root in ("k1", "k2") for after in ("", "okey_b"))
    yield from (("keys.settled", (root,)) for root in ("k1", "k2", "k3"))
    yield from (("changes.number", (topic,)) for topic in ("access", "other", "none"))
    yield from (("reseal.count", (key,)) for key in ("okey_ada", "okey_2"))
    yield from (("api_keys.by_hash", (bytes([number] * 32),)) for number in (1, 2, 3))
    yield from (("owners.find", (name,)) for name in ("A", "C", ADA, CAROL, "nobody"))
    for owner in (ADA, BOB, CAROL):
        yield from ((name, (owner,)) for name in ("keys.current", "api_keys.of_owner", "installations.of_owner"))
        yield "credentials.states", (owner, frozenset({"k1"}))
        yield "keys.by_id", (owner, "okey_2")
        for place in ("firecrawl", "tavily", "intg_1", "intg_2"):
            yield "credentials.held", (owner, place)
            yield "installations.find", (owner, place)
            yield from (("credentials.secret", (CredentialRef(owner, place, each),)) for each in ENVIRONMENTS)


def function_of(name: str) -> Any:
    """The store's function of this name."""
    module, function = name.split(".")
    return getattr(importlib.import_module(f"moorings.store.{module}"), function)


def plain(value: Any) -> Any:
    """Values that can be compared, wherever they come from; lists that promise no order in one."""
    if isinstance(value, Sealed):
        return bytes(value.data), value.owner_key_id
    if is_dataclass(value):
        return type(value).__name__, [plain(getattr(value, each.name)) for each in fields(value)]
    if isinstance(value, list | tuple):
        return sorted((plain(each) for each in value), key=repr)
    if isinstance(value, dict):
        return {name: plain(each) for name, each in value.items()}
    return value


class Three:
    """Two databases and a model that must agree."""

    def __init__(self, sqlite: SqliteDatabase, postgres: PostgresDatabase) -> None:
        self.databases, self.model = (sqlite, postgres), Model()
        for owner in (ADA, BOB):
            self.model.owners[owner] = Owner(owner, owner.upper(), NOW)
            self.model.owner_keys[samples.KEY_OF[owner]] = samples.wrapped(owner)
            self.model.entries.append(samples.entry(owner))
        self.model.keys_add_root(ROOT, NOW)

    async def write(self, name: str, arguments: Arguments) -> None:
        """Do one thing three times."""
        given = (
            arguments[-1] if arguments and isinstance(arguments[-1], dict) and "installed" in arguments[-1] else None
        )
        plain_arguments, named = (arguments[:-1], given) if given else (arguments, {})
        expected = self._modelled(name, plain_arguments, named)
        for database in self.databases:
            found = await _told(database.write(function_of(name), *plain_arguments, **named))
            assert found == expected, f"{name} on {database.name}"

    async def compare_reads(self) -> None:
        """Ask everything three times."""
        for name, arguments in every_read():
            expected = plain(getattr(self.model, name.replace(".", "_"))(*arguments))
            for database in self.databases:
                found = plain(await database.read(function_of(name), *arguments))
                assert found == expected, f"{name}{arguments} on {database.name}"

    async def compare_tables(self) -> None:
        """The two databases hold the same, row for row, and their chains are whole."""
        one, other = [await database.read(samples.everything) for database in self.databases]
        assert {name: sorted(rows, key=repr) for name, rows in one.items()} == {
            name: sorted(rows, key=repr) for name, rows in other.items()
        }
        assert len(one["audit"]) == len(self.model.entries)
        for row in one["tallies"]:
            things = [each for each in (*one["credentials"], *one["installations"]) if each["owner"] == row["owner"]]
            alive = [key for key in one["api_keys"] if (key["owner"], key["revoked_at"]) == (row["owner"], None)]
            assert row["things"] == len(things) + len(alive)
        for owner in self.model.owners:
            assert samples.broken_link([row for row in one["audit"] if row["owner"] == owner]) is None

    def _modelled(self, name: str, arguments: Arguments, named: dict[str, Any]) -> Any:
        before = copy.deepcopy(self.model)
        try:
            return plain(getattr(self.model, name.replace(".", "_"))(*arguments, **named))
        except MooringsError as error:
            self.model = before
            return type(error).__name__


async def _told(call: Any) -> Any:
    try:
        return plain(await call)
    except MooringsError as error:
        return type(error).__name__


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_sqlite_postgresql_and_plain_dictionaries_agree(
    sqlite: SqliteDatabase, postgres: PostgresDatabase, seed: int
) -> None:
    draw, three = Draw(seed), Three(sqlite, postgres)
    for number in range(OPERATIONS):
        name = draw.one(*WRITES, *OFTEN, *OFTEN)
        await three.write(name, WRITES[name](draw))
        if number % LOOK_AT_ALL_EVERY == 0:
            await three.compare_reads()
    await three.compare_reads()
    await three.compare_tables()
