"""Whatever is sent: a clear error of the one shape, nothing stored, nothing repeated."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.http.judge import CANARY, REQUEST_ID, problem
from tests.http.world import Client, World, harbour_key, saved, status

pytestmark = pytest.mark.anyio

SAVE = "/v1/integrations/harbour/credentials"
POSTS = (SAVE, "/v1/integrations", "/v1/api-keys")
MEBIBYTE = 1024 * 1024
SECRET = harbour_key()
JSON = {"Content-Type": "application/json"}

BODIES: dict[str, bytes] = {
    "empty": b"",
    "blank": b"  \n ",
    "half": b'{"credentials": {"apiKey": "' + SECRET.encode(),
    "word": SECRET.encode(),
    "quoted": json.dumps(SECRET).encode(),
    "list": json.dumps([SECRET]).encode(),
    "null": b"null",
    "number": b"12345",
    "true": b"true",
    "single quotes": f"{{'credentials': {{'apiKey': '{SECRET}'}}}}".encode(),
    "trailing comma": b'{"credentials": {},}',
    "two values": b"{} {}",
    "comment": b'{"credentials": {}} // ' + SECRET.encode(),
    "not a number": b'{"credentials": NaN}',
    "infinity": b'{"verify": Infinity}',
    "huge number": b'{"verify": ' + b"9" * 5000 + b"}",
    "huge exponent": b'{"verify": 1e999999}',
    "invalid utf-8": b'{"credentials": {"apiKey": "hb_\xff\xfe' + CANARY.encode() + b'"}}',
    "overlong utf-8": b'{"credentials": {"apiKey": "\xc0\xaf"}}',
    "utf-16": json.dumps({"credentials": {"apiKey": SECRET}}).encode("utf-16"),
    "cut utf-8": b'{"credentials": {"apiKey": "\xe2\x82"}}',
    "lone surrogate": b'{"credentials": {"apiKey": "hb_abc\\ud800defgh"}}',
    "lone surrogate name": b'{"credentials": {"\\ud83d": "x"}}',
    "lone surrogate environment": b'{"credentials": {"apiKey": "hb_abcdef"}, "environment": "\\udfff"}',
    "lone surrogate key": b'{"\\udc00": 1}',
    "deep list": b"[" * 50_000 + b"]" * 50_000,
    "deep object": b'{"credentials":' * 20_000 + b"1" + b"}" * 20_000,
    "deep half": b"[" * 200_000,
    "nul name": b'{"credentials": {"api\\u0000Key": "x"}}',
    "raw control": b'{"credentials": {"apiKey": "hb_\x01abcdefg"}}',
    "form": f"credentials={SECRET}".encode(),
    "xml": f"<credentials>{SECRET}</credentials>".encode(),
    "byte order mark": b"\xef\xbb\xbf[]",
}

WRONG: dict[str, Any] = {
    "no credentials": {},
    "empty credentials": {"credentials": {}},
    "credentials null": {"credentials": None},
    "credentials text": {"credentials": SECRET},
    "credentials list": {"credentials": [SECRET]},
    "credentials number": {"credentials": 7},
    "value number": {"credentials": {"apiKey": 12345678901234567890}},
    "value null": {"credentials": {"apiKey": None}},
    "value true": {"credentials": {"apiKey": True}},
    "value list": {"credentials": {"apiKey": [SECRET]}},
    "value object": {"credentials": {"apiKey": {SECRET: SECRET}}},
    "environment number": {"credentials": {"apiKey": SECRET}, "environment": 5},
    "environment list": {"credentials": {"apiKey": SECRET}, "environment": ["production"]},
    "environment secret": {"credentials": {"apiKey": SECRET}, "environment": SECRET},
    "verify text": {"credentials": {"apiKey": SECRET}, "verify": "no"},
    "verify number": {"credentials": {"apiKey": SECRET}, "verify": 0},
    "verify null": {"credentials": {"apiKey": SECRET}, "verify": None},
    "unknown field": {"credentials": {"apiKey": SECRET}, "apiKey": SECRET},
    "unknown field named like a secret": {"credentials": {"apiKey": SECRET}, SECRET: "x"},
    "unknown credential": {"credentials": {"apiKey": SECRET, "other": SECRET}},
    "unknown credential named like a secret": {"credentials": {SECRET: "x"}},
    "unknown credential named like words": {"credentials": {"apiKey": SECRET, f"{CANARY}": SECRET}},
    "many unknown": {"credentials": {f"{CANARY}{number}": "x" for number in range(3000)}},
    "snake case": {"credentials": {"api_key": SECRET}},
}


@pytest.mark.parametrize("path", POSTS)
@pytest.mark.parametrize("body", list(BODIES))
async def test_a_body_that_is_not_the_json_it_should_be_is_400(admin: Client, path: str, body: str) -> None:
    answer = await admin.post(path, content=BODIES[body], headers=JSON)
    assert answer.status_code == 400, answer.text
    assert problem(answer)
    assert (await status(admin))["configured"] is False


@pytest.mark.parametrize("body", list(WRONG))
async def test_a_body_of_the_wrong_form_is_400_and_stores_nothing(world: World, admin: Client, body: str) -> None:
    before = len(world.provider.calls)
    answer = await admin.post(SAVE, json=WRONG[body])
    assert answer.status_code == 400, answer.text
    assert problem(answer)["error"]
    assert len(world.provider.calls) == before
    assert (await status(admin))["configured"] is False


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ("empty credentials", "credentials"),
        ("no credentials", "credentials"),
        ("credentials list", "credentials"),
        ("value number", "credentials.apiKey"),
        ("verify text", "verify"),
        ("environment list", "environment"),
        ("unknown credential", "credentials.other"),
    ],
)
async def test_details_name_the_place(admin: Client, body: str, field: str) -> None:
    answer = await admin.post(SAVE, json=WRONG[body])
    assert field in [detail["field"] for detail in problem(answer)["details"]]


async def test_several_problems_are_listed_together(admin: Client) -> None:
    answer = await admin.post(SAVE, json={"credentials": 7, "verify": "no", "environment": 5, "colour": "red"})
    assert {detail["field"] for detail in problem(answer)["details"]} >= {"credentials", "verify", "environment"}


async def test_an_answer_to_thousands_of_problems_stays_small(admin: Client) -> None:
    answer = await admin.post(SAVE, json=WRONG["many unknown"])
    assert len(answer.content) < 64 * 1024


@pytest.mark.parametrize("duplicate", [b'{"credentials":{"apiKey":"hb_aaaaaa","apiKey":"hb_bbbbbb"},"verify":false}'])
async def test_a_name_given_twice_is_no_server_error(admin: Client, duplicate: bytes) -> None:
    assert (await admin.post(SAVE, content=duplicate, headers=JSON)).status_code in (200, 400)


@pytest.mark.parametrize(
    "path",
    [
        "/v1/integrations/{}",
        "/v1/integrations/{}/tools",
        "/v1/integrations/harbour/tools/{}",
        "/v1/integrations/category/{}",
        "/v1/integrations?status={}",
        "/v1/integrations?environment={}",
        "/v1/integrations/tools?environment={}",
        "/v1/integrations/credentials/status?configured={}",
        "/v1/integrations/credentials/status?environment={}",
        "/v1/integrations/credentials/status?integrationId={}",
        "/v1/integrations?q={}",
        "/v1/integrations?category={}",
        "/v1/{}",
        "/{}",
    ],
)
async def test_a_secret_in_the_wrong_place_is_not_repeated(admin: Client, path: str) -> None:
    answer = await admin.get(path.format(SECRET))  # the judge looks at the answer, a fixture at the log
    assert answer.status_code in (200, 400, 404)


@pytest.mark.parametrize("path", ["/v1/integrations/{}/credentials", "/v1/api-keys/{}", f"{SAVE}?environment={{}}"])
async def test_a_secret_in_the_wrong_place_of_a_deletion_is_not_repeated(admin: Client, path: str) -> None:
    assert (await admin.delete(path.format(SECRET))).status_code in (400, 404)


@pytest.mark.parametrize("path", POSTS)
async def test_a_body_over_one_mebibyte_is_413(admin: Client, path: str) -> None:
    body = json.dumps({"credentials": {"apiKey": SECRET}}).encode().ljust(MEBIBYTE + 1)
    answer = await admin.post(path, content=body, headers=JSON)
    assert (answer.status_code, problem(answer)["code"]) == (413, "BODY_TOO_LARGE")


@pytest.mark.parametrize("path", POSTS)
async def test_a_body_over_one_mebibyte_in_pieces_is_413(admin: Client, path: str) -> None:
    answer = await admin.post(path, content=pieces(MEBIBYTE + 1), headers=JSON)
    assert "content-length" not in answer.request.headers
    assert (answer.status_code, problem(answer)["code"]) == (413, "BODY_TOO_LARGE")


async def test_a_body_of_exactly_one_mebibyte_is_read(admin: Client) -> None:
    body = json.dumps({"credentials": {"apiKey": SECRET}, "verify": False}).encode().ljust(MEBIBYTE)
    assert (await admin.post(SAVE, content=body, headers=JSON)).status_code == 200


async def test_a_body_in_pieces_is_read(admin: Client) -> None:
    async def slices() -> AsyncIterator[bytes]:
        for byte in json.dumps({"credentials": {"apiKey": SECRET}, "verify": False}).encode():
            yield bytes([byte])

    assert (await admin.post(SAVE, content=slices(), headers=JSON)).status_code == 200


async def test_a_wrong_content_length_is_no_server_error(admin: Client) -> None:
    for length in ("-1", "abc", "99999999999999999999"):
        answer = await admin.post(SAVE, content=b"{}", headers={**JSON, "Content-Length": length})
        assert answer.status_code in (400, 413)


async def pieces(size: int) -> AsyncIterator[bytes]:
    for start in range(0, size, 65_536):
        yield b" " * min(65_536, size - start)


async def test_a_large_body_on_a_deletion_does_no_harm(admin: Client) -> None:
    await saved(admin)
    answer = await admin.request("DELETE", SAVE, content=b"x" * 100_000, headers=JSON)
    assert answer.status_code in (200, 400)


@pytest.mark.parametrize(
    "path", ["/nowhere", "/v1/nowhere", "/v1/integrations/harbour/nowhere", "/v1/integrations/", "/", "//"]
)
async def test_an_unknown_path_is_404_in_the_one_shape(admin: Client, path: str) -> None:
    answer = await admin.get(path)
    assert answer.status_code == 404
    assert problem(answer)["code"] in ("NOT_FOUND", "INTEGRATION_NOT_FOUND")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", "/v1/integrations", {"GET", "POST"}),
        ("DELETE", "/v1/integrations", {"GET", "POST"}),
        ("PATCH", SAVE, {"POST", "DELETE"}),
        ("GET", SAVE, {"POST", "DELETE"}),
        ("PUT", SAVE, {"POST", "DELETE"}),
        ("POST", "/v1/integrations/harbour", {"GET", "PATCH"}),
        ("DELETE", "/v1/integrations/harbour", {"GET", "PATCH"}),
        ("POST", "/v1/integrations/credentials/status", {"GET"}),
        ("POST", "/v1/integrations/tools", {"GET"}),
        ("POST", "/v1/integrations/category/search", {"GET"}),
        ("PUT", "/v1/integrations/harbour/tools", {"GET"}),
        ("PUT", "/v1/integrations/harbour/tools/moor_ship", {"GET"}),
        ("PUT", "/v1/api-keys", {"GET", "POST"}),
        ("POST", "/openapi.json", {"GET"}),
        ("BREW", "/v1/integrations", {"GET", "POST"}),
    ],
)
async def test_a_method_that_a_path_does_not_take_is_405_with_those_it_takes(
    admin: Client, method: str, path: str, allowed: set[str]
) -> None:
    answer = await admin.request(method, path)
    assert (answer.status_code, problem(answer)["code"]) == (405, "METHOD_NOT_ALLOWED")
    told = {word.strip() for word in answer.headers["allow"].split(",")}
    assert told - {"HEAD", "OPTIONS"} == allowed


async def test_every_answer_has_a_request_id_of_its_own(world: World, admin: Client) -> None:
    answers = [
        await admin.get("/v1/integrations"),
        await admin.get("/v1/integrations"),
        await admin.get("/openapi.json"),
        await admin.get("/nowhere"),
        await admin.put("/v1/integrations"),
        await admin.post(SAVE, content=b"["),
        await world.client(None).get("/v1/integrations"),
        await world.client(None).get("/v1/health"),
    ]
    ids = [answer.headers["x-request-id"] for answer in answers]
    assert len(set(ids)) == len(ids)
    assert all(REQUEST_ID.fullmatch(found) for found in ids)


async def test_a_caller_cannot_choose_the_request_id(admin: Client) -> None:
    answer = await admin.get("/nowhere", headers={"X-Request-Id": f"{CANARY}\tx"})
    assert REQUEST_ID.fullmatch(answer.headers["x-request-id"])


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
SAVE_BODIES = st.fixed_dictionaries(
    {},
    optional={
        "credentials": JSON_VALUES | st.fixed_dictionaries({"apiKey": JSON_VALUES}),
        "environment": JSON_VALUES,
        "verify": JSON_VALUES,
        "more": JSON_VALUES,
    },
)


@given(body=SAVE_BODIES | JSON_VALUES)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_any_json_is_answered_as_declared(world: World, body: Any) -> None:
    answer = await world.client().post(SAVE, content=json.dumps(body).encode(), headers=JSON)
    assert answer.status_code in (200, 400, 502)


@given(body=st.binary(max_size=60))
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_any_bytes_are_answered_as_declared(world: World, body: bytes) -> None:
    for path in POSTS:
        assert (await world.client().post(path, content=body, headers=JSON)).status_code == 400


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/v1/audit-events?actor=%00", None),
        ("GET", "/v1/audit-events?integrationId=a%00b", None),
        ("POST", "/v1/integrations", {"type": "harbour", "name": "a\0b"}),
        ("POST", "/v1/integrations", {"type": "harbour", "forwardUrl": "https://ex\0ample.com/"}),
        ("POST", "/v1/api-keys", {"name": "x", "scopes": ["*"], "environments": ["a\0b"]}),
        ("POST", "/v1/integrations/vectorize", {"name": "x", "description": "a\0b"}),
    ],
)
async def test_text_with_a_nul_is_refused_where_it_comes_in(admin: Client, method: str, path: str, body: Any) -> None:
    answer = await admin.request(method, path, json=body)
    assert answer.status_code == 400
    assert answer.json()["details"]


async def test_a_path_with_a_nul_leads_nowhere(admin: Client) -> None:
    for path in ("/v1/integrations/a%00b", "/v1/integrations/inst_%00", "/%00"):
        assert (await admin.get(path)).status_code == 404
