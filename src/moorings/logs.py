"""Structured logging that cannot tell a secret.

Two nets, for a leak needs only one hole: the HTTP client's own loggers, which print whole URLs (Telegram's token
stands in the path), are closed; and every record is searched for the shapes of keys before it is written.
"""

import json
import logging
import re
import sys
from datetime import UTC, datetime
from typing import TextIO

SILENCED = ("httpx2", "httpcore2", "httpx", "httpcore", "urllib3", "hpack")
QUIET = ("alembic", "mcp", "sse_starlette")
REDACTED = "[redacted]"

_SHAPES = re.compile(
    r"""
    mrg_[0-9A-Za-z]{20,}                                    # our own keys
    | (?:sk|rk|pk)[-_][A-Za-z0-9_-]{12,}                    # OpenAI, Anthropic, Stripe, ElevenLabs
    | (?:gh[pousr]|github_pat)_[A-Za-z0-9_]{12,}            # GitHub
    | xox[a-z]-[A-Za-z0-9-]{8,} | xoxe\.xox[a-z]-[\w-]{8,}  # Slack
    | (?:fc|tvly|pat|ntn|secret|re|lin_api)[-_][A-Za-z0-9_-]{16,}
    | \b(?:BSA|apify_api|bb_live|cal|dtn|glpat|grn|gsk|jina|orth|pplx|r8|sbp|shpat|shpss|SG|tfp)[-_.][A-Za-z0-9_.-]{16,}
    | \b[1-9][0-9]{4,15}:[A-Za-z0-9_-]{30,64}\b             # Telegram
    | (?i:bearer|basic|token)\s+[A-Za-z0-9._~+/=-]{16,}
    | (?<=://)[^/\s:@]+:[^/\s@]+(?=@)                       # user and password of an address
    """,
    re.VERBOSE,
)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_QUERY = re.compile(r"(https?://[^\s?\"']+)\?[^\s\"']+")
_PLAIN = frozenset(vars(logging.LogRecord("", 0, "", 0, "", None, None))) | {"message", "asctime", "taskName"}


def redact(text: str) -> str:
    """The text without the queries of URLs and without anything that has the shape of a key."""
    return _SHAPES.sub(REDACTED, _QUERY.sub(r"\1?" + REDACTED, text))


class JsonFormatter(logging.Formatter):
    """One JSON object a line, for programs."""

    def format(self, record: logging.LogRecord) -> str:
        """The record with its extra fields."""
        line: dict[str, object] = {"at": _time(record), "level": record.levelname.lower(), "event": record.getMessage()}
        line |= _extras(record)
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        # Redacted before it becomes JSON: a shape that ends at a quotation mark would break the line otherwise.
        clean = {redact(name): value if _plain(value) else redact(str(value)) for name, value in line.items()}
        return json.dumps(clean, ensure_ascii=False)


class TextFormatter(logging.Formatter):
    """A line a person reads."""

    def format(self, record: logging.LogRecord) -> str:
        """Time, level, event and the extra fields as name=value."""
        extras = "".join(f" {name}={value}" for name, value in _extras(record).items())
        # A caller's line break must not look like an entry that we wrote.
        text = _CONTROL.sub(lambda found: repr(found[0])[1:-1], f"{record.getMessage()}{extras}")
        line = f"{_time(record)} {record.levelname:<7} {text}"
        if record.exc_info:
            line += "\n" + self.formatException(record.exc_info)
        return redact(line)


def configure(level: str, style: str, stream: TextIO = sys.stderr) -> None:
    """Set up logging for the process."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonFormatter() if style == "json" else TextFormatter())
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    for name in SILENCED:
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate, logger.disabled = [logging.NullHandler()], False, True


def _plain(value: object) -> bool:
    return value is None or isinstance(value, bool | int | float)


def _time(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _extras(record: logging.LogRecord) -> dict[str, object]:
    return {name: value for name, value in vars(record).items() if name not in _PLAIN and not name.startswith("_")}
