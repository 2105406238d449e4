"""Delete that means delete: the provider is told, told again until it confirms, and the bytes go in every case."""

import asyncio

import pytest

from moorings.domain.caller import Caller
from moorings.domain.secret import Secret
from moorings.errors import CredentialsRejected, InvalidRequest, ProviderTimeout
from moorings.services.revocations import TRIED_FOR
from moorings.store import keys
from tests.services.house import House
from tests.services.office import TOKEN, Office

pytestmark = pytest.mark.anyio


@pytest.fixture
async def office(anyio_backend: str, house: House) -> Office:
    return Office(house.process())


@pytest.fixture
async def ada(office: Office) -> Caller:
    return await office.process.admin()


async def test_the_provider_confirms_and_nothing_is_left(office: Office, ada: Caller) -> None:
    await office.save(ada)
    removed = await office.credentials.remove(ada, "github", None, revoke=True)
    assert removed.note == "GitHub has confirmed that they are revoked."
    assert (office.provider.told, await office.outcomes(), await office.bytes_left()) == ([TOKEN], ["ok"], 0)


async def test_what_the_provider_no_longer_knows_is_revoked(office: Office, ada: Caller) -> None:
    office.provider.mood = CredentialsRejected("unknown")
    await office.save(ada)
    await office.credentials.remove(ada, "github", None, revoke=True)
    assert (await office.outcomes(), await office.bytes_left()) == (["ok"], 0)


async def test_without_the_wish_or_the_ability_nobody_is_told(office: Office, ada: Caller) -> None:
    await office.save(ada)
    assert (await office.credentials.remove(ada, "github", None, revoke=False)).note is None
    fields = {"apiKey": Secret("fc-" + "a" * 32)}
    await office.credentials.save(ada, "firecrawl", None, fields, verify=False)
    assert (await office.credentials.remove(ada, "firecrawl", None, revoke=True)).note is None
    assert (office.provider.told, await office.outcomes(), await office.bytes_left()) == ([], [], 0)


async def test_an_outage_is_tried_on_shown_and_ends_with_the_provider_s_word(office: Office, ada: Caller) -> None:
    office.provider.mood = ProviderTimeout("GitHub did not answer.")
    await office.save(ada, "staging")
    removed = await office.credentials.remove(ada, "github", "staging", revoke=True)
    assert "told again" in str(removed.note)
    [shown] = (await office.process.states().of(ada.owner)).revoking
    assert (shown.integration_id, shown.environment, shown.problem) == ("github", "staging", "GitHub did not answer.")
    await office.work()
    office.process.clock.advance(minutes=20)
    assert await office.bytes_left() == 1
    office.provider.mood = None
    await office.work()
    assert (await office.outcomes(), await office.bytes_left()) == (["pending", "ok"], 0)
    assert office.provider.told == [TOKEN] * 3
    assert (await office.process.states().of(ada.owner)).revoking == ()


async def test_what_is_saved_again_meanwhile_is_not_revoked_any_more(office: Office, ada: Caller) -> None:
    office.provider.mood = ProviderTimeout("GitHub did not answer.")
    await office.save(ada)
    await office.credentials.remove(ada, "github", None, revoke=True)
    office.provider.mood = None
    await office.save(ada, "staging")
    await office.work()
    assert (office.provider.told, await office.outcomes()) == ([TOKEN], ["pending", "in use"])


async def test_after_a_week_the_bytes_go_all_the_same(office: Office, ada: Caller) -> None:
    office.provider.mood = ProviderTimeout("GitHub did not answer.")
    await office.save(ada)
    await office.credentials.remove(ada, "github", None, revoke=True)
    office.process.clock.moment += TRIED_FOR
    await office.work()
    assert (await office.outcomes(), await office.bytes_left()) == (["pending", "given up"], 0)


async def test_a_process_that_is_killed_in_between_leaves_the_job_to_another(house: House) -> None:
    first, second = Office(house.process()), Office(house.process())
    ada = await first.process.admin()
    first.provider.mood = ProviderTimeout("GitHub did not answer.")
    await first.save(ada)
    await first.credentials.remove(ada, "github", None, revoke=True)
    await second.work()
    assert (second.provider.told, await second.bytes_left()) == ([TOKEN], 0)


async def test_a_value_that_another_environment_uses_is_not_revoked(office: Office, ada: Caller) -> None:
    await office.save(ada, "staging")
    await office.save(ada, "production")
    removed = await office.credentials.remove(ada, "github", "staging", revoke=True)
    assert removed.note == "They were not revoked at GitHub: production uses the same value."
    assert (office.provider.told, await office.outcomes()) == ([], ["in use"])
    await office.credentials.remove(ada, "github", "production", revoke=True)
    assert (office.provider.told, await office.outcomes()) == ([TOKEN], ["in use", "ok"])


async def test_of_two_places_that_are_deleted_at_once_the_last_one_is_told(office: Office, ada: Caller) -> None:
    await office.save(ada)
    await office.save(ada, "production")
    places = (None, "production")
    await asyncio.gather(*(office.credentials.remove(ada, "github", place, revoke=True) for place in places))
    assert (office.provider.told, await office.outcomes()) == ([TOKEN], ["in use", "ok"])


async def test_another_owner_s_use_of_the_value_is_their_own_affair(office: Office, ada: Caller) -> None:
    other = await office.process.admin()
    await office.save(ada)
    await office.save(other)
    await office.credentials.remove(ada, "github", None, revoke=True)
    assert office.provider.told == [TOKEN]


async def test_what_was_changed_beneath_us_is_not_sent_anywhere(office: Office, ada: Caller) -> None:
    office.provider.mood = ProviderTimeout("GitHub did not answer.")
    await office.save(ada)
    await office.credentials.remove(ada, "github", None, revoke=True)
    await office.process.sql("UPDATE revocations SET environment = 'production'")
    office.provider.mood = None
    await office.work()
    assert (office.provider.told, await office.outcomes(), await office.bytes_left()) == (
        [TOKEN], ["pending", "unreadable"], 0,
    )  # fmt: skip


async def test_an_owner_key_stays_as_long_as_something_is_to_be_revoked(office: Office, ada: Caller) -> None:
    office.provider.mood = ProviderTimeout("GitHub did not answer.")
    await office.save(ada)
    await office.credentials.remove(ada, "github", None, revoke=True)
    [key] = [row.id for row in await office.process.sql("SELECT id FROM owner_keys")]
    assert await office.process.database.write(keys.delete_unused, key) is False


async def test_what_cannot_even_be_asked_can_be_deleted_all_the_same(office: Office, ada: Caller) -> None:
    office.provider.mood = InvalidRequest("A value would leave its place.")
    await office.save(ada)
    removed = await office.credentials.remove(ada, "github", None, revoke=True)
    assert removed.note == "GitHub could not be told to revoke them: A value would leave its place."
    assert (await office.outcomes(), await office.bytes_left()) == (["failed"], 0)
