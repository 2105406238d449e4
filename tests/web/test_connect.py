"""The page on which a person enters credentials."""

from collections.abc import AsyncIterator
from html.parser import HTMLParser
from pathlib import Path

import httpx2
import pytest

from moorings import app, settings
from moorings.http import application
from moorings.web import connect

pytestmark = pytest.mark.anyio


class Page(HTMLParser):
    """Collects the elements of a page by their tag."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.found if name == tag]


@pytest.fixture(scope="module")
async def client(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[httpx2.AsyncClient]:
    chosen = settings.load(data_dir=tmp_path_factory.mktemp("web"))
    async with app.running(chosen) as running:
        served = application.create(running.hub, (), connect.routes(running.hub))
        transport = httpx2.ASGITransport(served)
        async with httpx2.AsyncClient(transport=transport, base_url="http://test") as made:
            yield made


async def got(client: httpx2.AsyncClient, path: str) -> httpx2.Response:
    answer = await client.get(path)
    assert answer.status_code == 200, answer.text
    return answer


async def test_it_asks_for_the_fields_of_the_integration(client: httpx2.AsyncClient) -> None:
    page = Page((await got(client, "/connect/zendesk")).text)
    fields = {field["name"]: field for field in page.all("input") if "name" in field}
    assert {name: field["type"] for name, field in fields.items()} == {
        "subdomain": "text", "email": "text", "apiToken": "password",
    }  # fmt: skip
    assert all(field["autocomplete"] == "off" for field in page.all("input"))
    assert page.all("form")[0]["data-integration"] == "zendesk"
    assert "action" not in page.all("form")[0]


async def test_every_integration_has_its_page(client: httpx2.AsyncClient) -> None:
    ids = [path.parent.name for path in Path(connect.__file__).parents[1].glob("providers/*/manifest.toml")]
    assert len(ids) > 50
    for name in ids:
        text = (await got(client, f"/connect/{name}")).text
        assert "$" not in Page(text).get_starttag_text()  # type: ignore[operator]  # there is a last tag
        assert "{fields." not in text


async def test_the_environment_of_the_hint_is_chosen(client: httpx2.AsyncClient) -> None:
    page = Page((await got(client, "/connect/exa?environment=staging")).text)
    chosen = [option["value"] for option in page.all("option") if "selected" in option]
    assert chosen == ["staging"]
    everywhere = Page((await got(client, "/connect/exa")).text)
    assert [option["value"] for option in everywhere.all("option") if "selected" in option] == [""]


async def test_it_names_no_environment_that_the_link_does_not(client: httpx2.AsyncClient) -> None:
    """Whoever has no key learns nothing of how this server is set up; a name that is none is refused on saving."""
    offered = {}
    for query in ("", "?environment=staging", "?environment=moon"):
        page = Page((await got(client, f"/connect/exa{query}")).text)
        offered[query] = [option["value"] for option in page.all("option")]
    assert offered == {"": [""], "?environment=staging": ["", "staging"], "?environment=moon": ["", "moon"]}
    refused = await client.get("/connect/exa?environment=No%20Name")
    assert "production" not in refused.text


async def test_an_installation_is_saved_under_its_own_id(client: httpx2.AsyncClient) -> None:
    place = "intg_01kb0h6v3m8x2q4r5s6t7v8w9x"
    page = Page((await got(client, f"/connect/exa?installation={place}")).text)
    assert page.all("form")[0]["data-integration"] == place


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/connect/nowhere", 404), ("/connect/exa?installation=%22onload%3D", 404), ("/connect/%3Cscript%3E", 404),
        ("/connect/exa?environment=%22%3E%3Cscript%3E", 400),
    ],
)  # fmt: skip
async def test_what_is_not_there_is_a_problem_that_repeats_nothing(
    client: httpx2.AsyncClient, path: str, status: int
) -> None:
    answer = await client.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/json")
    assert "script" not in answer.text
    assert "onload" not in answer.text


async def test_one_with_a_call_of_its_own_says_so(client: httpx2.AsyncClient) -> None:
    text = (await got(client, "/connect/slack")).text
    assert "POST /v1/integrations/slack/install" in text
    assert "disabled" in Page(text).all("button")[0]


async def test_nothing_foreign_runs_on_it_and_nobody_frames_it(client: httpx2.AsyncClient) -> None:
    for path in ("/connect/exa", *(f"/connect/{name}" for name in connect.ASSETS)):
        headers = (await got(client, path)).headers
        policy = headers["content-security-policy"]
        for rule in ("default-src 'none'", "script-src 'self'", "connect-src 'self'", "frame-ancestors 'none'"):
            assert rule in policy
        assert (headers["cache-control"], headers["referrer-policy"]) == ("no-store", "no-referrer")
    page = Page((await got(client, "/connect/exa")).text)
    assert [script["src"] for script in page.all("script")] == ["/connect/connect.js"]
    assert not [attrs for _, attrs in page.found if any(name.startswith("on") or name == "style" for name in attrs)]


async def test_the_script_sends_the_secret_in_the_body_alone(client: httpx2.AsyncClient) -> None:
    script = (await got(client, "/connect/connect.js")).text
    assert 'method: "POST"' in script
    assert "localStorage" not in script
    assert "cookie" not in script
    assert "innerHTML" not in script
