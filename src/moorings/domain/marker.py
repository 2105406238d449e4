"""Secrets that can be found again in whatever form they were written down."""

import base64
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import quote

EDGE = 3
"""Characters at each end of a base64 form that depend on its neighbours."""

_SIGNS = "+&=~"


@dataclass(frozen=True, slots=True)
class Marker:
    """A secret made for one flow; `core` is the part that is searched for: a preview may show the end."""

    flow: str
    core: str
    value: str = field(repr=False)


def forms(core: str) -> Iterator[tuple[str, bytes]]:
    """Every way in which a text may have been written down, by the way's name."""
    raw, plain = core.encode(), core.rstrip(_SIGNS)
    yield "plain", plain.encode()
    yield "reversed", plain[::-1].encode()
    yield "hex", raw.hex().encode()
    yield "HEX", raw.hex().upper().encode()
    yield "URL-encoded", quote(core, safe="").encode()
    yield "URL-encoded whole", "".join(f"%{byte:02X}" for byte in plain.encode()).encode()
    yield "UTF-16", plain.encode("utf-16-le")
    for shift in range(3):
        encoded = base64.b64encode(b"\0" * shift + raw)[EDGE + 1 : -EDGE - 1]
        yield f"base64 +{shift}", encoded
        yield f"base64url +{shift}", encoded.replace(b"+", b"-").replace(b"/", b"_")


def hits(markers: Iterable[Marker], places: Mapping[str, bytes]) -> list[str]:
    """Where which flow's secret stands, and in which form; never the secret."""
    return [
        f"the secret of '{found.flow}' stands in {place}, {form}"
        for found in markers
        for form, needle in forms(found.core)
        for place, content in places.items()
        if needle in content
    ]
