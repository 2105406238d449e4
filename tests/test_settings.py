"""Every setting parses, a wrong one is named, and no value of a wrong one is ever repeated."""

import base64
import os
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from moorings import app
from moorings.errors import ConfigurationError
from moorings.settings import Settings, load
from moorings.vault.keyring import Keyring

MARK = "hunter2-Zq7"
"""Stands in every wrong value, so that one search finds a repetition."""

ROOT_KEY = base64.b64encode(bytes(range(32))).decode()
OTHER_KEY = base64.b64encode(bytes(range(1, 33))).decode()

GOOD: list[tuple[str, str, Any]] = [
    ("host", "0.0.0.0", "0.0.0.0"),  # noqa: S104 - an operator may say so
    ("host", "::1", "::1"),
    ("port", "0", 0),
    ("port", "65535", 65535),
    ("data_dir", "/var/lib/moorings", Path("/var/lib/moorings")),
    ("database_url", "postgresql://m@db/m", "postgresql://m@db/m"),
    ("environments", "test", ("test",)),
    ("environments", " test , live-2 ,", ("test", "live-2")),
    ("admin_key", "a" * 32, "a" * 32),
    ("clerk_issuer", "https://clerk.example.com", "https://clerk.example.com"),
    ("clerk_issuer", "http://127.0.0.1:4000", "http://127.0.0.1:4000"),
    (
        "clerk_jwks_url",
        "https://clerk.example.com/.well-known/jwks.json",
        "https://clerk.example.com/.well-known/jwks.json",
    ),
    ("clerk_jwt_key", "-----BEGIN PUBLIC KEY-----", "-----BEGIN PUBLIC KEY-----"),
    ("clerk_authorized_parties", "https://a.example, https://b.example", ("https://a.example", "https://b.example")),
    ("clerk_audiences", "moorings", ("moorings",)),
    ("root_keys", f"k1:{ROOT_KEY},k2:{OTHER_KEY}", f"k1:{ROOT_KEY},k2:{OTHER_KEY}"),
    ("root_key_file", "/run/secrets/root.keys", Path("/run/secrets/root.keys")),
    ("catalogue_dir", "/etc/moorings/catalogue", Path("/etc/moorings/catalogue")),
    ("upstreams", '{"exa": "http://127.0.0.1:8701/exa"}', {"exa": "http://127.0.0.1:8701/exa"}),
    ("upstreams", "{}", {}),
    ("provider_timeout", "0.5", 0.5),
    ("provider_timeout", "120", 120.0),
    ("provider_calls_owner", "0", 0),
    ("quota_things", "0", 0),
    ("quota_events", "5000", 5_000),
    ("check_hours", "0", 0.0),
    ("check_hours", "720", 720.0),
    ("tool_timeout", "300", 300.0),
    ("tool_answer_limit", "1024", 1024),
    ("jobs", "embedded", "embedded"),
    ("event_days", "3650", 3_650),
    ("egress_allow", "weaviate.internal, 10.1.0.0/16", ("weaviate.internal", "10.1.0.0/16")),
    ("proxy", "http://proxy.internal:3128", "http://proxy.internal:3128"),
    ("trusted_proxies", "10.0.0.0/8, ::1/128", ("10.0.0.0/8", "::1/128")),
    ("trusted_proxies", "", ()),
    ("rate_limit_key", "0", 0),
    ("metrics_allow", "10.0.0.0/8", ("10.0.0.0/8",)),
    (
        "cors_origins",
        "https://app.example.com, http://localhost:5173",
        ("https://app.example.com", "http://localhost:5173"),
    ),
    ("cors_origins", "https://[2001:db8::1]:8443", ("https://[2001:db8::1]:8443",)),
    ("cors_origins", "", ()),
    ("otel_endpoint", "http://collector:4318", "http://collector:4318"),
    ("rate_limit_owner", "1000000", 1_000_000),
    ("rate_limit_guesses", "10", 10),
    ("public_url", "https://hub.example.com", "https://hub.example.com"),
    ("telegram_manager_token", "1234567890:not-a-real-token", "1234567890:not-a-real-token"),
    ("emulators", "true", True),
    ("emulators", "0", False),
    ("emulators_port", "0", 0),
    ("log_level", "debug", "debug"),
    ("log_format", "json", "json"),
]

WRONG: list[tuple[str, str]] = [
    ("port", MARK),
    ("port", "65536"),
    ("port", "-1"),
    ("workers", "0"),
    ("workers", "65"),
    ("workers", "2.5"),
    ("environments", ","),
    ("environments", f"Production {MARK}"),
    ("environments", "a" * 33),
    ("environments", "*"),
    ("cors_origins", "*"),
    ("cors_origins", f"https://*.{MARK}"),
    ("cors_origins", "null"),
    ("cors_origins", f"https://{MARK}.example/"),
    ("cors_origins", f"https://app.example.com/{MARK}"),
    ("cors_origins", f"http://{MARK.lower()}.example"),
    ("cors_origins", "https://App.example.com"),
    ("cors_origins", "https://app.example.com:443"),
    ("cors_origins", "https://app.example.com:99999"),
    ("cors_origins", "https://user@app.example.com"),
    ("admin_key", MARK),
    ("clerk_issuer", MARK),
    ("clerk_issuer", f"http://clerk.example.com/{MARK}"),
    ("clerk_issuer", f"http://127.0.0.1.{MARK}.example"),
    ("clerk_jwks_url", f"http://{MARK}@clerk.example.com"),
    ("upstreams", MARK),
    ("upstreams", f'{{"exa": "{MARK}"'),
    ("upstreams", f'["{MARK}"]'),
    ("upstreams", f'{{"exa": "ftp://user:{MARK}@host"}}'),
    ("provider_timeout", "0"),
    ("provider_timeout", "121"),
    ("provider_timeout", "nan"),
    ("provider_timeout", MARK),
    ("tool_timeout", "301"),
    ("tool_answer_limit", "1023"),
    ("jobs", MARK),
    ("event_days", "0"),
    ("upstreams", '{"exa": "http://[::1"}'),
    ("upstreams", '{"exa": "http://127.0.0.1:99999"}'),
    ("egress_allow", f"https://{MARK}/"),
    ("egress_allow", "10.0.0.0/99"),
    ("egress_allow", "weaviate.internal/24"),
    ("rate_limit_key", "-1"),
    ("metrics_allow", MARK),
    ("rate_limit_guesses", MARK),
    ("proxy", f"user:{MARK}@proxy"),
    ("proxy", f"ftp://user:{MARK}@proxy"),
    ("otel_endpoint", MARK),
    ("otel_endpoint", f"http://user:{MARK}@collector:4318"),
    ("public_url", MARK),
    ("public_url", f"https://hub {MARK}"),
    ("public_url", f"https://user:{MARK}@hub.example.com"),
    ("public_url", f"https://hub.example.com/?{MARK}"),
    ("public_url", "https://hub.example.com:99999"),
    ("public_url", f"https://hub.example.com/{MARK}/"),
    ("public_url", "https://[::1"),
    ("proxy", "http://[::1"),
    ("clerk_issuer", "https://[::1"),
    ("emulators", MARK),
    ("emulators_port", "-1"),
    ("log_level", MARK),
    ("log_format", MARK),
]


@pytest.fixture(autouse=True)
def _only_ours(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in [name for name in os.environ if name.startswith("MOORINGS_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(("name", "text", "value"), GOOD)
def test_each_setting_is_read_from_its_variable(
    monkeypatch: pytest.MonkeyPatch, name: str, text: str, value: object
) -> None:
    monkeypatch.setenv(f"MOORINGS_{name.upper()}", text)
    found = getattr(load(), name)
    assert (found.get_secret_value() if isinstance(found, SecretStr) else found) == value


def test_each_setting_is_tried_here() -> None:
    assert {name for name, _, _ in GOOD} | {"workers"} == set(Settings.model_fields)


@pytest.mark.parametrize(("name", "text"), WRONG)
def test_a_wrong_setting_is_named_and_its_value_is_not_repeated(
    monkeypatch: pytest.MonkeyPatch, name: str, text: str
) -> None:
    monkeypatch.setenv(f"MOORINGS_{name.upper()}", text)
    error = _refusal()
    assert f"MOORINGS_{name.upper()}" in error.message
    assert {detail.field.partition(".")[0] for detail in error.details} == {f"MOORINGS_{name.upper()}"}
    assert not _repeats(error)


def test_what_is_wrong_is_said_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, text in (("PUBLIC_URL", "hub"), ("ENVIRONMENTS", "Live One"), ("ADMIN_KEY", MARK)):
        monkeypatch.setenv(f"MOORINGS_{name}", text)
    told = _refusal().message
    assert "pattern" not in told
    assert "Value error" not in told
    assert "must be an address such as https://hub.example.com" in told


def test_an_upstream_of_an_integration_that_is_none_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOORINGS_UPSTREAMS", f'{{"slakc": "http://127.0.0.1:1/{MARK}"}}')
    settings = load()
    with pytest.raises(ConfigurationError, match="slakc") as caught:
        app.upstreams(settings, app.catalogue(settings))
    assert not _repeats(caught.value)


def test_every_wrong_setting_is_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PORT", "LOG_LEVEL", "ADMIN_KEY"):
        monkeypatch.setenv(f"MOORINGS_{name}", MARK)
    error = _refusal()
    assert {detail.field for detail in error.details} == {"MOORINGS_PORT", "MOORINGS_LOG_LEVEL", "MOORINGS_ADMIN_KEY"}
    assert not _repeats(error)


@pytest.mark.anyio
@pytest.mark.parametrize("name", list(Settings.model_fields))
async def test_an_empty_variable_is_either_refused_by_name_or_counts_as_not_given(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """Compose files and unit files leave empty what was not filled in."""
    default = getattr(load(), name)
    monkeypatch.setenv(f"MOORINGS_{name.upper()}", "")
    try:
        found = load()
        async with app.running(found):
            pass
    except ConfigurationError as error:
        assert f"MOORINGS_{name.upper()}" in error.message  # noqa: PT017 - one of two good ends
    else:
        value = getattr(found, name)
        assert (value.get_secret_value() or None if isinstance(value, SecretStr) else value) == default


def test_the_defaults_listen_on_this_machine_alone_and_keep_everything_in_data() -> None:
    found = load()
    assert (found.host, found.port, found.workers) == ("127.0.0.1", 8700, 1)
    assert (found.data_dir, found.key_file) == (Path("data"), Path("data/root.keys"))
    assert found.environments == ("development", "staging", "production")
    assert not found.emulators


def test_what_is_given_wins_over_the_environment_and_none_means_not_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOORINGS_PORT", "9000")
    monkeypatch.setenv("MOORINGS_HOST", "127.0.0.2")
    found = load(port=9001, host=None)
    assert (found.port, found.host) == (9001, "127.0.0.2")


def test_a_wrong_option_is_named_like_its_setting() -> None:
    with pytest.raises(ConfigurationError, match="MOORINGS_LOG_FORMAT"):
        load(log_format="xml")


def test_an_unknown_option_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="MOORINGS_COLOUR"):
        load(colour="blue")


@pytest.mark.parametrize("workers", ["2", "64"])
def test_several_processes_want_postgresql(monkeypatch: pytest.MonkeyPatch, workers: str) -> None:
    monkeypatch.setenv("MOORINGS_WORKERS", workers)
    with pytest.raises(ConfigurationError, match=r"MOORINGS_WORKERS.*MOORINGS_DATABASE_URL"):
        load()
    monkeypatch.setenv("MOORINGS_DATABASE_URL", "postgresql://m@db/m")
    assert load().workers == int(workers)


def test_settings_do_not_change_once_made() -> None:
    with pytest.raises(ValueError, match="frozen"):
        load().port = 1  # type: ignore[misc]


def test_no_setting_that_can_hold_a_password_prints(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOORINGS_DATABASE_URL", f"postgresql://m:{MARK}@db/m")
    monkeypatch.setenv("MOORINGS_ADMIN_KEY", MARK * 5)
    monkeypatch.setenv("MOORINGS_ROOT_KEYS", f"k1:{MARK}")
    monkeypatch.setenv("MOORINGS_PROXY", f"http://m:{MARK}@proxy:3128")
    found = load()
    assert MARK not in f"{found!r} {found} {found.model_dump()} {found.model_dump_json()}"


@pytest.mark.parametrize(
    "text", [MARK, f"k1={MARK}", f"k1:{MARK}", f"k0:{ROOT_KEY}", f"k1:{ROOT_KEY},k1:{OTHER_KEY}", "k1:AAAA", "k1:"]
)
def test_wrong_root_keys_are_named_by_their_setting_and_not_repeated(
    monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setenv("MOORINGS_ROOT_KEYS", text)
    with pytest.raises(ConfigurationError, match="MOORINGS_ROOT_KEYS") as caught:
        Keyring(app.key_source(load()))
    assert not _repeats(caught.value)
    assert ROOT_KEY not in str(caught.value)


def test_root_keys_of_the_setting_are_loaded_and_the_file_is_left_alone(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("MOORINGS_ROOT_KEYS", f"k1:{ROOT_KEY}, k2:{OTHER_KEY}")
    keyring = Keyring(app.key_source(load()))
    assert (keyring.ids, keyring.current.id) == (["k1", "k2"], "k2")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("text", ["10.0.0.1/8", "proxy.internal", "10.0.0.0/33", f"10.0.0.0/8,{MARK}"])
def test_a_proxy_that_is_no_network_is_refused(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("MOORINGS_TRUSTED_PROXIES", text)
    with pytest.raises(ConfigurationError, match="MOORINGS_TRUSTED_PROXIES") as caught:
        app.proxies(load())
    assert not _repeats(caught.value)


@pytest.mark.anyio
@pytest.mark.parametrize("url", [MARK, f"not an address with {MARK}", f"postgresql://m:{MARK}@db:port/m"])
async def test_a_database_address_that_is_none_is_named_and_not_repeated(
    monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.setenv("MOORINGS_DATABASE_URL", url)
    with pytest.raises(ConfigurationError, match="MOORINGS_DATABASE_URL") as caught:
        async with app.running(load()):
            pass
    assert not _repeats(caught.value)


@pytest.mark.anyio
async def test_a_database_that_is_not_there_is_told_without_its_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOORINGS_DATABASE_URL", f"postgresql://m:{MARK}@127.0.0.1:9/m?connect_timeout=2")
    with pytest.raises(Exception, match="cannot be reached") as caught:
        async with app.running(load()):
            pass
    assert not _repeats(caught.value)


def test_a_catalogue_directory_that_is_none_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOORINGS_CATALOGUE_DIR", "no/such/place")
    with pytest.raises(ConfigurationError, match="MOORINGS_CATALOGUE_DIR"):
        app.catalogue(load())


def _refusal() -> ConfigurationError:
    with pytest.raises(ConfigurationError) as caught:
        load()
    return caught.value


def _repeats(error: BaseException) -> bool:
    """Whether the error, or anything a trace of it shows, holds the value that was wrong."""
    shown: BaseException | None = error
    while shown is not None:
        if MARK in f"{shown!r} {shown} {getattr(shown, 'details', '')}":
            return True
        shown = shown.__cause__ or (None if shown.__suppress_context__ else shown.__context__)
    return False


def test_procrastinate_needs_postgresql(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOORINGS_JOBS", "procrastinate")
    with pytest.raises(ConfigurationError, match="MOORINGS_DATABASE_URL"):
        load()
    monkeypatch.setenv("MOORINGS_DATABASE_URL", "postgresql://m@db/m")
    assert load().jobs == "procrastinate"
