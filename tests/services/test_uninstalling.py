"""Uninstalling: the provider is told of every entry before it goes, and whatever happens in between loses none."""

import asyncio

import pytest

from moorings.domain.caller import Caller
from moorings.errors import CredentialsNotFound, CredentialsRejected, IntegrationNotFound, ProviderTimeout
from tests.services.house import House
from tests.services.office import Office

pytestmark = pytest.mark.anyio

ALL, STAGING, PRODUCTION = ("ghp_" + letter * 36 for letter in "asp")
AWAY = ProviderTimeout("GitHub did not answer.")


@pytest.fixture
async def office(anyio_backend: str, house: House) -> Office:
    return Office(house.process())


@pytest.fixture
async def ada(office: Office) -> Caller:
    return await office.process.admin()


async def filled(office: Office, ada: Caller) -> str:
    """An installation with an entry for all environments and two of their own."""
    place = await office.installed(ada)
    for environment, token in ((None, ALL), ("staging", STAGING), ("production", PRODUCTION)):
        await office.save(ada, environment, token, place)
    return place


async def kinds(office: Office, place: str) -> list[tuple[str, str, str]]:
    """What the audit says of an installation's end."""
    rows = await office.process.sql(
        "SELECT kind, environment, outcome FROM audit WHERE subject = :place AND kind <> 'credentials.saved' "
        "ORDER BY sequence",
        place=place,
    )
    return [(row.kind, row.environment or "all", row.outcome) for row in rows]


async def test_the_provider_is_told_of_every_entry_and_nothing_is_left(office: Office, ada: Caller) -> None:
    place = await filled(office, ada)
    removed = await office.uninstall(ada, place)
    assert removed.note == "GitHub has confirmed that they are revoked."
    assert (sorted(office.provider.told), await office.bytes_left()) == ([ALL, PRODUCTION, STAGING], 0)
    told = await kinds(office, place)
    assert told[0][0] == "installation.removed"
    assert sorted(told[1:]) == [("credentials.revoked", name, "ok") for name in ("all", "production", "staging")]
    with pytest.raises(IntegrationNotFound):
        await office.uninstall(ada, place)


async def test_without_the_wish_the_provider_is_left_alone(office: Office, ada: Caller) -> None:
    removed = await office.uninstall(ada, await filled(office, ada), revoke=False)
    assert (removed.note, office.provider.told, await office.outcomes(), await office.bytes_left()) == (None, [], [], 0)


async def test_one_that_waits_for_its_credentials_goes_without_a_word(office: Office, ada: Caller) -> None:
    removed = await office.uninstall(ada, await office.installed(ada))
    assert (removed.note, office.provider.told, await office.outcomes()) == (None, [], [])


async def test_a_value_that_only_the_installation_itself_uses_twice_is_revoked(office: Office, ada: Caller) -> None:
    place = await office.installed(ada)
    await office.save(ada, "staging", ALL, place)
    await office.save(ada, "production", ALL, place)
    await office.uninstall(ada, place)
    assert (office.provider.told, await office.outcomes()) == ([ALL, ALL], ["ok", "ok"])


async def test_a_value_that_another_place_uses_is_spared_and_the_others_are_not(office: Office, ada: Caller) -> None:
    place, other = await filled(office, ada), await office.installed(ada)
    await office.save(ada, "development", STAGING, other)
    removed = await office.uninstall(ada, place)
    note = str(removed.note)
    assert f"Staging: They were not revoked at GitHub: {other} (development) uses the same value." in note
    assert "Production: GitHub has confirmed that they are revoked." in note
    assert sorted(office.provider.told) == [ALL, PRODUCTION]
    assert sorted(await office.outcomes()) == ["in use", "ok", "ok"]


async def test_an_outage_leaves_a_job_for_each_and_is_shown_until_the_provider_confirms(
    office: Office, ada: Caller
) -> None:
    office.provider.moods = {STAGING: AWAY, PRODUCTION: AWAY}
    place = await filled(office, ada)
    note = str((await office.uninstall(ada, place)).note)
    assert "Staging: GitHub has not confirmed that they are revoked; it is told again until it does." in note
    shown = (await office.process.states().of(ada.owner)).revoking
    assert {(item.integration, item.integration_id, item.environment) for item in shown} == {
        ("github", place, "staging"), ("github", place, "production"),
    }  # fmt: skip
    office.provider.moods.pop(PRODUCTION)
    await office.work()
    assert await office.bytes_left() == 1
    office.provider.moods.clear()
    office.process.clock.advance(minutes=20)
    await office.work()
    assert sorted(await office.outcomes()) == ["ok", "ok", "ok", "pending", "pending"]
    assert (await office.bytes_left(), (await office.process.states().of(ada.owner)).revoking) == (0, ())


async def test_who_is_killed_between_the_provider_s_word_and_ours_can_uninstall_once_more(house: House) -> None:
    first, second = Office(house.process()), Office(house.process())
    ada = await first.process.admin()
    place = await filled(first, ada)

    async def killed() -> None:
        raise asyncio.CancelledError

    first.provider.meanwhile = killed
    with pytest.raises(asyncio.CancelledError):
        await first.uninstall(ada, place)
    assert (await first.bytes_left(), await first.outcomes()) == (3, [])
    second.provider.mood = CredentialsRejected("unknown")
    removed = await second.uninstall(ada, place)
    assert removed.note == "GitHub no longer knew them."
    assert (await second.outcomes(), await second.bytes_left()) == (["ok"] * 3, 0)


async def test_who_is_killed_after_ours_leaves_the_jobs_to_another(house: House) -> None:
    first, second = Office(house.process()), Office(house.process())
    ada = await first.process.admin()
    first.provider.mood = AWAY
    await first.uninstall(ada, await filled(first, ada))
    await second.work()
    assert (sorted(second.provider.told), await second.bytes_left()) == ([ALL, PRODUCTION, STAGING], 0)


async def test_what_is_saved_while_the_provider_is_told_is_told_too(office: Office, ada: Caller) -> None:
    place = await office.installed(ada)
    await office.save(ada, "staging", STAGING, place)

    async def saved() -> None:
        await office.save(ada, "staging", ALL, place)
        await office.save(ada, "production", PRODUCTION, place)

    office.provider.meanwhile = saved
    await office.uninstall(ada, place)
    assert (sorted(office.provider.told), await office.bytes_left()) == ([ALL, PRODUCTION, STAGING], 0)
    assert await office.outcomes() == ["ok"] * 3


async def test_who_saves_without_end_does_not_keep_the_installation(office: Office, ada: Caller) -> None:
    place = await office.installed(ada)
    await office.save(ada, None, ALL, place)

    async def saved() -> None:
        office.provider.meanwhile = saved
        await office.save(ada, None, ALL, place)

    office.provider.meanwhile = saved
    await office.uninstall(ada, place)
    assert await office.bytes_left() == 0


async def test_of_two_who_uninstall_at_once_one_is_told_that_there_is_nothing(office: Office, ada: Caller) -> None:
    place = await filled(office, ada)
    both = (office.uninstall(ada, place), office.uninstall(ada, place))
    ended = await asyncio.gather(*both, return_exceptions=True)
    assert [isinstance(each, CredentialsNotFound) for each in ended] == [False, True]
    assert await office.bytes_left() == 0


async def test_of_two_installations_of_one_value_that_go_at_once_the_last_one_is_told(
    office: Office, ada: Caller
) -> None:
    places = [await office.installed(ada), await office.installed(ada)]
    for place in places:
        await office.save(ada, place=place)
    await asyncio.gather(*(office.credentials.remove(ada, place, None, revoke=True) for place in places))
    assert len(office.provider.told) == 1


async def test_the_secret_that_apps_of_slack_share_spares_no_token(office: Office, ada: Caller) -> None:
    place = await office.slack(ada, None, "xoxb-1", "T1/B1")
    await office.slack(ada, None, "xoxb-2", "T2/B2")
    await office.uninstall(ada, place)
    assert (office.provider.told, await office.outcomes()) == (["xoxb-1"], ["ok"])


async def test_a_bot_that_another_environment_has_stays_in_its_channels(office: Office, ada: Caller) -> None:
    place, other = await office.slack(ada, "staging", "xoxb-1"), await office.slack(ada, "production", "xoxb-2")
    removed = await office.uninstall(ada, place)
    assert removed.note == f"They were not revoked at Slack: {other} is an installation of the same bot."
    assert (office.provider.told, await office.outcomes()) == ([], ["in use"])
    await office.uninstall(ada, other)
    assert (office.provider.told, await office.outcomes()) == (["xoxb-2"], ["in use", "ok"])


async def test_a_bot_that_is_installed_anew_meanwhile_is_left_alone(office: Office, ada: Caller) -> None:
    office.provider.mood = AWAY
    await office.uninstall(ada, await office.slack(ada, None, "xoxb-1"))
    office.provider.mood = None
    await office.slack(ada, None, "xoxb-2")
    await office.work()
    assert (office.provider.told, await office.outcomes()) == (["xoxb-1"], ["pending", "in use"])
