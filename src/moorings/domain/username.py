"""Usernames of bots: what Telegram takes, and suggestions that nobody can guess.

The rule is that of tdlib (`is_valid_username`, `is_allowed_username`) and of https://core.telegram.org/bots/features.
"""

import re
import secrets
from collections.abc import Callable

LONGEST, SHORTEST = 32, 5
SUFFIX = "_bot"
ENTROPY = 12
"""Random characters of a suggestion, 60 bits: the name alone is what tells whose bot has arrived."""

ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"
FALLBACK = "agent"
_STEM = LONGEST - len(SUFFIX) - ENTROPY - 1
_FORM = re.compile(r"(?!.*__)[A-Za-z][A-Za-z0-9_]*bot", re.IGNORECASE)
_RESERVED = ("admin", "telegram", "support", "security", "settings", "contacts", "service", "telegraph")


def username_problem(name: str) -> str | None:
    """Why Telegram takes no bot of this name; None where it would, unless somebody has it already."""
    if not SHORTEST <= len(name) <= LONGEST:
        return f"A bot's username has {SHORTEST} to {LONGEST} characters."
    if not name.isascii() or not _FORM.fullmatch(name):
        return "A bot's username is of letters, digits and single underscores, begins with a letter and ends in bot."
    if name.lower().startswith(_RESERVED):
        return f"A username does not begin with {', '.join(_RESERVED[:-1])} or {_RESERVED[-1]}."
    return None


def suggested(wish: str, choose: Callable[[str], str] = secrets.choice) -> str:
    """A username that begins like the wish, a username or any name, and that nobody else can come upon."""
    entropy = "".join(choose(ALPHABET) for _ in range(ENTROPY))
    return f"{_stem(wish)}_{entropy}{SUFFIX}"


def _stem(wish: str) -> str:
    words = re.sub(r"[^a-z0-9]+", "_", wish.lower()).strip("_").lstrip("0123456789_")
    stem = re.sub(r"_?bot$", "", words)[:_STEM].rstrip("_")
    return FALLBACK if not stem or stem.startswith(_RESERVED) else stem
