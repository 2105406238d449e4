"""Looks at a server's parts and says what is wrong and what to do next."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby

from moorings.domain.attestation import AlteredRow
from moorings.domain.check import Failing
from moorings.domain.finding import Finding, Level
from moorings.domain.root_key import RootKeyView
from moorings.services.readiness import LEAST, LITTLE
from moorings.store.soundness import Left

NAMED = 5
"""So many rows or hosts are named; whoever has more looks at the table, or at the network."""

UNKNOWN_HAND = (
    "Find out who writes to the database. Delete or restore these rows, or make them anew; if you have changed them "
    "yourself, or have just come from an earlier version, run `moorings vault attest`."
)


def misspelt_findings(sentences: Iterable[str]) -> Iterator[Finding]:
    """What names no setting and was meant to."""
    for sentence in sentences:
        yield Finding("configuration", Level.WARNING, sentence, "Correct the name of the variable, or unset it.")


def room_findings(room: int | None) -> Iterator[Finding]:
    """Whether the disk takes more; nothing where that cannot be told from here."""
    if room is None:
        return
    left = f"The database's disk has {room / 1024 / 1024:,.0f} MiB left."
    if room < LEAST:
        yield Finding("disk", Level.PROBLEM, f"{left} Nothing can be written.", "Free some room; no restart is needed.")
    elif room < LITTLE:
        yield Finding("disk", Level.WARNING, left, "Free some room before writes fail.")
    else:
        yield Finding("disk", Level.OK, left)


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


def attestation_findings(altered: Sequence[AlteredRow], views: Sequence[RootKeyView]) -> Iterator[Finding]:
    """Which rows that decide something are not as Moorings wrote them, or cannot be told without a root key."""
    lost = {view.id for view in views if not view.loaded}
    for table, rows in groupby(altered, lambda row: row.table):
        found = list(rows)
        changed = [row.id for row in found if row.root_key_id not in lost]
        if changed:
            yield Finding("attested rows", Level.PROBLEM, _not_ours(table, changed), UNKNOWN_HAND)
        if len(changed) < len(found):
            yield Finding(
                "attested rows", Level.WARNING,
                f"{len(found) - len(changed)} of {table} are not believed: their root key is not loaded.",
                "Restore the root key; if it is lost, look at the rows and run `moorings vault attest`.",
            )  # fmt: skip
    if not altered:
        yield Finding("attested rows", Level.OK, "Every row that decides who may do what is as Moorings wrote it.")


def _not_ours(table: str, ids: Sequence[str]) -> str:
    return f"{len(ids)} of {table} were not written so by Moorings and are not believed: {_named(ids)}."


def _named(names: Sequence[str]) -> str:
    """The first of them, and how many there are besides."""
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return f"{', '.join(names[:NAMED])}{more}"


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


def soundness_findings(odd: Mapping[str, int], left: Sequence[Left]) -> Iterator[Finding]:
    """Which rows cannot be read, and which credentials stand where the server has no environment."""
    for name, number in odd.items():
        yield Finding(
            "stored rows", Level.WARNING, f"{number} of the {name} cannot be read and are shown as unreadable.",
            "Find out who writes to the database: the log names the rows. Then save or delete what they belong to.",
        )  # fmt: skip
    for owner, environment, number in left:
        yield Finding(
            "environments", Level.WARNING,
            f"{owner} holds {number} credential(s) in {environment}, which is none of MOORINGS_ENVIRONMENTS.",
            f"Delete them (`moorings credentials delete ... --environment {environment}`), or set it again.",
        )  # fmt: skip
    if not odd:
        yield Finding("stored rows", Level.OK, "Every stored row can be read.")


def reachability_findings(reached: Sequence[tuple[str, bool]]) -> Iterator[Finding]:
    """Which providers' hosts could be reached."""
    lost = sorted(host for host, good in reached if not good)
    if lost:
        yield Finding(
            "reachability", Level.WARNING,
            f"{len(lost)} of {len(reached)} hosts of providers could not be reached: {_named(lost)}.",
            "Saving with verification will fail for these; check the network, or set MOORINGS_PROXY.",
        )  # fmt: skip
    else:
        yield Finding("reachability", Level.OK, f"All {len(reached)} provider hosts can be reached.")
