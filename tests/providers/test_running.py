"""The declarative runner: a tool's request becomes an answer without the secret, whatever the provider does."""

import asyncio
import base64
import json
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest

from moorings.domain.request_form import Encoding, Outcome, Pages, RequestForm, Rule, TokenForm, Turning, VerifyForm
from moorings.domain.run import Run
from moorings.domain.secret import Secret
from moorings.domain.tool import Tool
from moorings.errors import CredentialsRejected, InvalidRequest, ProviderFailed, ProviderTimeout
from moorings.providers.exchange import Exchange
from moorings.providers.paging import request_after
from moorings.providers.reading import retry_after
from moorings.providers.request import PreparedRequest, build
from moorings.providers.running import Limits
from moorings.providers.scrubbing import REMOVED
from moorings.providers.transport import Transport
from tests.providers.made import FIELDS, KEY, connected, integration, said, saying, tool, wire

pytestmark = pytest.mark.anyio

GET = RequestForm("GET", "/ships")
ASKED = PreparedRequest("GET", "https://api.harbour.example/ships", {}, None)


@pytest.fixture
async def transport() -> AsyncIterator[Transport]:
    async with Transport(timeout=2) as made:
        yield made


async def ran(transport: Transport, *answers: bytes, item: Tool | None = None, entry: Any = None, **values: Any) -> Run:
    async with wire(saying(*answers)) as provider:
        runner = connected(transport, provider.url, entry=entry).runner
        assert runner is not None
        return await runner.run(item or tool(GET), FIELDS, values)


async def test_the_result_is_what_the_manifest_selects(transport: Transport) -> None:
    run = await ran(transport, said('{"data": {"ships": [1, 2]}}'), item=tool(GET, result="data.ships"))
    assert run == Run([1, 2])


@pytest.mark.parametrize(
    ("answer", "result"),
    [
        (said("", "204 No Content"), None),
        (said("null"), None),
        (said("plain words", "200 OK", "text/plain; charset=utf-8"), "plain words"),
        (said("a,b\n1,2", "200 OK", "text/csv"), "a,b\n1,2"),
        (said(b"\xff\xfb", "200 OK", "audio/mpeg"), {"contentType": "audio/mpeg", "base64": "//s="}),
        (said('{"a":1}', "200 OK", "application/vnd.api+json"), {"a": 1}),
    ],
)
async def test_every_kind_of_answer_has_a_form(transport: Transport, answer: bytes, result: Any) -> None:
    assert await ran(transport, answer) == Run(result)


@pytest.mark.parametrize(
    "answer",
    [
        said("<html>Sign in</html>", "200 OK", "text/html"), said("{broken"), said("[" * 4_000),
        said("{", "200 OK", "application/json; charset=utf-8"),
    ],
)  # fmt: skip
async def test_what_is_not_data_is_a_failure(transport: Transport, answer: bytes) -> None:
    with pytest.raises(ProviderFailed, match="Harbour answered with"):
        await ran(transport, answer)


async def test_a_page_is_an_answer_to_who_asks_for_one(transport: Transport) -> None:
    item = tool(RequestForm("GET", "/page", headers={"Accept": "text/html"}))
    assert await ran(transport, said("<p>hi</p>", "200 OK", "text/html"), item=item) == Run("<p>hi</p>")


@pytest.mark.parametrize("status", ["400 Bad", "403 No", "404 None", "409 Clash", "500 Oh", "302 Found"])
async def test_a_refusal_is_a_result_in_the_providers_words(transport: Transport, status: str) -> None:
    run = await ran(transport, said('{"error": "no berth"}', status), item=tool(GET, result="data"))
    assert run == Run(
        {"status": int(status[:3]), "answer": {"error": "no berth"}}, is_error=True, status=int(status[:3])
    )


async def test_a_refusal_that_is_a_page_is_told_in_part(transport: Transport) -> None:
    run = await ran(transport, said("<html>" + "x" * 9_000, "403 Forbidden", "text/html"))
    assert len(run.result["answer"]) == 4_000


async def test_an_error_inside_a_success_is_a_refusal(transport: Transport) -> None:
    entry = integration(failed="errors")
    run = await ran(transport, said('{"errors": [{"message": "no"}]}'), entry=entry)
    assert run.is_error
    assert run.result == {"status": 200, "answer": {"errors": [{"message": "no"}]}}
    assert not (await ran(transport, said('{"data": 1, "errors": []}'), entry=entry)).is_error


async def test_the_time_to_wait_is_told(transport: Transport) -> None:
    run = await ran(transport, said("{}", "429 Slow", "application/json", "retry-after: 30"))
    assert (run.is_error, run.retry_after) == (True, 30)


@pytest.mark.parametrize(
    ("told", "seconds"),
    [("0", 0), ("120", 120), ("Mon, 23 Nov 2026 10:00:30 GMT", 30), ("Mon, 23 Nov 2026 09:00:00 GMT", 0),
     ("soon", None), ("-1", None), ("", None), ("1.5", None), ("\xb2", None), ("9" * 5_000, None)],
)  # fmt: skip
def test_the_time_to_wait_is_read_in_both_forms(told: str, seconds: int | None) -> None:
    assert retry_after({"retry-after": told}, datetime(2026, 11, 23, 10, tzinfo=UTC)) == seconds


@pytest.mark.parametrize(
    "echo",
    [
        KEY,
        base64.b64encode(KEY.encode()).decode(),
        KEY.encode().hex(),
        f"Bearer {KEY}",
        KEY.replace("/", "%2F"),
        KEY.replace("/", "\\/"),
    ],
)
@pytest.mark.parametrize("status", ["200 OK", "400 Bad"])
@pytest.mark.parametrize("kind", ["application/json", "text/plain"])
async def test_no_echo_of_the_secret_comes_back(transport: Transport, echo: str, status: str, kind: str) -> None:
    body = json.dumps({"error": f"the key {echo} is wrong", echo: [echo]}) if kind.endswith("json") else f"key {echo}"
    run = await ran(transport, said(body, status, kind, f"x-echo: {echo}"))
    assert echo not in json.dumps(run.result)
    assert REMOVED in json.dumps(run.result)


async def test_an_escaped_echo_is_read_before_it_is_scrubbed(transport: Transport) -> None:
    escaped = "".join(f"\\u{ord(letter):04x}" for letter in KEY)
    run = await ran(transport, said(f'{{"error": "{escaped}"}}'))
    assert run.result == {"error": REMOVED}


async def test_a_large_answer_is_cut_with_a_mark(transport: Transport) -> None:
    run = await ran(transport, said(json.dumps({"data": "x" * 10_000})), item=tool(GET, result="data"))
    assert run.truncated
    assert run.result["contentType"] == "application/json"
    assert run.result["text"].startswith('{"data": "xxx')
    assert len(run.result["text"]) == 4096 - 6 * len(KEY), "what could be the half of a secret goes, whatever it is"


async def test_the_half_of_a_secret_at_the_cut_is_removed(transport: Transport) -> None:
    run = await ran(transport, said("x" * (4096 - 10) + KEY * 2, "200 OK", "text/plain"))
    assert run.result["text"] == "x" * (4096 - 6 * len(KEY))


async def test_a_tool_has_its_own_time(transport: Transport) -> None:
    async def late(_: str, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.4)
        writer.write(said("{}"))

    async with wire(late) as provider:
        runner = connected(transport, provider.url, Limits(0.1, 4096)).runner
        assert runner is not None
        with pytest.raises(ProviderTimeout):
            await runner.run(tool(GET), FIELDS, {})
        assert (await runner.run(tool(GET, timeout=2), FIELDS, {})).result == {}


@pytest.mark.parametrize("value", ["..", ".", "../../admin", "a/../b"])
async def test_a_value_does_not_leave_its_place_in_the_path(transport: Transport, value: str) -> None:
    for template in ("/ships/{name}", "/files/{+name}"):
        async with wire(saying(said("{}"))) as provider:
            runner = connected(transport, provider.url).runner
            assert runner is not None
            if "/" in value and "+" not in template:
                await runner.run(tool(RequestForm("GET", template)), FIELDS, {"name": value})
                assert provider.heads[0].startswith(f"GET /ships/{value.replace('/', '%2F')} ")
            else:
                with pytest.raises(InvalidRequest):
                    await runner.run(tool(RequestForm("GET", template)), FIELDS, {"name": value})


async def test_a_value_does_not_make_headers(transport: Transport) -> None:
    form = RequestForm("GET", "/ships", headers={"X-Name": "{name}"})
    for value in ("a\r\nX-Evil: 1", "a\nb", "a\x00b", "ä", " a", "a "):
        with pytest.raises(InvalidRequest, match="cannot carry"):
            await ran(transport, said("{}"), item=tool(form), name=value)


@pytest.mark.parametrize(
    "address",
    [
        "https://h\u00e4fen.example",
        "https://a.example/\u00e4",
        "https://a.exa\nmple",
        "https://a.example/ b",
        "",
        "https://[a",
    ],
)
async def test_an_address_of_ones_own_that_is_no_url_is_refused(address: str) -> None:
    entry = integration(base_url="{fields.account}", hosts=frozenset({"{fields.account}"}))
    with pytest.raises(InvalidRequest, match="address"):
        build(entry, GET, {**FIELDS, "account": Secret(address)})


HALF = "\ud800"


@pytest.mark.parametrize(
    "form",
    [RequestForm("GET", "/ships/{name}"), RequestForm("GET", "/ships", query={"a": "{name}"}),
     *(RequestForm("POST", "/ships", body={"a": "{name}"}, encoding=kind)
       for kind in (Encoding.JSON, Encoding.FORM, Encoding.MULTIPART)),
     RequestForm("POST", "/ships", body="{name}", encoding=Encoding.TEXT)],
)  # fmt: skip
async def test_half_a_character_is_refused_wherever_it_would_stand(transport: Transport, form: RequestForm) -> None:
    with pytest.raises(InvalidRequest, match="half of a character"):
        await ran(transport, said("{}"), item=tool(form), name=HALF)


@pytest.mark.parametrize("number", [float("inf"), float("nan"), [{"a": float("-inf")}]])
async def test_a_number_that_is_not_finite_does_not_become_broken_json(transport: Transport, number: Any) -> None:
    with pytest.raises(InvalidRequest, match="not finite"):
        await ran(transport, said("{}"), item=tool(RequestForm("POST", "/ships", body={"a": "{name}"})), name=number)


async def test_a_parameter_may_name_a_declared_host_only(transport: Transport) -> None:
    form = RequestForm("GET", "/query", base_url="https://{host}")
    async with wire(saying(said("{}"))) as provider:
        runner = connected(transport, provider.url).runner
        assert runner is not None
        await runner.run(tool(form), FIELDS, {"host": "north.berths.example"})
        assert provider.heads[0].startswith("GET /@north.berths.example/query ")
        hosts = (
            "evil.example", "berths.example.evil.example", "a@evil.example", "evil.example/x.berths.example",
            "evil.example#.berths.example", "evil.example?.berths.example", "north.berths.example:8443@evil.example",
            "", "xberths.example",
        )  # fmt: skip
        for host in hosts:
            with pytest.raises(InvalidRequest):
                await runner.run(tool(form), FIELDS, {"host": host})
        assert len(provider.heads) == 1


async def test_a_refusal_by_the_verifiers_rules_raises_a_suspicion(transport: Transport) -> None:
    rule = Rule(Outcome.REJECTED, frozenset({200}), at="error", equals=("invalid_auth",))
    form = VerifyForm(GET, frozenset({200}), frozenset({401}), frozenset(), "id", (rule,))
    entry = integration(verify=form, failed="error")
    assert (await ran(transport, said("{}", "401 No"), entry=entry)).suspect
    assert (await ran(transport, said('{"error": "invalid_auth"}'), entry=entry)).suspect
    assert not (await ran(transport, said('{"error": "other"}'), entry=entry)).suspect
    assert not (await ran(transport, said("{}", "403 No"), entry=entry)).suspect


@pytest.mark.parametrize("body", ['{"a": 1e999}', "[-1e999]", "1e999"])
async def test_a_number_that_cannot_be_written_again_is_no_json(transport: Transport, body: str) -> None:
    with pytest.raises(ProviderFailed, match="not the JSON"):
        await ran(transport, said(body))
    assert (await ran(transport, said(body, "400 Bad"))).result == {"status": 400, "answer": body}


class TestPages:
    CURSOR = Pages(Turning.CURSOR, "data.items", next="next", parameter="after", limit=10)
    NUMBER = Pages(Turning.NUMBER, "", parameter="page", limit=10)
    LINK = Pages(Turning.LINK, "items", limit=10)
    FORM = RequestForm("GET", "/ships", query={"after": "{after}", "page": "{page}"})

    @staticmethod
    def page(items: list[int], after: str | None) -> bytes:
        return said(json.dumps({"data": {"items": items, "kept": 1}, "next": after}))

    async def test_a_cursor_is_followed_until_it_ends(self, transport: Transport) -> None:
        item = tool(self.FORM, pages=self.CURSOR)
        answers = (self.page([1], "b"), self.page([2], "c"), self.page([3], None))
        run = await ran(transport, *answers, item=item, maxPages=9)
        assert run == Run({"data": {"items": [1, 2, 3], "kept": 1}, "next": None})

    async def test_no_more_pages_are_fetched_than_were_asked_for(self, transport: Transport) -> None:
        async with wire(saying(self.page([1], "b"))) as provider:
            runner = connected(transport, provider.url).runner
            assert runner is not None
            for wanted in (1, 3):
                provider.heads.clear()
                run = await runner.run(tool(self.FORM, pages=self.CURSOR), FIELDS, {"maxPages": wanted, "after": "a"})
                assert len(provider.heads) == wanted
                assert run.result["data"]["items"] == [1] * wanted
            assert [head.split(" ")[1] for head in provider.heads] == ["/ships?after=a", *["/ships?after=b"] * 2]

    async def test_numbers_go_on_until_a_page_is_empty(self, transport: Transport) -> None:
        async with wire(saying(said("[1,2]"), said("[3]"), said("[]"))) as provider:
            runner = connected(transport, provider.url).runner
            assert runner is not None
            run = await runner.run(tool(self.FORM, pages=self.NUMBER), FIELDS, {"maxPages": 9})
            assert run.result == [1, 2, 3]
            assert [head.split(" ")[1] for head in provider.heads] == ["/ships", "/ships?page=2", "/ships?page=3"]

    async def test_a_page_may_be_counted_from_nought(self, transport: Transport) -> None:
        pages = Pages(Turning.NUMBER, "", parameter="page", first=0)
        async with wire(saying(said("[1]"), said("[2]"), said("[]"))) as provider:
            runner = connected(transport, provider.url).runner
            assert runner is not None
            assert (await runner.run(tool(self.FORM, pages=pages), FIELDS, {"maxPages": 9})).result == [1, 2]
            assert [head.split(" ")[1] for head in provider.heads] == ["/ships", "/ships?page=1", "/ships?page=2"]

    async def test_an_offset_passes_over_what_has_come(self, transport: Transport) -> None:
        pages = Pages(Turning.OFFSET, "items", next="more", parameter="after")
        answers = (said('{"items": [1, 2], "more": true}'), said('{"items": [3], "more": false}'))
        async with wire(saying(*answers)) as provider:
            runner = connected(transport, provider.url).runner
            assert runner is not None
            run = await runner.run(tool(self.FORM, pages=pages), FIELDS, {"maxPages": 9, "after": 10})
            assert run.result["items"] == [1, 2, 3]
            assert [head.split(" ")[1] for head in provider.heads] == ["/ships?after=10", "/ships?after=12"]

    async def test_a_link_to_an_empty_page_is_not_followed(self, transport: Transport) -> None:
        link = 'link: </?cursor=0>; rel="previous"; results="true", </?cursor=9>; rel="next"; results="false"'
        answers = (said('{"items": [1]}', "200 OK", "application/json", link), said('{"items": [2]}'))
        run = await ran(transport, *answers, item=tool(GET, pages=self.LINK), maxPages=5)
        assert run.result["items"] == [1]

    async def test_of_a_link_only_the_query_is_taken(self, transport: Transport) -> None:
        link = (
            'link: <https://evil.example/stolen?page=2&x=%20y>; rel="next", <https://evil.example/?page=9>; rel="last"'
        )
        answers = (said('{"items": [1]}', "200 OK", "application/json", link), said('{"items": [2]}'))
        async with wire(saying(*answers)) as provider:
            runner = connected(transport, provider.url).runner
            assert runner is not None
            run = await runner.run(tool(self.FORM, pages=self.LINK), FIELDS, {"maxPages": 5})
            assert run.result == {"items": [1, 2]}
            assert [head.split(" ")[1] for head in provider.heads] == ["/ships", "/ships?page=2&x=%20y"]
            assert KEY in provider.heads[1]

    @pytest.mark.parametrize(
        "link", ["https://x.example/no-query", "?a=b\r\nX-Evil: 1", "?ä=1", "https://[x/?a=1", 7, None, ["?a=1"]]
    )
    async def test_a_strange_link_ends_the_listing(self, transport: Transport, link: Any) -> None:
        pages = Pages(Turning.LINK, "items", next="next")
        run = await ran(
            transport, said(json.dumps({"items": [1], "next": link})), item=tool(GET, pages=pages), maxPages=5
        )
        assert run.result["items"] == [1]

    async def test_a_later_page_that_fails_leaves_the_earlier_ones(self, transport: Transport) -> None:
        item = tool(self.FORM, pages=self.CURSOR)
        run = await ran(transport, self.page([1], "b"), said("{}", "500 Oh"), item=item, maxPages=5)
        assert run == Run({"data": {"items": [1], "kept": 1}, "next": "b"}, truncated=True)

    @pytest.mark.parametrize(
        "later", [said("<html>", kind="text/html"), said("{"), b"nonsense\r\n\r\n", b"HTTP/1.1 200 OK\r\n"]
    )
    async def test_a_later_page_that_is_none_leaves_the_earlier_ones_too(
        self, transport: Transport, later: bytes
    ) -> None:
        run = await ran(transport, self.page([1], "b"), later, item=tool(self.FORM, pages=self.CURSOR), maxPages=5)
        assert run == Run({"data": {"items": [1], "kept": 1}, "next": "b"}, truncated=True)

    async def test_all_pages_together_take_no_longer_than_one_call_may(self, transport: Transport) -> None:
        async def slowly(_: str, writer: asyncio.StreamWriter) -> None:
            await asyncio.sleep(0.2)
            writer.write(self.page([1], "b"))

        async with wire(slowly) as provider:
            runner = connected(transport, provider.url, Limits(0.5, 4096)).runner
            assert runner is not None
            began = asyncio.get_running_loop().time()
            run = await runner.run(tool(self.FORM, pages=self.CURSOR), FIELDS, {"maxPages": 10})
            assert asyncio.get_running_loop().time() - began < 1
            assert run.truncated
            assert 1 <= len(run.result["data"]["items"]) <= 2

    async def test_a_cursor_that_no_request_can_carry_leaves_the_earlier_pages(self, transport: Transport) -> None:
        run = await ran(transport, self.page([1], "\ud800"), item=tool(self.FORM, pages=self.CURSOR), maxPages=5)
        assert (run.result["data"]["items"], run.truncated) == ([1], True)

    def test_a_header_of_links_is_read_in_one_go(self) -> None:
        began = time.process_time()
        assert request_after(self.LINK, ASKED, {"link": "<" * 50_000}, {"items": [1]}) is None
        assert time.process_time() - began < 1

    async def test_pages_are_bound_in_size_too(self, transport: Transport) -> None:
        large = said(json.dumps({"data": {"items": ["x" * 1500]}, "next": "b"}))
        run = await ran(transport, large, item=tool(self.FORM, pages=self.CURSOR), maxPages=10)
        assert (len(run.result["data"]["items"]), run.truncated) == (2, True)


class TestExchange:
    FORM = TokenForm(
        RequestForm("POST", "/token", body={"grant": "client"}, authenticated=False), "access_token", "expires_in",
        frozenset({400}), "error", ("invalid_grant",), ("{fields.account}", "{fields.apiKey}"),
    )  # fmt: skip
    HEADERS = {"Authorization": "Bearer {auth.token}"}  # noqa: RUF012 - a constant
    GOOD = said('{"access_token": "short-lived-token", "expires_in": 3600}')

    async def test_the_token_goes_instead_of_the_credentials_and_is_kept(self, transport: Transport) -> None:
        entry = integration(token=self.FORM, headers=self.HEADERS)
        async with wire(saying(self.GOOD, said('{"token": "short-lived-token"}'))) as provider:
            runner = connected(transport, provider.url, entry=entry).runner
            assert runner is not None
            for _ in range(2):
                assert (await runner.run(tool(GET), FIELDS, {})).result == {"token": REMOVED}
            pair = base64.b64encode(f"acct-7:{KEY}".encode()).decode()
            assert f"Basic {pair}" in provider.heads[0]
            assert [head.split(" ")[1] for head in provider.heads] == ["/token", "/ships", "/ships"]
            assert all("Bearer short-lived-token" in head and KEY not in head for head in provider.heads[1:])

    async def test_a_token_that_was_withdrawn_is_renewed_once(self, transport: Transport) -> None:
        entry = integration(token=self.FORM, headers=self.HEADERS)
        refused = said("{}", "401 No")
        assert (await ran(transport, self.GOOD, refused, self.GOOD, said("[7]"), entry=entry)).result == [7]
        assert (await ran(transport, self.GOOD, refused, self.GOOD, refused, entry=entry)).status == 401

    @pytest.mark.parametrize("lifetime", ["1" + "0" * 400, "1e999", "-1e999", "true", "null", '"soon"', "[]"])
    async def test_an_odd_lifetime_does_no_harm(self, transport: Transport, lifetime: str) -> None:
        entry = integration(token=self.FORM, headers=self.HEADERS)
        given = said(f'{{"access_token": "short-lived-token", "expires_in": {lifetime}}}')
        assert (await ran(transport, given, said("[7]"), entry=entry)).result == [7]

    async def test_many_calls_at_once_share_one_exchange(self, transport: Transport) -> None:
        entry = integration(token=self.FORM, headers=self.HEADERS)

        async def answer(head: str, writer: asyncio.StreamWriter) -> None:
            await asyncio.sleep(0.02)
            asked = head.startswith("POST /token ")
            writer.write(self.GOOD if asked else said("[7]"))

        async with wire(answer) as provider:
            runner = connected(transport, provider.url, entry=entry).runner
            assert runner is not None
            runs = await asyncio.gather(*(runner.run(tool(GET), FIELDS, {}) for _ in range(30)))
            assert [run.result for run in runs] == [[7]] * 30
            assert sum(head.startswith("POST /token ") for head in provider.heads) == 1

    async def test_an_exchange_outlives_the_call_that_began_it_and_its_failure_is_told_to_all(
        self, transport: Transport
    ) -> None:
        answers = [said("{}", "500 Oh"), self.GOOD]

        async def answer(_: str, writer: asyncio.StreamWriter) -> None:
            await asyncio.sleep(0.05)
            writer.write(answers.pop(0))

        async with wire(answer) as provider:
            entry = integration(token=self.FORM, headers=self.HEADERS)
            exchange = Exchange(transport, entry, self.FORM, provider.url)
            both = await asyncio.gather(*(exchange.token(FIELDS) for _ in range(2)), return_exceptions=True)
            assert [type(outcome) for outcome in both] == [ProviderFailed] * 2
            first, second = (asyncio.ensure_future(exchange.token(FIELDS)) for _ in range(2))
            await asyncio.sleep(0.01)
            first.cancel()
            assert (await second).reveal() == "short-lived-token"
            assert len(provider.heads) == 2

    async def test_a_token_that_came_since_is_not_forgotten(self, transport: Transport) -> None:
        async with wire(saying(self.GOOD)) as provider:
            entry = integration(token=self.FORM, headers=self.HEADERS)
            exchange = Exchange(transport, entry, self.FORM, provider.url)
            present = await exchange.token(FIELDS)
            exchange.forget(FIELDS, Secret("an-earlier-token"))
            await exchange.token(FIELDS)
            assert len(provider.heads) == 1
            exchange.forget(FIELDS, present)
            await exchange.token(FIELDS)
            assert len(provider.heads) == 2

    async def test_no_token_is_kept_for_ever(self, transport: Transport) -> None:
        entry, clock = integration(token=self.FORM, headers=self.HEADERS), [0.0]
        given = said('{"access_token": "short-lived-token", "expires_in": 1e999}')
        async with wire(saying(given)) as provider:
            exchange = Exchange(transport, entry, self.FORM, provider.url, lambda: clock[0])
            for clock[0], asked in ((0, 1), (3_600, 1), (86_400, 2)):
                await exchange.token(FIELDS)
                assert len(provider.heads) == asked

    @pytest.mark.parametrize(
        "answer",
        [
            said("<html>", kind="text/html"),
            said('{"access_token": "a\\r\\nX: 1"}'),
            said('{"access_token": ""}'),
            said('{"access_token": "h\u00e4"}'),
            said("["),
        ],
    )
    async def test_what_is_no_token_is_the_providers_failure(self, transport: Transport, answer: bytes) -> None:
        entry = integration(token=self.FORM, headers=self.HEADERS)
        with pytest.raises(ProviderFailed, match="gave no access token"):
            await ran(transport, answer, entry=entry)

    async def test_dead_credentials_are_told_from_an_outage(self, transport: Transport) -> None:
        entry = integration(token=self.FORM, headers=self.HEADERS)
        with pytest.raises(CredentialsRejected):
            await ran(transport, said('{"error": "invalid_grant"}', "400 Bad"), entry=entry)
        for answer in (said('{"error": "other"}', "400 Bad"), said("{}", "500 Oh"), said('{"access_token": 7}')):
            with pytest.raises(ProviderFailed, match="gave no access token"):
                await ran(transport, answer, entry=entry)
