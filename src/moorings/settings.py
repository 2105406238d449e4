"""All settings, in one frozen value made at start; each can be given as `MOORINGS_<NAME>`."""

import re
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import SplitResult, urlsplit

from pydantic import AfterValidator, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict, SettingsError

from moorings.errors import ConfigurationError, Detail

ADMIN_KEY_LENGTH = 32
_USUAL_PORTS, _OWN_HOSTS = {"http": "80", "https": "443"}, frozenset({"localhost", "127.0.0.1", "[::1]"})
HTTPS, TELEGRAM_PORTS = 443, frozenset({443, 80, 88, 8443})
"""Telegram sends updates to these ports alone (https://core.telegram.org/bots/api#setwebhook)."""


def _named(value: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9-]{0,31}", value):
        raise ValueError("must be names of 32 characters at most: small letters, digits and hyphens, a letter first")
    return value


def _called(value: str) -> str:
    if not re.fullmatch(r"https?://[^\s/]+[^\s]*", value) or not _parts(value).hostname:
        raise ValueError("must be an address such as https://hub.example.com")
    return value


def _parts(address: str) -> SplitResult:
    """Its parts; those of nothing for what is no address, be it for its port alone."""
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError:
        return urlsplit("")
    return parts


EnvironmentName = Annotated[str, AfterValidator(_named)]
HttpUrl = Annotated[str, AfterValidator(_called)]


class Settings(BaseSettings):
    """What an operator may decide; nothing here changes while the server runs."""

    model_config = SettingsConfigDict(
        env_prefix="MOORINGS_", frozen=True, extra="forbid", hide_input_in_errors=True, env_ignore_empty=True
    )

    host: str = Field("127.0.0.1", description="The address to listen on.")
    port: int = Field(8700, ge=0, le=65535, description="The port to listen on; 0 takes a free one.")
    data_dir: Path = Field(Path("data"), description="Where the SQLite database and the root key file live.")
    database_url: SecretStr | None = Field(
        None, description="A PostgreSQL address; SQLite in the data directory without it."
    )
    workers: int = Field(1, ge=1, le=64, description="Server processes; more than one needs PostgreSQL.")
    jobs: Literal["embedded", "procrastinate"] = Field(
        "embedded", description="What runs jobs: this server by itself, or Procrastinate (PostgreSQL alone)."
    )
    environments: Annotated[tuple[EnvironmentName, ...], NoDecode] = Field(
        ("development", "staging", "production"), min_length=1, description="The environments, separated by commas."
    )
    admin_key: SecretStr | None = Field(
        None, description=f"An admin key of the first owner, {ADMIN_KEY_LENGTH} characters or more."
    )
    clerk_issuer: HttpUrl | None = Field(
        None,
        max_length=255,
        description="Accept the session tokens of this issuer: Clerk's Frontend API URL, or another OpenID issuer.",
    )
    clerk_jwks_url: HttpUrl | None = Field(
        None, description="Where the issuer publishes its keys; `/.well-known/jwks.json` below the issuer without it."
    )
    clerk_jwt_key: str | None = Field(
        None, description="The issuer's public key in PEM; tokens are then checked without any network."
    )
    clerk_authorized_parties: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="The sites whose tokens are accepted (`azp`), separated by commas; any without it."
    )
    clerk_audiences: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="The audiences whose tokens are accepted (`aud`), separated by commas; Clerk's bear none."
    )
    root_keys: SecretStr | None = Field(
        None, description="Root keys as `k1:<base64>,k2:<base64>` in place of the key file."
    )
    root_key_file: Path | None = Field(
        None, description="The root key file; `root.keys` in the data directory without it."
    )
    catalogue_dir: Path | None = Field(None, description="A directory with manifests of your own, one folder each.")
    upstreams: dict[str, HttpUrl] = Field(
        default={}, repr=False, description="A JSON map of integration id to the base URL to use instead."
    )
    provider_timeout: float = Field(10.0, gt=0, le=120, description="Seconds a provider may take to answer.")
    provider_calls_owner: int = Field(
        128, ge=0, le=10_000, description="Calls to providers under way at once for one owner, of 256; 0 for no limit."
    )
    check_hours: float = Field(
        12.0, ge=0, le=720, description="Hours between two checks of a stored credential; 0 checks none by itself."
    )
    tool_timeout: float = Field(
        30.0, gt=0, le=300, description="Seconds a tool may take, where its manifest does not say another time."
    )
    tool_answer_limit: int = Field(
        1_048_576, ge=1_024, le=67_108_864, description="Bytes of a tool's answer that are held; the rest is cut."
    )
    event_days: int = Field(
        30, ge=1, le=3_650, description="Days that events are kept, delivered or not; then they are deleted."
    )
    quota_things: int = Field(
        100_000,
        ge=0,
        description="Credentials, installations, configurations and API keys that an owner may hold; 0 for no limit.",
    )
    quota_events: int = Field(
        1_000_000,
        ge=0,
        description="Events of an owner that may be kept; further ones are refused; 0 for no limit.",
    )
    egress_allow: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="Hosts and networks of your own that providers may lie in, separated by commas."
    )
    proxy: SecretStr | None = Field(None, description="An HTTP proxy for calls to providers.")
    rate_limit_key: int = Field(
        60_000,
        ge=0,
        le=10**9,
        description="Calls a minute that one key or user may make; 0 for no limit.",
    )
    rate_limit_owner: int = Field(
        300_000,
        ge=0,
        le=10**9,
        description="Calls a minute that all of an owner may make; 0 for no limit.",
    )
    rate_limit_guesses: int = Field(
        60, ge=0, le=10**9, description="Wrong keys a minute after which an address is slowed; 0 for no limit."
    )
    trusted_proxies: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="Networks of reverse proxies whose X-Forwarded-For is believed, separated by commas."
    )
    metrics_allow: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="Networks from which `/metrics` may be read, separated by commas; from none without it."
    )
    cors_origins: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="The origins of web pages that may call the API, separated by commas; none without it."
    )
    otel_endpoint: HttpUrl | None = Field(
        None, description="Where an OpenTelemetry collector takes OTLP over HTTP; nothing is traced without it."
    )
    public_url: HttpUrl | None = Field(None, description="The address under which the world reaches this server.")
    telegram_manager_token: SecretStr | None = Field(
        None, description="The token of a Telegram bot in Bot Management Mode, which makes managed bots possible."
    )
    emulators: bool = Field(default=False, description="Start stand-ins of the providers and use them.")
    emulators_port: int = Field(8701, ge=0, le=65535, description="The port of the stand-ins; 0 takes a free one.")
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="What is logged.")
    log_format: Literal["text", "json"] = Field("text", description="Lines for people, or JSON for programs.")

    @field_validator(
        "environments",
        "trusted_proxies",
        "egress_allow",
        "clerk_authorized_parties",
        "clerk_audiences",
        "metrics_allow",
        "cors_origins",
        mode="before",
    )
    @classmethod
    def _split(cls, value: object) -> object:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("admin_key")
    @classmethod
    def _long_enough(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and len(value.get_secret_value()) < ADMIN_KEY_LENGTH:
            raise ValueError(f"must have {ADMIN_KEY_LENGTH} characters or more")
        return value

    @field_validator("clerk_issuer", "clerk_jwks_url")
    @classmethod
    def _over_tls(cls, value: str | None) -> str | None:
        # Whoever can change the keys on their way can sign in as anybody.
        if value is not None and not re.match(r"https://|http://(localhost|127\.0\.0\.1|\[::1\])([:/]|$)", value):
            raise ValueError("must be https, or on this machine")
        return value

    @field_validator("public_url", "otel_endpoint")
    @classmethod
    def _bare(cls, value: str | None) -> str | None:
        # They are shown: the one before every address of ours, the other where it cannot be reached.
        if value is not None and re.search(r"[?#@]", value):
            raise ValueError("must be the address alone, without user, password, query or fragment")
        return value

    @field_validator("public_url")
    @classmethod
    def _at_the_root(cls, value: str | None) -> str | None:
        if value is not None and _parts(value).path not in ("", "/"):
            raise ValueError("must be a host without a path: pages and webhooks are served from its root")
        return value

    @field_validator("proxy")
    @classmethod
    def _address(cls, value: SecretStr | None) -> SecretStr | None:
        text = value.get_secret_value() if value else None
        if text is not None and not (re.fullmatch(r"https?://[^\s/]+/?", text) and _parts(text).hostname):
            raise ValueError("must be an address such as http://proxy:3128")
        return value

    @field_validator("cors_origins")
    @classmethod
    def _exact(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if any("*" in text for text in value):
            raise ValueError("must be exact origins: a wildcard would let every page call with a key that it has")
        if not all(_is_origin(text) for text in value):
            raise ValueError(
                "must be origins as browsers say them, such as https://app.example.com, separated by commas: "
                "small letters, no path and no usual port, and https unless they are of this machine"
            )
        return value

    @field_validator("trusted_proxies", "metrics_allow")
    @classmethod
    def _networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        try:
            [ip_network(text) for text in value]
        except ValueError:
            raise ValueError("must be networks such as 10.0.0.0/8, separated by commas") from None
        return value

    @field_validator("egress_allow")
    @classmethod
    def _hosts_or_networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if not all(re.fullmatch(r"[A-Za-z0-9.:_-]+", text) or _is_network(text) for text in value):
            raise ValueError("must be hosts or networks such as weaviate.internal or 10.0.0.0/8, separated by commas")
        return value

    @property
    def address(self) -> str:
        """Where the server listens, as a URL that can be pasted; IPv6 addresses stand in brackets."""
        return f"http://[{self.host}]:{self.port}" if ":" in self.host else f"http://{self.host}:{self.port}"

    @property
    def webhook_base(self) -> str | None:
        """The address under which Telegram can reach this server; None for one that it does not take."""
        parts = urlsplit(self.public_url or "")
        reachable = parts.scheme == "https" and (parts.port or HTTPS) in TELEGRAM_PORTS
        return self.public_url.rstrip("/") if self.public_url and reachable else None

    @property
    def reached_at(self) -> str:
        """The address under which the world reaches the server, else the one where it listens."""
        return self.public_url or self.address

    @property
    def key_file(self) -> Path:
        """Where the root key file is."""
        return self.root_key_file or self.data_dir / "root.keys"


def _is_origin(text: str) -> bool:
    """Whether a browser could say so of a page that nobody has changed on its way."""
    found = re.fullmatch(r"(https?)://([a-z0-9.-]+|\[[0-9a-f:]+\])(?::([1-9][0-9]{0,4}))?", text)
    if found is None or not _parts(text).hostname:
        return False
    scheme, host, port = found.groups()
    return port != _USUAL_PORTS[scheme] and (scheme == "https" or host in _OWN_HOSTS)


def _is_network(text: str) -> bool:
    try:
        ip_network(text, strict=False)
    except ValueError:
        return False
    return True


def load(**given: object) -> Settings:
    """Settings from the environment, `given` ones first; raises `ConfigurationError` that names each wrong one."""
    try:
        settings = Settings(**{name: value for name, value in given.items() if value is not None})  # type: ignore[arg-type]
    except ValidationError as error:
        raise _refusal(
            [
                Detail(_name(item["loc"]), item["msg"].removeprefix("Value error, "))
                for item in error.errors(include_input=False)
            ]
        ) from None
    except SettingsError as error:
        name = re.search(r'field "(\w+)"', str(error))
        raise _refusal([Detail(_name((name[1] if name else "?",)), "JSON is wanted")]) from None
    if settings.workers > 1 and settings.database_url is None:
        raise _refusal([Detail("MOORINGS_WORKERS", "more than one process needs PostgreSQL (MOORINGS_DATABASE_URL)")])
    if settings.jobs == "procrastinate" and settings.database_url is None:
        raise _refusal([Detail("MOORINGS_JOBS", "Procrastinate needs PostgreSQL (MOORINGS_DATABASE_URL)")])
    return settings


def _name(location: tuple[int | str, ...]) -> str:
    return "MOORINGS_" + ".".join(str(part) for part in location).upper()


def _refusal(details: list[Detail]) -> ConfigurationError:
    listed = "; ".join(f"{detail.field}: {detail.message}" for detail in details)
    return ConfigurationError(f"The settings are not right: {listed}.", details)
