"""What is opened often is kept in memory: bounded, and never on disk."""

from collections.abc import Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Remembered(Generic[K, V]):
    """So many values; the one that was put first makes room."""

    def __init__(self, most: int) -> None:
        self._most, self._kept = most, dict[K, V]()

    def get(self, key: K) -> V | None:
        """The value, None when it was never put or has made room."""
        return self._kept.get(key)

    def put(self, key: K, value: V) -> V:
        """Keep a value, and return it."""
        if key not in self._kept and len(self._kept) >= self._most:
            del self._kept[next(iter(self._kept))]
        self._kept[key] = value
        return value
