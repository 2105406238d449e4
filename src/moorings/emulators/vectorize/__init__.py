"""Cloudflare Vectorize v2 in memory: real vector search, changes that come late, and the known error codes."""

from moorings.emulators.vectorize.account import Vectorize
from moorings.emulators.vectorize.answers import SUBTLE

EMULATOR = Vectorize()

__all__ = ["EMULATOR", "SUBTLE", "Vectorize"]
