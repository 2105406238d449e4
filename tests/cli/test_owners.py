"""An organisation of the session issuer is linked to an owner that is there."""

import pytest

from tests.cli.terminal import Terminal


@pytest.fixture
def signing(local: Terminal) -> Terminal:
    """The data directory with an issuer in its settings."""
    return Terminal("local", {**local.variables, "MOORINGS_CLERK_ISSUER": "https://clerk.example.com"})


def test_an_organisation_is_linked_to_an_owner(signing: Terminal) -> None:
    made = signing.json("owners", "create", "acme")
    linked = signing.json("owners", "link", "acme", "org_1")
    assert (linked["id"], linked["subject"]) == (made["id"], "org_1")
    assert "org_1 is the owner acme" in signing.run("owners", "link", "acme", "org_1").stdout


def test_an_unknown_owner_is_not_linked(signing: Terminal) -> None:
    signing.run("owners", "link", "nobody", "org_1", code=3)


def test_without_an_issuer_there_is_nothing_to_link(local: Terminal) -> None:
    assert "MOORINGS_CLERK_ISSUER" in local.run("owners", "link", "default", "org_1", code=6).stderr
