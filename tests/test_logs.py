"""Nothing that has the shape of a secret is written to the log, in whatever way it got into a record."""

import io
import json
import logging
from collections.abc import Iterator

import httpx2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moorings import logs
from moorings.domain.api_key import new_token
from moorings.domain.secret import Secret
from moorings.emulators.registry import all_emulators
from moorings.logs import REDACTED, JsonFormatter, TextFormatter, configure, redact

BODY = "Zq7Hx2Lm9Vb4Kt8Rn3Wc6Yd1Pf5Gs0Jj"
SHAPES = {
    "ours": f"mrg_{BODY}",
    "openai": f"sk-proj-{BODY}",
    "anthropic": f"sk-ant-api03-{BODY}",
    "stripe": f"sk_live_{BODY}",
    "stripe restricted": f"rk_test_{BODY}",
    "stripe publishable": f"pk_live_{BODY}",
    "github": f"ghp_{BODY}",
    "github oauth": f"gho_{BODY}",
    "github user": f"ghu_{BODY}",
    "github server": f"ghs_{BODY}",
    "github refresh": f"ghr_{BODY}",
    "github fine-grained": f"github_pat_{BODY}",
    "slack bot": f"xoxb-2345-{BODY}",
    "slack user": f"xoxp-2345-{BODY}",
    "slack rotated": f"xoxe.xoxb-1-{BODY}",
    "firecrawl": f"fc-{BODY}",
    "tavily": f"tvly-dev-{BODY}",
    "hubspot": f"pat-eu1-{BODY}",
    "notion": f"ntn_{BODY}",
    "notion old": f"secret_{BODY}",
    "resend": f"re_{BODY}",
    "linear": f"lin_api_{BODY}",
    "telegram": f"7654321098:{BODY}{BODY[:3]}",
    "bearer": f"Bearer {BODY}",
    "basic": f"basic {BODY}==",
    "token": f"Token {BODY}",
    "password in an address": f"postgresql://moorings:{BODY}@db/moorings",
    "user and password of a proxy": f"http://user:{BODY}@proxy:3128/",
}
AROUND = ["{}", "before {} after", '"{}"', "'{}'", "({})", "key={}", "{},", "\n{}\n", '{{"apiKey": "{}"}}', "<{}>"]
URLS = [
    f"https://api.example.com/v1/x?key={BODY}",
    f"http://127.0.0.1:8700/v1?a=1&token={BODY}&b=2",
    f"https://example.com?{BODY}",
]


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """What the log holds, at any level, in lines for people."""
    yield from _configured("text")


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """The same as JSON."""
    yield from _configured("json")


def _configured(style: str) -> Iterator[io.StringIO]:
    root, stream = logging.getLogger(), io.StringIO()
    before = (root.level, list(root.handlers))
    names = (*logs.SILENCED, *logs.QUIET)
    loggers = [(logger, vars(logger).copy()) for logger in map(logging.getLogger, names)]
    configure("debug", style, stream)
    yield stream
    root.level, root.handlers = before
    for logger, state in loggers:
        vars(logger).update(state)


@pytest.mark.parametrize("frame", AROUND)
@pytest.mark.parametrize("kind", SHAPES)
def test_every_known_shape_is_redacted_wherever_it_stands(kind: str, frame: str) -> None:
    told = redact(frame.format(SHAPES[kind]))
    assert BODY not in told
    assert REDACTED in told


@pytest.mark.parametrize("url", URLS)
def test_the_query_of_an_address_is_not_written_and_its_place_is(url: str) -> None:
    told = redact(f"GET {url} answered")
    assert BODY not in told
    assert told.startswith(f"GET {url.partition('?')[0]}?{REDACTED}")
    assert told.endswith(" answered")


def test_a_key_of_ours_is_redacted_whatever_it_is_made_of() -> None:
    for number in range(0, 62, 7):
        token = new_token(lambda letters, number=number: letters[number])  # type: ignore[misc]
        assert token not in redact(f"the key {token} is wrong")


def test_the_accepted_keys_of_the_stand_ins_have_redacted_shapes_where_their_provider_gives_them_one() -> None:
    without_a_shape = {
        "exa", "elevenlabs", "datadog", "telegram", "google-workspace", "paypal", "pinecone", "qdrant",
            "weaviate",
    }  # fmt: skip
    for name, emulator in all_emulators().items():
        for field, value in emulator.credentials().items():
            if name not in without_a_shape and len(value) >= 20 and ("-" in value[:12] or "_" in value[:12]):
                assert value not in redact(f"{field} {value}"), f"the {field} of {name} would be logged"


@pytest.mark.parametrize(
    "text",
    [
        "a call failed call=GET /v1/integrations/firecrawl code=STORE_BUSY request_id=req_01kb0h6v3m8x2q4r5s6t7v8w9x",
        "key_01kb0h6v3m8x2q4r5s6t7v8w9x was revoked by org_01kb0h6v3m8x2q4r5s6t7v8w9x",
        "listening on http://127.0.0.1:8700/v1/integrations",
        "2026-11-23T12:00:00.000Z INFO 12:30:45 10.0.0.1:8080 [::1]:8700",
        "the token is missing; the basic rules; a bearer of bad news",
    ],
)
def test_what_is_no_secret_is_left_as_it_is(text: str) -> None:
    assert redact(text) == text


@pytest.mark.parametrize("kind", SHAPES)
def test_a_secret_in_message_argument_or_extra_field_reaches_neither_format(written: io.StringIO, kind: str) -> None:
    _log_everywhere(SHAPES[kind])
    assert BODY not in written.getvalue()
    assert written.getvalue().count(REDACTED) >= 3


@pytest.mark.parametrize("kind", SHAPES)
def test_a_secret_reaches_no_json_line(lines: io.StringIO, kind: str) -> None:
    _log_everywhere(SHAPES[kind])
    assert BODY not in lines.getvalue()
    assert all(json.loads(line) for line in lines.getvalue().splitlines())


def test_the_trace_of_an_exception_is_redacted_with_its_causes(written: io.StringIO) -> None:
    _fail(SHAPES["ours"], SHAPES["openai"])
    assert "Traceback" in written.getvalue()
    assert "During handling" in written.getvalue() or "direct cause" in written.getvalue()
    assert BODY not in written.getvalue()


def test_the_trace_in_a_json_line_is_redacted(lines: io.StringIO) -> None:
    _fail(SHAPES["slack bot"], SHAPES["telegram"])
    [line] = lines.getvalue().splitlines()
    assert "Traceback" in json.loads(line)["trace"]
    assert BODY not in line


def test_a_secret_of_the_house_does_not_print_at_all(written: io.StringIO) -> None:
    logging.getLogger("moorings.test").warning(
        "it is %s", Secret("plain"), extra={"fields": {"apiKey": Secret("plain")}}
    )
    assert "plain" not in written.getvalue()


def test_the_http_clients_own_loggers_are_closed(written: io.StringIO) -> None:
    for name in logs.SILENCED:
        logging.getLogger(name).critical("GET https://api.telegram.org/bot%s/getMe", BODY)
        logging.getLogger(f"{name}.anything.below").critical("a header %s", BODY)
    assert BODY not in written.getvalue()


@pytest.mark.anyio
async def test_a_call_of_the_client_leaves_no_trace_of_its_path(written: io.StringIO) -> None:
    transport = httpx2.MockTransport(lambda _: httpx2.Response(200))
    async with httpx2.AsyncClient(transport=transport) as client:
        await client.get(f"https://api.telegram.org/bot{BODY}/getMe")
    assert BODY not in written.getvalue()


def test_a_json_line_holds_time_level_event_and_the_extra_fields(lines: io.StringIO) -> None:
    logging.getLogger("moorings.test").warning("a call failed", extra={"code": "STORE_BUSY", "count": 3})
    line = json.loads(lines.getvalue())
    assert {name: line[name] for name in ("level", "event", "code", "count")} == {
        "level": "warning", "event": "a call failed", "code": "STORE_BUSY", "count": 3,
    }  # fmt: skip
    assert line["at"].endswith("Z")


def test_a_line_for_people_holds_the_same(written: io.StringIO) -> None:
    logging.getLogger("moorings.test").warning("a call failed", extra={"code": "STORE_BUSY"})
    moment, level, rest = written.getvalue().split(maxsplit=2)
    assert moment.endswith("Z")
    assert (level, rest) == ("WARNING", "a call failed code=STORE_BUSY\n")


messages = st.text() | st.sampled_from([*URLS, *SHAPES.values()]) | st.from_regex(r"https?://x\?[\"\\' a-z]{0,9}")


@settings(deadline=None)
@given(message=messages, extra=st.dictionaries(st.sampled_from(["call", "who"]), messages | st.integers()))
def test_a_json_line_is_one_line_of_json_whatever_is_logged(message: str, extra: dict[str, object]) -> None:
    line = JsonFormatter().format(_record(message, extra))
    assert "\n" not in line
    assert set(json.loads(line)) == {"at", "level", "event", *extra}


@settings(deadline=None)
@given(message=messages, extra=st.dictionaries(st.sampled_from(["call", "who"]), messages))
def test_what_a_caller_sends_makes_no_line_of_its_own(message: str, extra: dict[str, object]) -> None:
    """A path with an encoded line break must not look like an entry that we wrote."""
    assert {"\n", "\r"}.isdisjoint(TextFormatter().format(_record(message, extra)))


def test_the_level_says_what_is_written() -> None:
    root, stream = logging.getLogger(), io.StringIO()
    before = (root.level, list(root.handlers))
    configure("error", "text", stream)
    logging.getLogger("moorings.test").warning("not this")
    logging.getLogger("moorings.test").error("but this")
    root.level, root.handlers = before
    assert "not this" not in stream.getvalue()
    assert "but this" in stream.getvalue()


def _record(message: str, extra: dict[str, object]) -> logging.LogRecord:
    record = logging.LogRecord("moorings.test", logging.WARNING, __file__, 1, message, None, None)
    vars(record).update(extra)
    return record


def _log_everywhere(secret: str) -> None:
    log = logging.getLogger("moorings.test")
    log.warning(f"in the message: {secret} ")  # noqa: G004 - somebody will
    log.warning("as an argument: %s ", secret)
    log.warning("beside it", extra={"field": secret, "nested": {"deep": [secret]}})


def _fail(first: str, second: str) -> None:
    try:
        _break(first, second)
    except RuntimeError:
        logging.getLogger("moorings.test").exception("a defect")


def _break(first: str, second: str) -> None:
    try:
        int(f"the key {first} is wrong")
    except ValueError as error:
        raise RuntimeError(f"and so is {second} ") from error
