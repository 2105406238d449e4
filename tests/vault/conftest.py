"""A busy machine is slow, and not wrong: no example of a property has a time of its own."""

from hypothesis import settings

settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")
