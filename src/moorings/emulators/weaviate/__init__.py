"""A Weaviate in memory: schema, objects and the searches, over REST and GraphQL, with both shapes of errors."""

from moorings.emulators.weaviate.answers import SUBTLE
from moorings.emulators.weaviate.server import Weaviate

EMULATOR = Weaviate()

__all__ = ["EMULATOR", "SUBTLE", "Weaviate"]
