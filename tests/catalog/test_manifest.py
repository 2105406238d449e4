"""A manifest that follows its schema becomes an integration; one that does not is refused with every reason."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from moorings.catalog.manifest import FILE, load
from moorings.domain.integration import CATEGORIES, AuthType
from moorings.errors import ManifestError
from tests.catalog.written import Table, changed, firecrawl, write

Change = Callable[[Table], Any]


def fields(manifest: Table) -> Table:
    """The first field."""
    first: Table = manifest["fields"][0]
    return first


def tool(manifest: Table) -> Table:
    """The tool."""
    first: Table = manifest["tools"][0]
    return first


def properties(manifest: Table) -> Table:
    """The tool's parameters."""
    found: Table = tool(manifest)["parameters"]["properties"]
    return found


SCHEMA: dict[str, tuple[Change, str]] = {
    "another version": (lambda m: m.update(schema=2), "schema"),
    "no version": (lambda m: m.pop("schema"), "schema"),
    "no name": (lambda m: m.pop("name"), "name"),
    "no description": (lambda m: m.pop("description"), "description"),
    "no source": (lambda m: m.pop("source"), "source"),
    "an id in capitals": (lambda m: m.update(id="Firecrawl"), "id"),
    "an id of one character": (lambda m: m.update(id="f"), "id"),
    "an id of 42 characters": (lambda m: m.update(id="f" * 42), "id"),
    "an unknown category": (lambda m: m.update(category="crawling"), "category"),
    "an address without encryption": (lambda m: m.update(base_url="http://api.firecrawl.dev"), "base_url"),
    "no hosts": (lambda m: m.update(hosts=[]), "hosts"),
    "an unknown way to authenticate": (lambda m: m["auth"].update(type="cookie"), "auth.type"),
    "no fields": (lambda m: m.update(fields=[]), "fields"),
    "a field name in snake case": (lambda m: fields(m).update(name="api_key"), "fields.0.name"),
    "a field that does not say whether it is secret": (lambda m: fields(m).pop("secret"), "fields.0.secret"),
    "a help address without encryption": (lambda m: fields(m).update(help_url="http://x.dev"), "fields.0.help_url"),
    "an unknown method": (lambda m: m["verify"]["request"].update(method="HEAD"), "verify.request.method"),
    "a path without a slash": (lambda m: m["verify"]["request"].update(path="team"), "verify.request.path"),
    "an impossible status": (lambda m: m["verify"].update(rejected=[40]), "verify.rejected.0"),
    "a verification without a source": (lambda m: m["verify"].pop("source"), "verify.source"),
    "an unknown outcome": (lambda m: m["verify"].update(rules=[{"outcome": "maybe"}]), "verify.rules.0.outcome"),
    "no way to revoke": (lambda m: m.pop("revoke"), "revoke"),
    "a tool with a short description": (lambda m: tool(m).update(description="Reads."), "tools.0.description"),
    "a tool id with a hyphen": (lambda m: tool(m).update(id="read-page"), "tools.0.id"),
    "a tool without a source": (lambda m: tool(m).pop("source"), "tools.0.source"),
    "a tool without a date": (lambda m: tool(m).pop("source_date"), "tools.0.source_date"),
    "an unknown encoding": (lambda m: tool(m)["request"].update(encoding="xml"), "tools.0.request.encoding"),
}
UNKNOWN_KEYS: dict[str, Change] = {
    "": lambda m: m.update(colour="red"),
    "auth": lambda m: m["auth"].update(colour="red"),
    "fields.0": lambda m: fields(m).update(colour="red"),
    "verify": lambda m: m["verify"].update(colour="red"),
    "verify.request": lambda m: m["verify"]["request"].update(colour="red"),
    "verify.rules.0": lambda m: m["verify"].update(rules=[{"outcome": "works", "colour": "red"}]),
    "revoke": lambda m: m["revoke"].update(colour="red"),
    "tools.0": lambda m: tool(m).update(colour="red"),
    "tools.0.request": lambda m: tool(m)["request"].update(colour="red"),
}
REVOKE = {"supported": True, "how": "By a call.", "ok": [200]}

CHECKS: dict[str, tuple[Change, str, str]] = {
    "an id that is a word of the API's paths": (lambda m: m.update(id="tools"), "id", "word of the API's paths"),
    "a host that is not declared": (lambda m: m.update(hosts=["api.example.com"]), "base_url", "not among"),
    "a host with a scheme": (
        lambda m: m.update(hosts=["api.firecrawl.dev", "https://x.dev"]), "hosts", "bare name is wanted",
    ),
    "a host with a port": (lambda m: m.update(hosts=["api.firecrawl.dev", "x.dev:443"]), "hosts", "bare name"),
    "a field declared twice": (
        lambda m: m["fields"].append(dict(fields(m))), "fields.apiKey", "declared twice",
    ),
    "a pattern that is none": (lambda m: fields(m).update(pattern="^fc-("), "fields.apiKey", "regular expression"),
    "an example that breaks its pattern": (
        lambda m: fields(m).update(example="sk-123"), "fields.apiKey", "example does not match",
    ),
    "no secret field": (lambda m: fields(m).update(secret=False), "fields", "no field is secret"),
    "a secret in a query": (
        lambda m: m["verify"]["request"].update(query={"key": "{fields.apiKey}"}), "verify", "stands in the query",
    ),
    "a secret within a query's value": (
        lambda m: tool(m)["request"].update(query={"filter": ["a {fields.apiKey}"]}),
        "tools.read_page", "stands in the query",
    ),
    "a secret in a path": (
        lambda m: m["verify"]["request"].update(path="/{fields.apiKey}/team"), "verify", "stands in the path",
    ),
    "a secret in the path of a revocation": (
        lambda m: m.update(revoke={**REVOKE, "request": {"method": "DELETE", "path": "/keys/{fields.apiKey}"}}),
        "revoke", "stands in the path",
    ),
    "a revocation that ends a field that is none": (
        lambda m: m.update(revoke={**REVOKE, "ends": ["token"]}), "revoke.ends", "no field token",
    ),
    "a confirmation that cannot be read": (
        lambda m: m.update(revoke={**REVOKE, "confirmed": "ok &&"}), "revoke", "confirmed is no JMESPath",
    ),
    "an end that cannot be read": (
        lambda m: m.update(revoke={**REVOKE, "gone": "error =="}), "revoke", "gone is no JMESPath",
    ),
    "a secret in the base address": (
        lambda m: m.update(base_url="https://api.firecrawl.dev/{fields.apiKey}"), "base_url", "stands in the host",
    ),
    "a secret in the headers of every call": (
        lambda m: m.update(headers={"X-Key": "{fields.apiKey}"}), "headers", "outside the auth part",
    ),
    "a template in a request that names no field": (
        lambda m: m["verify"]["request"].update(headers={"X-Team": "{fields.team}"}), "verify", "{fields.team}",
    ),
    "a template in a body that names no field": (
        lambda m: tool(m)["request"]["body"].update(team={"id": ["{fields.team}"]}),
        "tools.read_page", "{fields.team} names no field",
    ),
    "a template in the authentication that names no field": (
        lambda m: m["auth"].update(headers={"Authorization": "Bearer {fields.token}"}), "auth", "{fields.token}",
    ),
    "a template in basic authentication that names no field": (
        lambda m: m["auth"].update(basic=["{fields.user}", ""]), "auth", "{fields.user} names no",
    ),
    "a template in the base address that names no field": (
        lambda m: m.update(base_url="https://{fields.region}.firecrawl.dev"), "auth", "{fields.region} names no",
    ),
    "a tool declared twice": (lambda m: m["tools"].append(dict(tool(m))), "tools.read_page", "declared twice"),
    "a full tool name of more than 64 characters": (
        lambda m: (m.update(id="f" * 41), tool(m).update(id="r" * 24)), "tools." + "r" * 24, "longer than 64",
    ),
    "a tool that only reads and destroys": (
        lambda m: tool(m).update(destructive=True), "tools.read_page", "destroys nothing",
    ),
    "parameters that are no object": (
        lambda m: tool(m)["parameters"].update(type="array"), "tools.read_page", "must be an object",
    ),
    "parameters that take anything": (
        lambda m: tool(m)["parameters"].pop("additionalProperties"), "tools.read_page", "additionalProperties = false",
    ),
    "a template that names no parameter": (
        lambda m: tool(m)["request"]["body"].update(format="{format}"), "tools.read_page", "{format} names no",
    ),
    "a parameter that is used nowhere": (
        lambda m: tool(m)["request"]["body"].pop("options"), "tools.read_page", "options is used nowhere",
    ),
    "a required parameter that is none": (
        lambda m: tool(m)["parameters"].update(required=["url", "depth"]), "tools.read_page", "depth is required but",
    ),
    "an optional parameter in the path": (
        lambda m: tool(m)["request"].update(path="/scrape/{options}"), "tools.read_page", "options stands in the",
    ),
    "a parameter without a description": (
        lambda m: properties(m)["url"].pop("description"), "tools.read_page", "parameter url has no description",
    ),
    "an inner parameter without a description": (
        lambda m: properties(m)["options"]["properties"]["wait"].pop("description"),
        "tools.read_page", "options.wait has no description",
    ),
    "a parameter of a list's items without a description": (
        lambda m: properties(m)["options"].update(items={"properties": {"x": {"type": "string"}}}),
        "tools.read_page", "options.x has no description",
    ),
    "an expression that cannot be read": (lambda m: m["verify"].update(expect="data.["), "verify", "expect"),
    "a tool's result that cannot be read": (lambda m: tool(m).update(result="data.["), "tools.read_page", "result"),
}  # fmt: skip
NONSENSE: dict[str, Change] = {
    "a parameter that is a word": lambda m: properties(m).update(url="string"),
    "parameters that are a list": lambda m: tool(m)["parameters"].update(properties=["url"]),
    "items that are a list": lambda m: properties(m)["options"].update(items=[{"type": "string"}]),
    "a condition that is a word": lambda m: properties(m)["options"].update(anyOf="string"),
    "inner parameters that are a word": lambda m: properties(m)["options"].update(properties="wait"),
}


def refused(tmp_path: Path, change: Change, name: str | None = None) -> ManifestError:
    """Why a changed manifest is refused."""
    folder = write(tmp_path, changed(change), name)
    with pytest.raises(ManifestError) as caught:
        load(folder)
    assert folder.name in caught.value.message
    return caught.value


def test_the_manifest_that_the_others_are_made_of_is_good(tmp_path: Path) -> None:
    found = load(write(tmp_path, firecrawl()))
    assert (found.id, found.name, found.category) == ("firecrawl", "Firecrawl", "scraping")
    assert found.auth.type is AuthType.BEARER
    assert [each.name for each in found.fields] == ["apiKey"]
    assert found.tool("read_page").request.path == "/scrape"
    assert found.verify is not None
    assert found.verify.request is not None
    assert found.verify.request.path == "/team/credit-usage"


@pytest.mark.parametrize("category", CATEGORIES)
def test_every_category_is_accepted(tmp_path: Path, category: str) -> None:
    assert load(write(tmp_path, changed(lambda m: m.update(category=category)))).category == category


@pytest.mark.parametrize("wrong", SCHEMA)
def test_what_breaks_the_schema_is_refused_with_its_place(tmp_path: Path, wrong: str) -> None:
    change, place = SCHEMA[wrong]
    assert place in {detail.field for detail in refused(tmp_path, change).details}


@pytest.mark.parametrize("place", UNKNOWN_KEYS)
def test_an_unknown_key_is_refused_with_its_place(tmp_path: Path, place: str) -> None:
    error = refused(tmp_path, UNKNOWN_KEYS[place])
    assert f"{place}.colour".lstrip(".") in [detail.field for detail in error.details]


@pytest.mark.parametrize("wrong", CHECKS)
def test_what_contradicts_itself_is_refused_with_its_place_and_reason(tmp_path: Path, wrong: str) -> None:
    change, place, reason = CHECKS[wrong]
    found = [(detail.field, detail.message) for detail in refused(tmp_path, change).details]
    assert [message for where, message in found if where == place and reason in message], found


@pytest.mark.parametrize("wrong", NONSENSE)
def test_parameters_that_are_no_schema_are_refused_and_nothing_breaks(tmp_path: Path, wrong: str) -> None:
    refused(tmp_path, NONSENSE[wrong])


def test_a_folder_of_another_name_is_refused(tmp_path: Path) -> None:
    [detail] = refused(tmp_path, lambda _: None, "fire").details
    assert (detail.field, detail.message) == ("id", "the id is firecrawl but the folder is called fire")


def test_every_problem_is_told_at_once(tmp_path: Path) -> None:
    error = refused(
        tmp_path, lambda m: (m.update(hosts=["x.dev"]), fields(m).update(example="x"), tool(m).update(destructive=True))
    )
    assert [detail.field for detail in error.details] == ["base_url", "fields.apiKey", "tools.read_page"]


@pytest.mark.parametrize("content", [b"schema = ", b'id = "a"\nid = "b"\n', b"\xff\xfe", b"schema = 1\n\x00"])
def test_what_is_no_toml_is_refused_by_its_name(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "firecrawl").mkdir()
    (tmp_path / "firecrawl" / FILE).write_bytes(content)
    with pytest.raises(ManifestError, match=r"firecrawl/manifest\.toml is not readable TOML"):
        load(tmp_path / "firecrawl")


def test_a_secret_may_stand_in_the_path_where_the_manifest_says_so(tmp_path: Path) -> None:
    def change(manifest: Table) -> None:
        manifest["auth"].update(in_path=True)
        manifest["verify"]["request"].update(path="/bot{fields.apiKey}/getMe")

    assert load(write(tmp_path, changed(change))).auth.in_path


def test_an_integration_without_authentication_needs_no_secret(tmp_path: Path) -> None:
    def change(manifest: Table) -> None:
        manifest["auth"] = {"type": "none"}
        fields(manifest).update(secret=False)

    assert load(write(tmp_path, changed(change))).auth.type is AuthType.NONE


def test_braces_within_a_bodys_text_are_no_template(tmp_path: Path) -> None:
    query = "query { viewer { id {name} } }"
    found = load(write(tmp_path, changed(lambda m: tool(m)["request"]["body"].update(query=query))))
    assert found.tools[0].request.body["query"] == query


def test_fields_stand_in_the_order_that_the_manifest_wants(tmp_path: Path) -> None:
    second = {
        "name": "team",
        "label": "Team",
        "description": "The team.",
        "secret": False,
        "required": False,
        "order": -1,
    }
    found = load(write(tmp_path, changed(lambda m: m["fields"].append(second))))
    assert [each.name for each in found.fields] == ["team", "apiKey"]


def test_a_slash_behind_the_base_address_does_not_count(tmp_path: Path) -> None:
    found = load(write(tmp_path, changed(lambda m: m.update(base_url="https://api.firecrawl.dev/v2/"))))
    assert found.base_url == "https://api.firecrawl.dev/v2"


def test_a_value_in_an_error_is_a_place_and_a_reason_in_words(tmp_path: Path) -> None:
    error = refused(tmp_path, SCHEMA["an unknown category"][0])
    assert re.match(r"firecrawl/manifest\.toml does not follow the manifest's schema: category: ", error.message)
