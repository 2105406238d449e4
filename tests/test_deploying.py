"""What `deploy/` says is so: variables, paths and commands that exist, judged without Docker."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import typer

from moorings.cli.main import app
from moorings.settings import Settings, load

DEPLOY = Path(__file__).parents[1] / "deploy"
FILES = ("moorings.service", "Dockerfile", "compose.yaml")
SYSTEMD = shutil.which("systemd-analyze")


@pytest.mark.parametrize("name", FILES)
def test_every_variable_of_a_file_is_a_setting(name: str) -> None:
    named = set(re.findall(r"\bMOORINGS_([A-Z_]+)\b", (DEPLOY / name).read_text(encoding="utf-8")))
    assert named
    assert {each.lower() for each in named} <= Settings.model_fields.keys()


@pytest.mark.parametrize("name", ["moorings.service", "Dockerfile"])
def test_what_a_file_sets_is_taken(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    text = (DEPLOY / name).read_text(encoding="utf-8")
    for variable, value in re.findall(r"(MOORINGS_[A-Z_]+)=([^\s\\]+)", text):
        monkeypatch.setenv(variable, value)
    chosen = load()
    assert chosen.log_format == "json"
    assert chosen.key_file.parent != chosen.data_dir, "database and root keys stand apart"


def test_the_command_that_is_started_exists() -> None:
    unit, image = ((DEPLOY / name).read_text(encoding="utf-8") for name in FILES[:2])
    assert re.findall(r"^ExecStart=/opt/moorings/\.venv/bin/moorings (\w+)$", unit, re.MULTILINE) == ["serve"]
    assert 'ENTRYPOINT ["moorings"]\nCMD ["serve"]' in image
    assert "serve" in getattr(typer.main.get_command(app), "commands", {})


def test_what_the_image_is_made_of_is_there_and_nothing_else_is_sent() -> None:
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", (DEPLOY / "Dockerfile").read_text(encoding="utf-8"), re.MULTILINE)
    names = {name for line in copied for name in line.split()}
    assert all((DEPLOY.parent / name).exists() for name in names)
    kept = {line[1:] for line in (DEPLOY.parent / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    assert kept == names, "data/ and root.keys of a checkout must not come into an image"


@pytest.mark.skipif(SYSTEMD is None, reason="there is no systemd here to judge its unit")
def test_systemd_understands_the_unit(tmp_path: Path) -> None:
    """Paths and the user are of the machine that it is for; here something that exists stands for them."""
    unit = (DEPLOY / "moorings.service").read_text(encoding="utf-8")
    unit = unit.replace("/opt/moorings/.venv/bin/moorings", "/bin/true").replace("=moorings\n", "=root\n")
    (tmp_path / "moorings.service").write_text(unit)
    judged = subprocess.run(  # noqa: S603 - the program that was found above
        [str(SYSTEMD), "verify", str(tmp_path / "moorings.service")], capture_output=True, text=True, check=False
    )
    ours = [line for line in judged.stderr.splitlines() if "moorings.service" in line]
    assert (judged.returncode, ours) == (0, []), judged.stderr
