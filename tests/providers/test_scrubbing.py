"""No form of a secret comes back."""

import base64
import html
import json
import textwrap
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moorings.providers.scrubbing import REMOVED, SHORTEST, Scrubber

SECRET = 'sk-canary/01 + "é&<56789>=abcdef'
TEXTS = st.text(st.characters(codec="utf-8"), max_size=20)
SECRETS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), min_size=8, max_size=40)

FORMS: dict[str, Callable[[str], str]] = {
    "plain": lambda secret: secret,
    "percent": lambda secret: quote(secret, safe=""),
    "percent, slashes kept": quote,
    "form": quote_plus,
    "hex": lambda secret: secret.encode().hex(),
    "HEX": lambda secret: secret.encode().hex().upper(),
    "json": lambda secret: json.dumps(secret)[1:-1],
    "json, characters kept": lambda secret: json.dumps(secret, ensure_ascii=False)[1:-1],
    "html": html.escape,
    "base64": lambda secret: base64.b64encode(secret.encode()).decode(),
    "base64url": lambda secret: base64.urlsafe_b64encode(secret.encode()).decode(),
}


def scrubbed(value: Any) -> str:
    return json.dumps(Scrubber([SECRET]).value(value), ensure_ascii=False)


@pytest.mark.parametrize("form", FORMS)
def test_every_form_is_removed_wherever_it_stands(form: str) -> None:
    echo = FORMS[form](SECRET)
    for value in (echo, [echo], {"a": {"b": [f"before {echo} after"]}}, {echo: 1}, [1, None, True, echo + echo]):
        found = scrubbed(value)
        assert json.dumps(echo, ensure_ascii=False)[1:-1] not in found
        assert REMOVED in found


@given(secret=SECRETS, before=TEXTS, after=TEXTS)
def test_every_form_of_every_secret_is_removed(secret: str, before: str, after: str) -> None:
    for form in FORMS.values():
        assert form(secret) not in Scrubber([secret]).text(f"{before}{form(secret)}{after}").replace(REMOVED, "\0")


@given(secret=SECRETS, data=st.data())
def test_any_of_its_characters_may_be_escaped(secret: str, data: st.DataObject) -> None:
    def percent(character: str) -> str:
        return "".join(f"%{byte:02x}" for byte in character.encode())

    def escape(character: str) -> str:
        code = ord(character)
        ways = [percent(character), percent(character).upper(), f"&#{code};", f"&#x{code:X};"]
        ways += [] if character in "\\%&" else [character]  # whoever escapes by a sign escapes that sign itself
        programs = [json.dumps(character)[1:-1], f"\\u{{{code:x}}}", f"\\U{code:08x}"]
        return data.draw(st.sampled_from([*ways, *programs]))

    written = "".join(escape(character) for character in secret)
    assert REMOVED in Scrubber([secret]).text(f"<{written}>")
    assert written not in json.dumps(Scrubber([secret]).value({"a": [f"<{written}>"]}))


@given(secret=SECRETS, before=st.binary(max_size=9), after=st.binary(max_size=9))
def test_base64_of_a_secret_among_other_bytes_tells_next_to_nothing(secret: str, before: bytes, after: bytes) -> None:
    text = base64.b64encode(before + secret.encode() + after).decode()
    found = Scrubber([secret]).text(text)
    whole = -(-len(before) * 8 // 6), (len(before) + len(secret.encode())) * 8 // 6
    assert text[whole[0] : whole[1]] not in found


@pytest.mark.parametrize("secret", ["", "a", "abc"])
def test_what_is_too_short_to_be_a_secret_shreds_nothing(secret: str) -> None:
    assert len(secret) < SHORTEST
    assert Scrubber([secret]).text("abc abc") == "abc abc"


def test_a_secret_of_digits_does_not_come_back_as_a_number() -> None:
    assert Scrubber(["12345678"]).value({"a": 12345678, "b": [1.5, 12345678]}) == {"a": REMOVED, "b": [1.5, REMOVED]}


def test_a_good_answer_is_the_same_object() -> None:
    answer = {"a": [1, 2, {"b": "c"}]}
    assert Scrubber([SECRET]).value(answer) is answer


def test_bytes_are_scrubbed_too() -> None:
    assert Scrubber([SECRET]).data(b"\x00" + SECRET.encode() + b"\xff") == b"\x00" + REMOVED.encode() + b"\xff"


@given(cut=st.integers(SHORTEST, len(SECRET) - 1), form=st.sampled_from(sorted(FORMS)))
def test_the_half_of_a_secret_at_the_end_of_a_cut_answer_goes_too(cut: int, form: str) -> None:
    echo, before = FORMS[form](SECRET)[:cut], "." * 400
    for kept in (Scrubber([SECRET]).beginning(before + echo), Scrubber([SECRET]).start_of((before + echo).encode())):
        assert set(kept if isinstance(kept, str) else kept.decode()) == {"."}


@given(guess=st.binary(min_size=1, max_size=16), right=st.integers(0, 16))
def test_whoever_chooses_the_end_of_a_cut_answer_learns_nothing_from_it(guess: bytes, right: int) -> None:
    scrubber, before = Scrubber([SECRET]), b"." * 400
    ends = [before + end.rjust(16, b".") for end in (SECRET.encode()[:right], guess)]
    assert len({scrubber.start_of(end) for end in ends}) == 1
    assert len({scrubber.beginning(end.decode("latin-1")) for end in ends}) == 1


def test_a_cut_answer_without_a_secret_loses_nothing() -> None:
    assert Scrubber([]).beginning("all of it") == "all of it"
    assert Scrubber([SECRET]).beginning("short") == ""


BROKEN: dict[str, Callable[[str], str]] = {
    "base64 in lines": lambda secret: base64.encodebytes(secret.encode()).decode(),
    "base64 in lines of 64, as in PEM": lambda secret: "\r\n".join(textwrap.wrap(FORMS["base64"](secret), 64)),
    "json within json": lambda secret: json.dumps(json.dumps({"a": secret})),
    "json within json within json": lambda secret: json.dumps(json.dumps(json.dumps(secret))),
    "json within a query": lambda secret: quote(json.dumps({"a": secret})),
    "a query within a query": lambda secret: quote_plus(quote_plus(secret)),
    "named signs": lambda secret: secret.replace("+", "&plus;").replace("=", "&equals;").replace("&<", "&amp;&lt;"),
    "other line ends": lambda secret: secret.replace("\n", "\r\n"),
}  # fmt: skip


@pytest.mark.parametrize("form", BROKEN)
@pytest.mark.parametrize("secret", [SECRET, "-----BEGIN KEY-----\n" + f"{SECRET}\n" * 3 + "-----END KEY-----"])
def test_what_has_passed_several_encoders_is_removed_too(form: str, secret: str) -> None:
    echo = BROKEN[form](secret)
    scrubber = Scrubber([secret])
    found = scrubber.text(f"before {echo} after"), json.dumps(scrubber.value({"a": [f"before {echo} after"]}))
    for text in found:
        assert REMOVED in text
        assert text.count("before") == text.count("after") == 1
        assert "canary" not in text
        assert base64.b64encode(secret.encode()).decode()[20:40] not in text


BORDERS: dict[str, tuple[str, Callable[[str], str]]] = {
    "a percent sign before it": ("3D%A{Ok0%\\G4#R5\\S<K,", lambda secret: f"100%{secret}"),
    "an ampersand at its end": ('k3&"y\\9fA&', lambda secret: f"{secret}lt;"),
    "a backslash before its HTML": ("f`!h>`0C$Z<r4%r-v~pb", lambda secret: f"\\{html.escape(secret)}"),
    "a percent sign before its JSON": ('41"aB\\cD>x0', lambda secret: f"%{json.dumps(secret)[1:-1]}"),
    "a backslash before its URL": ("nightfall?x=<1>&2", lambda secret: f"\\{quote(secret, safe='')}"),
}


@pytest.mark.parametrize("name", BORDERS)
def test_what_stands_beside_it_hides_no_echo(name: str) -> None:
    secret, write = BORDERS[name]
    scrubber = Scrubber([secret])
    for found in (scrubber.text(write(secret)), scrubber.value({"m": [write(secret)]})["m"][0]):
        assert REMOVED in found


def test_what_stands_around_an_escaped_echo_stays() -> None:
    text = "100 % sure: a+b, &amp; \\n; %41 " + quote(SECRET, safe="") + " & 7 % more \\u0041"
    assert Scrubber([SECRET]).text(text) == f"100 % sure: a+b, &amp; \\n; %41 {REMOVED} & 7 % more \\u0041"


@given(st.text(st.sampled_from('%41+&#;lt\\u0"n\r\nAé'), max_size=60))
def test_escapes_without_a_secret_are_left_as_they_are(text: str) -> None:
    scrubber = Scrubber([SECRET])
    assert scrubber.text(text) == text
    answer = {"a": [text, {text: 1}]}
    assert scrubber.value(answer) == answer


LARGE = ["%41" * 350_000, "&#" + "0" * 10**6, "&a" * 500_000, "%25" * 350_000, "\\" * 10**6, "1," * 500_000]


@pytest.mark.parametrize("text", LARGE, ids=lambda text: text[:6])
def test_a_large_answer_is_looked_over_in_a_moment(text: str) -> None:
    scrubber = Scrubber(["".join(f"{number:x}" for number in range(5_000))])
    began = time.process_time()
    assert scrubber.text(text) == text
    assert scrubber.value({"a": text}) == {"a": text}
    assert time.process_time() - began < 10, "it took half a minute for one character in each of the secret's"


def test_several_secrets_are_removed_the_longest_first() -> None:
    assert Scrubber(["inner", "outer-inner-outer"]).text("an outer-inner-outer and an inner") == (
        f"an {REMOVED} and an {REMOVED}"
    )
