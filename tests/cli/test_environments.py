"""Environments explained and compared on the command line."""

from tests.cli.terminal import Terminal, sentence


def test_an_entry_is_explained(place: Terminal) -> None:
    place.save("--no-verify")
    place.save("--no-verify", "-e", "production")
    said = sentence(place.run("environments", "explain", "firecrawl", "-e", "production").stdout)
    assert "Without it, production would have firecrawl (all)." in said
    assert place.json("environments", "explain", "firecrawl")["answering"]["environment"] is None
    place.run("environments", "explain", "nowhere", code=3)


def test_two_environments_are_compared(place: Terminal) -> None:
    place.save("--no-verify", "-e", "staging")
    place.save("--no-verify", "-e", "production")
    said = sentence(place.run("environments", "diff", "staging", "production").stdout)
    assert "the same: apiKey" in said
    [row] = place.json("environments", "diff", "staging", "production")["data"]
    assert row["sameValues"] == {"apiKey": True}
    place.run("environments", "diff", "staging", "nowhere", code=2)
