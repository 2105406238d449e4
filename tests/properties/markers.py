"""Secrets that can be found again in whatever form they were written down."""

import base64
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import quote

EDGE = 3
"""Characters at each end of a base64 form that depend on its neighbours."""


@dataclass(frozen=True, slots=True)
class Marker:
    """A secret made for one flow; `core` is the part that is searched for."""

    flow: str
    core: str
    value: str


def marker(flow: str, word: str = "good") -> Marker:
    """A new key of the harbour, with signs that encodings change (no slash: it would be another path) and an end that
    a preview may show.
    """
    core = f"{secrets.token_hex(8)}+&=~"
    return Marker(flow, core, f"hb_{word}-{core}-{secrets.token_hex(2)}")


def forms(core: str) -> Iterator[tuple[str, bytes]]:
    """Every way in which a text may have been written down."""
    raw = core.encode()
    plain = core.rstrip("+&=~")
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


def hits(markers: Iterable[Marker], places: dict[str, bytes]) -> list[str]:
    """Where which flow's secret stands, and in which form."""
    return [
        f"the secret of '{found.flow}' stands in {place}, {form}"
        for found in markers
        for form, needle in forms(found.core)
        for place, content in places.items()
        if needle in content
    ]
