"""Root keys come from a file that only its owner reads, or from a setting, and never leak."""

import base64
import json
import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moorings.errors import ConfigurationError, MooringsError, WrongRootKey
from moorings.vault.keyring import KeyFile, Keyring, KeyText
from tests.vault.key_file_processes import TOGETHER
from tests.vault.made import base64_key

PROGRAM = Path(__file__).with_name("key_file_processes.py")


def in_a_process_of_its_own(what: str, path: Path) -> Any:
    """What `key_file_processes.py` found."""
    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, PROGRAM, what, path], check=True, capture_output=True, timeout=60, text=True
    )
    return json.loads(done.stdout)


def written(folder: Path, text: str | bytes, mode: int = 0o600) -> Path:
    """A key file with this content."""
    path = folder / "root.keys"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    path.chmod(mode)
    return path


def mode_of(path: Path) -> int:
    """Who may do what with a file."""
    return stat.S_IMODE(path.stat().st_mode)


def everything_in(error: BaseException) -> str:
    """All that a crash report could show of an error and those behind it."""
    shown: list[str] = []
    behind: BaseException | None = error
    while behind is not None:
        shown += [str(behind), repr(behind), str(behind.args), str(getattr(behind, "object", ""))]
        behind = behind.__cause__ or behind.__context__
    return "\n".join(shown)


def test_an_absent_file_holds_no_keys(tmp_path: Path) -> None:
    assert KeyFile(tmp_path / "root.keys").load() == {}


def test_the_first_key_is_k1_and_the_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "data" / "root.keys"
    assert KeyFile(path).add() == "k1"
    assert list(KeyFile(path).load()) == ["k1"]
    assert mode_of(path) == 0o600
    assert mode_of(path.parent) == 0o700


def test_a_new_file_tells_whoever_finds_it_to_back_it_up(tmp_path: Path) -> None:
    path = tmp_path / "root.keys"
    KeyFile(path).add()
    assert "Back this file up" in path.read_text(encoding="utf-8")


def test_a_key_has_thirty_two_random_bytes(tmp_path: Path) -> None:
    file = KeyFile(tmp_path / "root.keys")
    for _ in range(5):
        file.add()
    keys = [line.split()[1] for line in file.path.read_text(encoding="utf-8").splitlines() if line.startswith("k")]
    assert {len(base64.b64decode(key)) for key in keys} == {32}
    assert len(set(keys)) == 5


def test_an_added_key_is_the_highest_and_the_others_stay_as_they_are(tmp_path: Path) -> None:
    path = written(tmp_path, f"k2 {base64_key(2)}\nk7 {base64_key(7)}\n")
    before = KeyFile(path).load()
    assert KeyFile(path).add() == "k8"
    after = KeyFile(path).load()
    assert set(after) == {"k2", "k7", "k8"}
    assert all(after[name].check_value == before[name].check_value for name in before)


def test_comments_and_order_are_kept_when_a_key_is_added(tmp_path: Path) -> None:
    text = f"# Ours since 2026.\n\nk1 {base64_key(1)}\n# The next one was made by Ada.\nk2 {base64_key(2)}\n"
    path = written(tmp_path, text)
    KeyFile(path).add()
    assert path.read_text(encoding="utf-8").startswith(text)


def test_a_file_without_a_last_line_break_takes_a_key_and_stays_readable(tmp_path: Path) -> None:
    path = written(tmp_path, f"k1 {base64_key(1)}")
    assert KeyFile(path).add() == "k2"
    assert set(KeyFile(path).load()) == {"k1", "k2"}


def test_a_file_with_the_line_ends_of_another_system_is_read(tmp_path: Path) -> None:
    path = written(tmp_path, f"# a comment\r\nk1 {base64_key(1)}\r\n\r\n")
    assert set(KeyFile(path).load()) == {"k1"}


def test_a_rewritten_file_stays_for_its_owner_alone_whatever_the_umask(tmp_path: Path) -> None:
    path = written(tmp_path, f"k1 {base64_key(1)}\n")
    before = os.umask(0)
    try:
        KeyFile(path).add()
    finally:
        os.umask(before)
    assert mode_of(path) == 0o600


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o602, 0o610, 0o601, 0o644, 0o666])
def test_a_file_that_others_may_touch_is_refused_with_what_to_do(tmp_path: Path, mode: int) -> None:
    path = written(tmp_path, f"k1 {base64_key(1)}\n", mode)
    with pytest.raises(ConfigurationError, match="chmod 600"):
        KeyFile(path).load()
    with pytest.raises(ConfigurationError, match="chmod 600"):
        KeyFile(path).add()
    assert path.read_text(encoding="utf-8") == f"k1 {base64_key(1)}\n"


def test_a_file_that_its_owner_may_only_read_is_accepted(tmp_path: Path) -> None:
    assert set(KeyFile(written(tmp_path, f"k1 {base64_key(1)}\n", 0o400)).load()) == {"k1"}


def test_what_an_earlier_crash_left_behind_does_not_stop_a_new_key(tmp_path: Path) -> None:
    path = written(tmp_path, f"k1 {base64_key(1)}\n")
    path.with_suffix(".new").write_text("k1 half a k", encoding="utf-8")
    assert KeyFile(path).add() == "k2"
    assert [entry.name for entry in tmp_path.iterdir()] == ["root.keys"]


def test_a_crash_at_any_moment_of_a_rewrite_leaves_a_whole_file(tmp_path: Path) -> None:
    path = written(tmp_path, f"k1 {base64_key(1)}\n")
    left = in_a_process_of_its_own("dying", path)
    assert len(left) > 5
    assert [state["exit"] for state in left] == [9] * (len(left) - 1) + [0]
    for state in left:
        assert state["keys"] == [f"k{number + 1}" for number in range(len(state["keys"]))]
        assert state["mode"] == 0o600


def test_processes_that_add_keys_at_once_lose_none(tmp_path: Path) -> None:
    path = written(tmp_path, f"k1 {base64_key(1)}\n")
    made = in_a_process_of_its_own("together", path)
    assert len(made) == len(set(made)) == TOGETHER
    assert set(KeyFile(path).load()) == {"k1", *made}


WRONG_LINES = {
    "no key": "k1",
    "no number": "{key}",
    "another name": "key1 {key}",
    "nought": "k0 {key}",
    "leading nought": "k01 {key}",
    "negative": "k-1 {key}",
    "too short": "k1 {short}",
    "too long": "k1 {key}{key}",
    "no base64": "k1 !{key}",
    "no ASCII": "k1 ü{key}",
    "words behind": "k1 {key} ours",
    "twice": "k1 {key}\nk1 {key}",
}


@pytest.mark.parametrize("wrong", WRONG_LINES)
def test_a_file_with_a_wrong_line_is_refused_and_no_key_material_is_told(tmp_path: Path, wrong: str) -> None:
    key = base64_key(40)
    path = written(tmp_path, WRONG_LINES[wrong].format(key=key, short=key[:40]))
    with pytest.raises(ConfigurationError, match=r"root\.keys") as caught:
        KeyFile(path).load()
    assert key[:16] not in everything_in(caught.value)


@pytest.mark.parametrize("wrong", WRONG_LINES)
def test_a_setting_with_a_wrong_entry_is_refused_and_no_key_material_is_told(wrong: str) -> None:
    key = base64_key(40)
    entries = WRONG_LINES[wrong].format(key=key, short=key[:40]).splitlines()
    with pytest.raises(ConfigurationError, match="MOORINGS_ROOT_KEYS") as caught:
        KeyText(",".join(entry.replace(" ", ":", 1) for entry in entries)).load()
    assert key[:16] not in everything_in(caught.value)


@given(st.text())
def test_any_text_is_either_keys_or_a_clear_error(text: str) -> None:
    try:
        KeyText(text).load()
    except ConfigurationError as error:
        assert "MOORINGS_ROOT_KEYS" in error.message  # noqa: PT017 - most texts raise, and a few are no keys at all


@pytest.mark.parametrize("content", [b"\xff\xfe\x00\x01", b"k1 \xff" + b"A" * 43 + b"\n"])
def test_a_file_that_is_no_text_is_a_clear_error_that_holds_nothing_of_it(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(ConfigurationError, match=r"root\.keys") as caught:
        KeyFile(written(tmp_path, content)).load()
    assert "AAAAAAAA" not in everything_in(caught.value)


def test_a_folder_in_the_files_place_is_a_clear_error(tmp_path: Path) -> None:
    path = tmp_path / "root.keys"
    path.mkdir(mode=0o700)
    with pytest.raises(ConfigurationError):
        KeyFile(path).load()


def test_a_place_where_no_file_can_be_made_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(MooringsError):
        KeyFile(tmp_path / "file" / "root.keys").add()


@pytest.mark.parametrize("text", ["", " ", ",", " , "])
def test_an_empty_setting_holds_no_keys(text: str) -> None:
    assert KeyText(text).load() == {}


def test_a_setting_holds_keys_separated_by_commas() -> None:
    keys = KeyText(f" k2:{base64_key(2)}, k10:{base64_key(10)} ,k1:{base64_key(1)},").load()
    assert set(keys) == {"k1", "k2", "k10"}


def test_a_setting_takes_no_new_key_and_says_how_to_add_one() -> None:
    with pytest.raises(ConfigurationError, match="add one with the next number"):
        Keyring(KeyText(f"k1:{base64_key(1)}")).add()


def test_the_current_key_has_the_highest_number_not_the_last_word_of_the_alphabet() -> None:
    ring = Keyring(KeyText(f"k10:{base64_key(10)},k9:{base64_key(9)},k2:{base64_key(2)}"))
    assert ring.ids == ["k2", "k9", "k10"]
    assert ring.current.id == "k10"


def test_without_any_key_the_message_says_how_to_get_one() -> None:
    with pytest.raises(ConfigurationError, match="MOORINGS_ROOT_KEYS"):
        _ = Keyring(KeyText("")).current


def test_a_key_that_another_process_added_is_found_when_it_is_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "root.keys"
    ours = Keyring(KeyFile(path))
    KeyFile(path).add()
    assert ours.ids == []
    assert ours.get("k1").id == "k1"
    assert ours.ids == ["k1"]


def test_a_key_that_is_nowhere_is_named_with_those_that_are_loaded(tmp_path: Path) -> None:
    ring = Keyring(KeyFile(written(tmp_path, f"k1 {base64_key(1)}\nk2 {base64_key(2)}\n")))
    with pytest.raises(WrongRootKey, match=r"k3 is wanted and not loaded \(loaded: k1, k2\)"):
        ring.get("k3")


def test_an_added_key_is_current_at_once(tmp_path: Path) -> None:
    ring = Keyring(KeyFile(written(tmp_path, f"k1 {base64_key(1)}\n")))
    assert ring.add() == ring.current.id == "k2"


def test_a_first_key_is_made_only_where_there_is_none(tmp_path: Path) -> None:
    file = KeyFile(tmp_path / "root.keys")
    assert file.add(first=True) == "k1"
    before = file.path.read_bytes()
    assert file.add(first=True) == "k1"
    assert file.path.read_bytes() == before


def test_keys_do_not_print_their_material(tmp_path: Path) -> None:
    loaded: Any = KeyFile(written(tmp_path, f"k1 {base64_key(1)}\n")).load()
    assert str(loaded) == "{'k1': Key(k1)}"
