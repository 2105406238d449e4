"""What the stand-ins answer to a tool's call: samples in the documented form, kept as data beside the code.

`samples/<integration id>.json` maps `"GET /path/{name}"` (relative to the base address; `/@host/...` for another
address of the integration) to one sample, or to a list of which the first that fits is taken: its `contains` stands in
the request's body, and each value of its `query` in the request's query (the second page of a listing). A sample is
`{"status"?, "headers"?, "body"}`, or `"base64"` in place of the body for what is no JSON. A text in the body that is
wholly `{name}` becomes that part of the path.
"""

import base64
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib import resources
from typing import Any

from moorings.emulators.contract import Answer, Call

_VARIABLE = re.compile(r"\{(\w+)\}")

Sample = Mapping[str, Any]


def sampled(integration_id: str, call: Call) -> Answer | None:
    """The documented answer to a call, None for a path or method that no sample is kept of."""
    for method, pattern, samples in _samples(integration_id):
        match = pattern.fullmatch(call.path)
        if match and method == call.method and (sample := _fitting(samples, call)) is not None:
            return _answer(sample, match.groupdict())
    return None


def sample_paths(integration_id: str) -> list[str]:
    """What samples are kept of, as the file has it: `GET /path/{name}`."""
    return list(_written(integration_id))


def fits(key: str, call: Call) -> bool:
    """Whether a call is one that these samples answer."""
    method, _, path = key.partition(" ")
    return method == call.method and _pattern(path).fullmatch(call.path) is not None


@cache
def _samples(integration_id: str) -> tuple[tuple[str, re.Pattern[str], Sequence[Sample]], ...]:
    return tuple(_read(_written(integration_id)))


def _written(integration_id: str) -> dict[str, Any]:
    source = resources.files("moorings.emulators") / "samples" / f"{integration_id}.json"
    return json.loads(source.read_text(encoding="utf-8")) if source.is_file() else {}


def _read(written: Mapping[str, Any]) -> Iterator[tuple[str, re.Pattern[str], Sequence[Sample]]]:
    """The most literal path first, so that `/cards/search` wins over `/cards/{id}`."""
    for call in sorted(written, key=lambda call: call.count("{")):
        method, _, path = call.partition(" ")
        samples = written[call]
        yield method, _pattern(path), samples if isinstance(samples, list) else [samples]


def _pattern(path: str) -> re.Pattern[str]:
    """`{name}` is one segment; `{name+}` may hold slashes."""
    parts = re.split(r"(\{\w+\+?\})", path)
    return re.compile("".join(_part(part) for part in parts))


def _part(part: str) -> str:
    if not part.startswith("{"):
        return re.escape(part)
    name = part.strip("{}")
    return f"(?P<{name.rstrip('+')}>{'.*' if name.endswith('+') else '[^/]+'})"


def _fitting(samples: Sequence[Sample], call: Call) -> Sample | None:
    return next((sample for sample in samples if _is_for(sample, call)), None)


def _is_for(sample: Sample, call: Call) -> bool:
    asked = all(call.query.get(name) == [value] for name, value in sample.get("query", {}).items())
    return asked and sample.get("contains", "").encode() in call.body


def _answer(sample: Sample, named: Mapping[str, str]) -> Answer:
    if "base64" in sample:
        body: Any = base64.b64decode(sample["base64"])
    else:
        body = _put_in(sample.get("body"), named)
        if isinstance(body, str):
            body = body.encode()
    return Answer(sample.get("status", 200), body, sample.get("headers", {}))


def _put_in(part: Any, named: Mapping[str, str]) -> Any:
    if isinstance(part, str):
        match = _VARIABLE.fullmatch(part)
        return named.get(match[1], part) if match else part
    if isinstance(part, dict):
        return {name: _put_in(value, named) for name, value in part.items()}
    return [_put_in(item, named) for item in part] if isinstance(part, list) else part
