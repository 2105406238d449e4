"""Variables that look like settings of ours and are none: whoever has misspelt one shall not have to find out alone."""

import re
from collections.abc import Iterable, Iterator
from difflib import get_close_matches

from moorings.settings import Settings

PREFIX = "MOORINGS_"
OF_THE_COMMAND_LINE = frozenset({"URL", "API_KEY", "OWNER"})
KNOWN = frozenset(name.upper() for name in Settings.model_fields) | OF_THE_COMMAND_LINE

# What Kubernetes sets for a service that is called moorings; nobody has written it.
_SERVICE_LINK = re.compile(r"SERVICE_(HOST|PORT)(_\w+)?|PORT_\d+_(TCP|UDP|SCTP)(_(PORT|PROTO|ADDR))?")


def misspelt(variables: Iterable[str]) -> Iterator[str]:
    """A sentence for each name that is no setting's, with the one that is nearest to it; never with a value."""
    for variable in sorted(variables):
        name = variable.upper().removeprefix(PREFIX)
        ours = variable.upper().startswith(PREFIX) and not _SERVICE_LINK.fullmatch(name)
        if ours and name not in KNOWN:
            yield f"{variable} is not a setting and is ignored; {_advice(name)}"


def _advice(name: str) -> str:
    near = get_close_matches(name, sorted(KNOWN), n=1)
    return f"did you mean {PREFIX}{near[0]}?" if near else "docs/settings.md lists them."
