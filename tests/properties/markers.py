"""Secrets of the harbour that can be found again."""

import secrets

from moorings.domain.marker import Marker, forms, hits

__all__ = ["Marker", "forms", "hits", "marker"]


def marker(flow: str, word: str = "good") -> Marker:
    """A new key of the harbour, with signs that encodings change (no slash: it would be another path) and an end that
    a preview may show.
    """
    core = f"{secrets.token_hex(8)}+&=~"
    return Marker(flow, core, f"hb_{word}-{core}-{secrets.token_hex(2)}")
