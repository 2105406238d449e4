"""A client that an independent generator makes from the OpenAPI document saves, reads and deletes credentials."""

import importlib
import subprocess
import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import httpx2
import pytest

from tests.properties.live import Live, serving

ADMIN = "g" * 40
PACKAGE = "moorings_made"
KEY = "hb_generated-client-0001"


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    with serving(tmp_path_factory.mktemp("server"), admin_key=ADMIN) as found:
        yield found


@pytest.fixture(scope="module")
def package(live: Live, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The name of the generated package, which can be imported."""
    folder = tmp_path_factory.mktemp("client")
    (folder / "openapi.json").write_bytes(httpx2.get(f"{live.url}/openapi.json", trust_env=False).content)
    (folder / "config.yaml").write_text(f"package_name_override: {PACKAGE}\npost_hooks: []\n")
    command = [sys.executable, "-m", "openapi_python_client", "generate", "--path", "openapi.json"]
    options = ["--config", "config.yaml", "--meta", "none", "--output-path", PACKAGE, "--fail-on-warning"]
    made = subprocess.run(  # noqa: S603  # our own command
        [*command, *options], cwd=folder, capture_output=True, text=True, check=False
    )
    assert made.returncode == 0, made.stdout + made.stderr
    sys.path.insert(0, str(folder))
    yield PACKAGE
    sys.path.remove(str(folder))


def part(package: str, name: str) -> ModuleType:
    return importlib.import_module(f"{package}.{name}")


def call(package: str, name: str) -> Any:
    return part(package, f"api.integrations.{name}").sync_detailed


def body(package: str, **fields: Any) -> Any:
    return part(package, "models").SaveCredentials.from_dict(fields)


@pytest.fixture(scope="module")
def client(live: Live, package: str) -> Iterator[Any]:
    """The generated client with a key; its own HTTP library must not see the proxy of the machine."""
    made = part(package, "client").AuthenticatedClient(live.url, token=ADMIN, httpx_args={"trust_env": False})
    with made as found:
        yield found


def test_it_saves_reads_and_deletes(package: str, client: Any) -> None:
    answer = call(package, "save_integration_credentials")(
        "harbour", client=client, body=body(package, credentials={"apiKey": KEY}, environment="staging", verify=False)
    )
    assert (answer.status_code, answer.parsed.success, answer.parsed.environment) == (200, True, "staging")
    answer = call(package, "get_integration_credential_status")(
        client=client, environment="staging", integration_id=["harbour"]
    )
    [entry] = answer.parsed.data
    assert (entry.configured, entry.environments) == (True, ["staging"])
    assert entry.fields["apiKey"].preview == "hb_…0001"
    answer = call(package, "delete_integration_credentials")("harbour", client=client, environment="staging")
    assert answer.parsed.to_dict().keys() == {"environment", "integrationId", "message", "success"}
    assert (answer.parsed.environment, answer.parsed.integration_id) == ("staging", "harbour")


def test_it_reads_errors_as_they_are_declared(package: str, client: Any) -> None:
    answer = call(package, "delete_integration_credentials")("harbour", client=client)
    assert answer.status_code == 404
    assert isinstance(answer.parsed, part(package, "models").Problem)
    assert answer.parsed.code == "CREDENTIALS_NOT_FOUND"
    answer = call(package, "save_integration_credentials")(
        "harbour", client=client, body=body(package, credentials={"wrong": "x"})
    )
    assert {detail.field for detail in answer.parsed.details} == {"credentials.wrong", "credentials.apiKey"}


def test_it_lists_the_catalogue_and_its_tools(package: str, client: Any) -> None:
    listed = call(package, "list_integrations")(client=client).parsed
    assert listed.total == len(listed.data) > 0
    details = call(package, "get_integration_details")("harbour", client=client).parsed
    assert [field.name for field in details.credential_fields] == ["apiKey"]
    tools = call(package, "list_tools_for_an_integration")("harbour", client=client).parsed
    assert [tool.name for tool in tools.tools] == ["harbour_moor_ship", "harbour_list_ships", "harbour_sink_ship"]


def test_it_reserves_an_installation(package: str, client: Any) -> None:
    wish = part(package, "models").ReserveIntegration.from_dict({"type": "harbour", "name": "From the client"})
    answer = call(package, "reserve_a_new_integration")(client=client, body=wish)
    assert (answer.status_code, answer.parsed.status, answer.parsed.name) == (201, "pending", "From the client")
    gone = call(package, "delete_integration_credentials")(answer.parsed.id, client=client)
    assert gone.status_code == 200
