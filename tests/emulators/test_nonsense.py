"""Whatever nonsense a client sends, a stand-in answers as the provider would: in its form, and never with a fault."""

import json
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moorings.emulators.contract import Call
from moorings.emulators.slack import Slack
from moorings.emulators.slack import web_api as slack
from moorings.emulators.slack.apps import TOKEN
from moorings.emulators.telegram import Telegram
from moorings.emulators.telegram import bot_api as telegram
from moorings.emulators.telegram.world import MANAGER_TOKEN
from moorings.errors import MooringsError

EXAMPLES = 120
DEEP = "[" * 100_000
TEXTS = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        ["", "0", "-1", "42", "123456789", "1763899200.000100", "C0123456789", "nan", "inf", DEEP, "\ud800"]
    ),
    st.integers().map(str),
    st.lists(st.dictionaries(st.text(max_size=3), st.integers(), max_size=2), max_size=2).map(json.dumps),
)
NAMES = st.sampled_from(
    [
        "chat_id", "message_id", "text", "user_id", "offset", "limit", "url", "secret_token", "allowed_updates",
        "photo", "document", "commands", "reply_parameters", "added_user_ids", "is_access_restricted",
        "max_connections", "channel", "ts", "blocks", "thread_ts", "cursor",
        "oldest", "latest", "files", "length", "filename", "name",
        "timestamp", "email", "types", "code", "grant_type", "client_id", "client_secret", "redirect_uri", "scope",
        "manifest", "decision", "channel_id", "test",
    ]
)  # fmt: skip
KNOWN = {"chat_id": "123456789", "message_id": "42", "channel": "C0123456789", "ts": "1763899200.000100"}
ARGUMENTS = st.dictionaries(NAMES, TEXTS, max_size=5).map(lambda given: {**KNOWN, **given})
FORMS = (
    "application/json",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=b",
    "multipart/form-data",
)


def called(path: str, form: str, given: dict[str, str], headers: dict[str, str] | None = None) -> Call:
    body = _written(form, given)
    return Call("POST", path, {}, {"content-type": form, **(headers or {})}, body)


def _written(form: str, given: dict[str, str]) -> bytes:
    if form == "application/json":
        return json.dumps(given).encode()
    if form == "application/x-www-form-urlencoded":
        return urlencode({name: value.encode(errors="surrogatepass") for name, value in given.items()}).encode()
    parts = [
        f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in given.items()
    ]
    return "".join(parts).encode(errors="surrogatepass") + b"--b--\r\n"


@settings(max_examples=EXAMPLES, deadline=None, database=None)
@given(method=st.sampled_from([*telegram.METHODS, "noSuchMethod"]), form=st.sampled_from(FORMS), given=ARGUMENTS)
def test_telegram_answers_in_its_form(method: str, form: str, given: dict[str, str]) -> None:
    said = Telegram().answer(called(f"/bot{MANAGER_TOKEN}/{method}", form, given))
    assert (said.body["ok"], said.status) == (True, 200) or said.body["error_code"] == said.status < 500
    json.dumps(said.body, ensure_ascii=False).encode()


@pytest.mark.parametrize("text", ["\ud800", DEEP, "\x00", "é漢"])
def test_a_text_that_no_answer_can_hold_is_put_right(text: str) -> None:
    asked = {"chat_id": "123456789", "text": text, "channel": "C0123456789", "reply_parameters": text, "blocks": text}
    answers = [
        Telegram().answer(called(f"/bot{MANAGER_TOKEN}/sendMessage", "application/json", asked)),
        Slack().answer(called("/chat.postMessage", FORMS[0], asked, {"authorization": f"Bearer {TOKEN}"})),
    ]
    for said in answers:
        assert said.status < 500
        json.dumps(said.body, ensure_ascii=False).encode()


SLACK = [
    *slack.METHODS, "auth.test", "auth.revoke", "files.getUploadURLExternal", "oauth.v2.access", "oauth.v2.exchange",
    "apps.manifest.validate", "noSuchMethod",
]  # fmt: skip


@settings(max_examples=EXAMPLES, deadline=None, database=None)
@given(method=st.sampled_from(SLACK), form=st.sampled_from(FORMS), given=ARGUMENTS)
def test_slack_answers_in_its_form(method: str, form: str, given: dict[str, str]) -> None:
    said = Slack().answer(called(f"/{method}", form, given, {"authorization": f"Bearer {TOKEN}"}))
    assert said.status == 200
    assert said.body["ok"] or said.body["error"]
    json.dumps(said.body, ensure_ascii=False).encode()


@settings(max_examples=EXAMPLES, deadline=None, database=None)
@given(given=ARGUMENTS)
def test_the_page_of_slack_is_a_page_or_leads_away(given: dict[str, str]) -> None:
    said = Slack().answer(Call("GET", "/oauth/v2/authorize", {name: [text] for name, text in given.items()}, {}, b""))
    assert said.status in (200, 302, 400)
    assert all(value.isascii() and value.isprintable() for value in said.headers.values())


JSON: st.SearchStrategy[Any] = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=8)),
    lambda inner: st.one_of(st.lists(inner, max_size=2), st.dictionaries(st.text(max_size=8), inner, max_size=2)),
    max_leaves=6,
)


@settings(max_examples=EXAMPLES, deadline=None, database=None)
@given(
    manifest=st.dictionaries(
        st.sampled_from(["display_information", "features", "oauth_config", "settings", "x"]),
        st.dictionaries(st.sampled_from(["name", "bot_user", "scopes", "event_subscriptions", "redirect_urls"]), JSON),
    )
)
def test_a_manifest_that_is_none_is_refused(manifest: dict[str, Any]) -> None:
    body = json.dumps({"manifest": manifest}).encode()
    with pytest.raises(MooringsError):
        Slack().play(Call("POST", "/create-app", {}, {}, body))
