"""What a person fills in, checked against what the provider wants."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moorings.domain.integration import FIELD_LIMIT, Auth, AuthType, Field, Integration
from moorings.domain.request_form import RequestForm, Revocation
from moorings.domain.secret import Secret
from moorings.domain.tool import Tool
from moorings.errors import InvalidCredentials, ToolNotFound

FIELD = Field(
    "apiKey", "API key", "A key.", secret=True, required=True, order=0, pattern="^fc-[a-z]+$", example="fc-example"
)
REGION = Field("region", "Region", "Where it runs.", secret=False, required=False, order=1)
TOOL = Tool(
    "scrape", "firecrawl", "Scrape", "Reads a page.", read_only=True, destructive=False, parameters={}, output=None,
    request=RequestForm("GET", "/"), result=None, source="https://example.com", source_date="2026-11-23",
)  # fmt: skip
INTEGRATION = Integration(
    "firecrawl", "Firecrawl", "Reads pages.", "scraping", "https://example.com", None, "https://api.example.com",
    frozenset({"api.example.com"}), {}, Auth(AuthType.API_KEY, {}), (FIELD, REGION), None,
    Revocation(supported=False, how="By hand."), None, (TOOL,),
)  # fmt: skip
PEM = replace(FIELD, pattern=None, example="-----BEGIN KEY-----\nAAAA\n-----END KEY-----")


def problems(**values: str) -> dict[str, str]:
    """Field and message of everything that is wrong with these values."""
    with pytest.raises(InvalidCredentials) as caught:
        INTEGRATION.check({name: Secret(value) for name, value in values.items()})
    return {detail.field: detail.message for detail in caught.value.details}


def test_a_value_of_the_expected_form_has_no_problem() -> None:
    assert FIELD.problem("fc-abcdef") is None


@pytest.mark.parametrize("value", ["", " ", "\n\t"])
def test_an_empty_value_is_named_as_empty(value: str) -> None:
    assert FIELD.problem(value) == "API key is empty."


@pytest.mark.parametrize("value", [" fc-abc", "fc-abc ", "fc-abc\n", "\tfc-abc"])
def test_white_space_around_a_value_is_named(value: str) -> None:
    assert "white space" in (FIELD.problem(value) or "")


@pytest.mark.parametrize("value", ["fc-a\nb", "fc-a\x00b", "fc-a\x1fb", "fc-a\x7fb", "fc-a\rb"])
def test_a_control_character_within_a_value_is_named(value: str) -> None:
    assert "control character" in (replace(FIELD, pattern=None).problem(value) or "")


def test_a_value_that_has_lines_by_nature_may_have_them() -> None:
    assert PEM.problem("-----BEGIN KEY-----\nBBBB\n-----END KEY-----") is None


def test_a_value_that_has_lines_by_nature_takes_no_other_control_character() -> None:
    assert "control character" in (PEM.problem("-----BEGIN KEY-----\nBB\x00BB\n-----END KEY-----") or "")


def test_the_longest_value_is_accepted_and_one_character_more_is_not() -> None:
    assert replace(FIELD, pattern=None).problem("a" * FIELD_LIMIT) is None
    assert str(FIELD_LIMIT) in (replace(FIELD, pattern=None).problem("a" * (FIELD_LIMIT + 1)) or "")


def test_another_form_is_named_with_the_example() -> None:
    assert FIELD.problem("sk-abc") == "API key does not have the expected form, such as fc-example."
    assert replace(FIELD, example=None).problem("sk-abc") == "API key does not have the expected form."


@given(st.text(min_size=5))
def test_no_problem_ever_repeats_the_value(value: str) -> None:
    if value not in "API key does not have the expected form, such as fc-example.":
        assert value not in (FIELD.problem(value) or "")


def test_complete_credentials_pass_with_and_without_what_is_optional() -> None:
    INTEGRATION.check({"apiKey": Secret("fc-abc")})
    INTEGRATION.check({"apiKey": Secret("fc-abc"), "region": Secret("eu")})


def test_every_missing_unknown_and_malformed_field_is_listed_at_once() -> None:
    found = problems(region=" ", token="abc")
    assert set(found) == {"credentials.apiKey", "credentials.region", "credentials.token"}
    assert found["credentials.apiKey"] == "API key is missing."
    assert "apiKey, region" in found["credentials.token"]


def test_a_field_name_that_may_be_a_secret_in_the_wrong_place_is_not_repeated() -> None:
    found = problems(apiKey="fc-abc", sk_live_51Hq="x")
    assert set(found) == {"credentials"}
    assert "sk_live_51Hq" not in str(found)


@pytest.mark.parametrize("name", ["scrape", "firecrawl_scrape"])
def test_a_tool_is_found_by_its_short_and_its_full_name(name: str) -> None:
    assert INTEGRATION.tool(name) is TOOL


def test_an_unknown_tool_is_answered_with_where_to_look() -> None:
    with pytest.raises(ToolNotFound, match="/v1/integrations/firecrawl/tools"):
        INTEGRATION.tool("crawl")
