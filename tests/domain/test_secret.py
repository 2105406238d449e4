"""Plaintext does not print, travel or show more than its preview."""

import copy
import json
import logging
import pickle
import pprint
from dataclasses import asdict, dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moorings.domain.secret import Sealed, Secret

VALUE = "fc-0123456789abcdef"
SECRET = Secret(VALUE)
SHOWN = "Secret(…)"


@dataclass(frozen=True, slots=True)
class Holder:
    """Something that holds a secret."""

    secret: Secret


@pytest.mark.parametrize(
    "text",
    [
        str(SECRET), repr(SECRET), format(SECRET), format(SECRET, ">40"), f"{SECRET}", f"{SECRET!r}", f"{SECRET!s:>40}",
        f"{SECRET:s}", "{}".format(SECRET), "%s %r" % (SECRET, SECRET), str([SECRET]), str({"apiKey": SECRET}),  # noqa: UP031, UP032 - all the old ways must be tried
        str(Holder(SECRET)), pprint.pformat({"apiKey": SECRET}),
    ],
)  # fmt: skip
def test_a_secret_never_prints(text: str) -> None:
    assert SHOWN in text
    assert VALUE not in text


def test_a_secret_never_stands_in_a_log_line(caplog: pytest.LogCaptureFixture) -> None:
    logging.getLogger("moorings").warning("saved %s and %r", SECRET, SECRET)
    assert SHOWN in caplog.text
    assert VALUE not in caplog.text


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_secret_cannot_be_pickled(protocol: int) -> None:
    with pytest.raises(TypeError) as caught:
        pickle.dumps({"apiKey": SECRET}, protocol)
    assert VALUE not in str(caught.value)


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, lambda secret: asdict(Holder(secret))])
def test_a_secret_cannot_be_copied(copied: object) -> None:
    with pytest.raises(TypeError) as caught:
        copied(SECRET)  # type: ignore[operator]
    assert VALUE not in str(caught.value)


def test_a_secret_has_no_json_form() -> None:
    with pytest.raises(TypeError) as caught:
        json.dumps({"apiKey": SECRET})
    assert VALUE not in str(caught.value)


def test_a_secret_has_no_attributes_to_list_and_takes_none() -> None:
    with pytest.raises(TypeError):
        vars(SECRET)
    with pytest.raises(AttributeError):
        SECRET.other = VALUE  # type: ignore[attr-defined]


def test_a_secret_has_no_hash_against_which_a_guess_could_be_tried() -> None:
    with pytest.raises(TypeError) as caught:
        hash(SECRET)
    assert VALUE not in str(caught.value)


def test_a_secret_equals_only_a_secret_of_the_same_value() -> None:
    assert Secret(VALUE) == SECRET
    assert Secret(VALUE[:-1]) != SECRET
    assert SECRET != VALUE


def test_only_reveal_gives_a_secret_out() -> None:
    assert SECRET.reveal() == VALUE


def test_a_preview_shows_the_published_prefix_and_the_last_four_characters() -> None:
    assert SECRET.preview("fc-") == "fc-…cdef"
    assert SECRET.preview() == "…cdef"
    assert SECRET.preview("sk-") == "…cdef"


@pytest.mark.parametrize(("value", "preview"), [("a" * 11, None), ("a" * 12, "…aaaa"), ("", None)])
def test_a_secret_under_twelve_characters_has_no_preview(value: str, preview: str | None) -> None:
    assert Secret(value).preview() == preview


@given(st.text(), st.one_of(st.none(), st.text(max_size=8)))
def test_a_preview_holds_at_most_four_characters_that_are_not_the_prefix(value: str, prefix: str | None) -> None:
    preview = Secret(value).preview(prefix)
    if len(value) < 12:
        assert preview is None
    if preview is not None:
        head, tail = preview[: -len("…1234")], preview[-4:]
        assert head in ("", prefix)
        assert value.endswith(tail)
        assert len(value) - len(head) >= 12


def test_sealed_bytes_print_their_length_and_key_only() -> None:
    assert repr(Sealed(b"\x01\x02\x03", "okey_1")) == "Sealed(3 bytes under okey_1)"
