"""Large answers of the catalogue travel packed to who can unpack them, and are the same answers."""

import gzip
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request
from starlette.responses import Response

from moorings.domain.caller import Caller, Scope
from moorings.domain.environment import Environments
from moorings.http.etag import PACKED_FROM, kept
from moorings.services.integrations import Visible
from moorings.services.states import OwnerState

LARGE, SMALL = b'{"data":"' + b"word " * PACKED_FROM + b'"}', b'{"data":[]}'


def seen() -> Visible:
    caller = Caller("key_1", "org_1", frozenset({Scope.ALL}))
    return Visible(OwnerState((), (), None), caller, Environments(("production",)))


def ask(visible: Visible, render: Callable[[], bytes], **headers: str) -> Response:
    given = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    scope: dict[str, Any] = {"type": "http", "method": "GET", "path": "/", "headers": given}
    return kept(Request(scope), visible, ("large",), render)


@pytest.mark.parametrize("accepted", ["gzip", "br, gzip;q=0.5", "*", "deflate,GZIP , br"])
def test_a_large_answer_is_packed_for_who_unpacks_it(accepted: str) -> None:
    answer = ask(seen(), lambda: LARGE, accept_encoding=accepted)
    assert answer.headers["content-encoding"] == "gzip"
    assert len(answer.body) < len(LARGE) / 4
    assert gzip.decompress(bytes(answer.body)) == LARGE
    assert answer.headers["content-length"] == str(len(answer.body))


@pytest.mark.parametrize("accepted", ["", "identity", "br", "gzip;q=0", "gzip; q=0.0", "xgzip", "gzipped"])
def test_it_is_plain_for_everybody_else(accepted: str) -> None:
    answer = ask(seen(), lambda: LARGE, accept_encoding=accepted)
    assert "content-encoding" not in answer.headers
    assert answer.body == LARGE


def test_a_small_answer_is_not_worth_packing() -> None:
    answer = ask(seen(), lambda: SMALL, accept_encoding="gzip")
    assert "content-encoding" not in answer.headers
    assert answer.body == SMALL


def test_each_form_has_a_tag_of_its_own_and_caches_are_told() -> None:
    visible = seen()
    plain, packed = ask(visible, lambda: LARGE), ask(visible, lambda: LARGE, accept_encoding="gzip")
    assert plain.headers["etag"] != packed.headers["etag"]
    assert "Accept-Encoding" in plain.headers["vary"]
    for accepted, answer in (("", plain), ("gzip", packed)):
        again = ask(visible, lambda: LARGE, accept_encoding=accepted, if_none_match=answer.headers["etag"])
        assert (again.status_code, again.body) == (304, b"")
        assert "content-encoding" not in again.headers


def test_each_form_is_made_once() -> None:
    visible, made = seen(), []

    def render() -> bytes:
        made.append(1)
        return LARGE

    for accepted in ("gzip", "", "gzip", ""):
        ask(visible, render, accept_encoding=accepted)
    assert len(made) == 2


@given(st.text(st.characters(codec="latin-1", exclude_categories=["Cc"]), max_size=60))
def test_no_header_makes_it_fail(accepted: str) -> None:
    given = [(b"accept-encoding", accepted.encode("latin-1"))]
    scope: dict[str, Any] = {"type": "http", "method": "GET", "path": "/", "headers": given}
    assert kept(Request(scope), seen(), ("large",), lambda: SMALL).body == SMALL
