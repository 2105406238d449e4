"""The address of a Weaviate, put right from what people paste, or refused with what is wrong."""

import re
from urllib.parse import SplitResult, urlsplit

from moorings.errors import Detail, InvalidCredentials

LONGEST = 2_048
CLOUD = (".weaviate.cloud", ".weaviate.network")

_HOST = re.compile(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?\.?|\[[0-9a-f:.]+\]")
_PATH = re.compile(r"(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_LITERAL = re.compile(r"(.*\.)?(0x[0-9a-f]*|[0-9]+)\.?|\[.*\]|(.*\.)?localhost\.?")


def put_right(text: str) -> str:
    """`https://` before it where no scheme is, and no `/` or `/v1` behind it; raises `InvalidCredentials`."""
    text = text.strip()
    parts = _split(text if _SCHEME.match(text) else f"https://{text}")
    if len(text) > LONGEST or parts is None:
        raise _refusal("This is no address; one looks like https://example.weaviate.cloud.")
    if parts.scheme not in ("https", "http"):
        raise _refusal("An https:// address is wanted.")
    if "@" in parts.netloc or parts.query or parts.fragment or "?" in text or "#" in text or "\\" in text:
        raise _refusal("The address alone is wanted: no user, password, query or fragment in it.")
    path = parts.path.rstrip("/").removesuffix("/v1").rstrip("/")
    host = _written_host(parts)
    if not _HOST.fullmatch(host) or ".." in host or not _PATH.fullmatch(path):
        raise _refusal("This is no address; one looks like https://example.weaviate.cloud.")
    port = f":{parts.port}" if parts.port is not None else ""
    return f"{parts.scheme}://{host}{port}{path}"


def origin(address: str) -> tuple[str, str, int]:
    """Scheme, host and port: what makes it this server and no other."""
    parts = urlsplit(address)
    return parts.scheme, parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)


def host_of(address: str) -> str:
    """The bare host."""
    return urlsplit(address).hostname or ""


def is_cloud(address: str) -> bool:
    """Whether it lies in Weaviate's own cloud."""
    return host_of(address).endswith(CLOUD)


def needs_no_name_server(address: str) -> bool:
    """Whether the host is an address in itself, however it is written, so that it can be judged without asking."""
    host = host_of(address)
    return ":" in host or _LITERAL.fullmatch(host) is not None


def _split(text: str) -> SplitResult | None:
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        return None
    return parts if parts.hostname else None


def _written_host(parts: SplitResult) -> str:
    host = (parts.hostname or "").lower()
    return f"[{host}]" if ":" in host else host


def _refusal(message: str) -> InvalidCredentials:
    return InvalidCredentials("The address of the Weaviate is not right.", [Detail("url", message)])
