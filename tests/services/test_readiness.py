"""A server is not ready whose disk is full, though it reads."""

import pytest

from moorings.errors import StoreFull
from moorings.services.readiness import LEAST, Readiness
from moorings.services.root_keys import RootKeys
from tests.services.fakes import Failing
from tests.services.house import House

pytestmark = pytest.mark.anyio


class Filled(Failing):
    """A database whose disk has so many bytes left."""

    left: int | None = None

    def room(self) -> int | None:
        return self.left


@pytest.mark.parametrize(("left", "ready"), [(0, ""), (LEAST - 1, ""), (LEAST, "ready"), (None, "ready")])
async def test_a_full_disk_is_told_to_who_balances_load(house: House, left: int | None, ready: str) -> None:
    process = house.process()
    database = Filled(process.database, StoreFull("full"))
    database.left = left
    readiness = Readiness(RootKeys(process.vault, database, house.clock), database)
    if ready:
        await readiness.check()
    else:
        with pytest.raises(StoreFull, match="disk is full"):
            await readiness.check()


async def test_the_room_on_the_disk_of_a_file_is_known(house: House) -> None:
    database = house.process().database
    room = database.room()
    assert room is None if database.name == "postgresql" else room is not None and room > 0
