"""Looks at a server's parts and says what is wrong and what to do next."""

from collections.abc import Iterable, Iterator, Sequence

from moorings.domain.check import Failing
from moorings.domain.finding import Finding, Level
from moorings.domain.root_key import RootKeyView


def misspelt_findings(sentences: Iterable[str]) -> Iterator[Finding]:
    """What names no setting and was meant to."""
    for sentence in sentences:
        yield Finding("configuration", Level.WARNING, sentence, "Correct the name of the variable, or unset it.")


def root_key_findings(views: Sequence[RootKeyView]) -> Iterator[Finding]:
    """Whether every root key that something stands under is loaded."""
    missing = [view for view in views if view.missing]
    for view in missing:
        yield Finding(
            "root keys", Level.PROBLEM, f"{view.id} is not loaded; {view.records} records cannot be opened without it.",
            f"Restore {view.id} from its backup into the key file or MOORINGS_ROOT_KEYS, and restart.",
        )  # fmt: skip
    old = [view for view in views if view.loaded and not view.current and view.owner_keys]
    for view in old:
        yield Finding(
            "root keys", Level.WARNING, f"{view.records} records still stand under {view.id}, an older key.",
            "Run `moorings vault rotate` again to finish.",
        )  # fmt: skip
    if not missing and not old:
        current = next((view.id for view in views if view.current), "none")
        yield Finding("root keys", Level.OK, f"{current} is current and nothing stands under another key.")


def check_findings(failing: Sequence[Failing]) -> Iterator[Finding]:
    """Which stored credentials do not work any more, and why."""
    for found in failing:
        place = f"{found.integration_id} ({found.environment or 'all environments'}) of {found.owner}"
        reason = found.reason or "Its provider does not accept it."
        yield Finding(
            "stored credentials", Level.WARNING, f"{place}: {reason}", "Save it anew, or delete it if it is not needed."
        )
    if not failing:
        yield Finding("stored credentials", Level.OK, "No stored credential is known to fail.")


def reachability_findings(reached: Sequence[tuple[str, bool]]) -> Iterator[Finding]:
    """Which providers' hosts could be reached."""
    lost = sorted(host for host, good in reached if not good)
    if lost:
        yield Finding(
            "reachability", Level.WARNING,
            f"{len(lost)} of {len(reached)} hosts of providers could not be reached: {', '.join(lost)}.",
            "Saving with verification will fail for these; check the network, or set MOORINGS_PROXY.",
        )  # fmt: skip
    else:
        yield Finding("reachability", Level.OK, f"All {len(reached)} provider hosts can be reached.")
