"""At every start: are the root keys at hand that this database was sealed with?"""

import pytest

from moorings.errors import ConfigurationError, WrongRootKey
from moorings.services.root_keys import RootKeys
from moorings.vault.keyring import KeyFile, Keyring, KeyText
from moorings.vault.vault import Vault
from tests.services.house import House, Process

pytestmark = pytest.mark.anyio


def _root_keys(process: Process) -> RootKeys:
    return RootKeys(process.vault, process.database, process.clock)


async def test_a_fresh_server_makes_its_first_root_key_and_no_second_one(house: House) -> None:
    house.key_file.path.unlink()
    assert await _root_keys(house.process()).prepare() is True
    assert await _root_keys(house.process()).prepare() is False
    assert list(house.key_file.load()) == ["k1"]


async def test_a_sealed_database_without_any_key_names_the_wanted_ones(house: House) -> None:
    await _root_keys(house.process()).prepare()
    house.key_file.add()
    await _root_keys(house.process()).prepare()
    house.key_file.path.unlink()
    with pytest.raises(WrongRootKey, match=r"wanted: k1, k2"):
        await _root_keys(house.process()).prepare()
    assert not house.key_file.path.exists(), "no key may be made in the place of a lost one"


async def test_another_key_under_a_known_number_is_refused(house: House) -> None:
    await _root_keys(house.process()).prepare()
    house.key_file.path.unlink()
    KeyFile(house.key_file.path).add()
    with pytest.raises(WrongRootKey, match="k1"):
        await _root_keys(house.process()).prepare()


async def test_a_wrong_key_beside_the_right_ones_is_refused(house: House) -> None:
    await _root_keys(house.process()).prepare()
    right = house.key_file.path.read_text()
    house.key_file.add()
    await _root_keys(house.process()).prepare()
    house.key_file.path.write_text(right)
    house.key_file.add()
    with pytest.raises(WrongRootKey, match="k2"):
        await _root_keys(house.process()).prepare()


async def test_keys_in_a_setting_are_never_made_by_us(process: Process) -> None:
    keyring = Keyring(KeyText(""))
    with pytest.raises(ConfigurationError, match="MOORINGS_ROOT_KEYS"):
        await RootKeys(Vault(keyring), process.database, process.clock).prepare()


async def test_each_key_is_shown_with_what_stands_under_it(house: House) -> None:
    process = house.process()
    await _root_keys(process).prepare()
    first = (await process.admin()).owner
    for name in ("exa", "firecrawl"):
        await process.save(first, name)
    house.key_file.add()
    process.keyring.reload()
    second = (await process.admin()).owner
    await process.save(second, "exa")
    views = await _root_keys(process).every()
    assert [(view.id, view.loaded, view.current, view.owner_keys, view.records) for view in views] == [
        ("k1", True, False, 1, 2),
        ("k2", True, True, 1, 1),
    ]
    assert not any(view.missing for view in views)


async def test_a_key_that_something_needs_and_nobody_has_is_missing(house: House) -> None:
    process = house.process()
    await _root_keys(process).prepare()
    await process.save((await process.admin()).owner, "exa")
    file = house.key_file
    file.add()
    text = file.path.read_text()
    file.path.write_text("".join(line for line in text.splitlines(keepends=True) if not line.startswith("k1 ")))
    [lost, current] = await _root_keys(house.process()).every()
    assert (lost.id, lost.loaded, lost.missing, lost.records) == ("k1", False, True, 1)
    assert (current.id, current.current, current.missing) == ("k2", True, False)


async def test_a_key_that_nothing_needs_any_more_is_not_missing(house: House) -> None:
    await _root_keys(house.process()).prepare()
    house.key_file.path.unlink()
    house.key_file.path.write_text("k2 " + "A" * 43 + "=\n")
    house.key_file.path.chmod(0o600)
    views = await _root_keys(house.process()).every()
    assert [(view.id, view.missing) for view in views] == [("k1", False), ("k2", False)]


async def test_keys_stand_in_the_order_of_their_numbers(process: Process) -> None:
    numbers = (10, 2, 1)
    keyring = Keyring(
        KeyText(",".join(f"k{number}:{'A' * 42}{'AEIM'[index]}=" for index, number in enumerate(numbers)))
    )
    views = await RootKeys(Vault(keyring), process.database, process.clock).every()
    assert [view.id for view in views] == ["k1", "k2", "k10"]
    assert [view.id for view in views if view.current] == ["k10"]
