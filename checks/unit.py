"""Runs the tests side by side; those of the inner packages hold what they cover against its floor."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
FLOOR = 95
INNER = ("domain", "services", "store", "vault")
MEASURED = (*INNER, "channels", "events", "http", "stories")
"""The tests that reach them in their own process. Measuring doubles what a test costs, and the others add nothing."""

# A file's tests stay together, for they share what is costly to start; long files come first (tests/conftest.py).
SIDE_BY_SIDE = ("-q", "-n", "3", "--dist", "loadfile", "--no-loadscope-reorder")


def main() -> int:
    """The exit code of the first step that fails."""
    measured = [f"tests/{folder}" for folder in MEASURED]
    steps = [
        ("pytest", *SIDE_BY_SIDE, "--cov", "--cov-report=", *measured, *sys.argv[1:]),
        ("pytest", *SIDE_BY_SIDE, "tests", *(f"--ignore={each}" for each in measured), *sys.argv[1:]),
        *(("coverage", "report", f"--include=src/moorings/{package}/*", f"--fail-under={FLOOR}") for package in INNER),
    ]
    return next((code for step in steps if (code := run(*step))), 0)


def run(*command: str) -> int:
    """The exit code of a module's command line."""
    print(f"\n{' '.join(command)}", flush=True)
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": ""}
    return subprocess.run([sys.executable, "-m", *command], cwd=ROOT, env=environment, check=False).returncode  # noqa: S603 - our own command


if __name__ == "__main__":
    sys.exit(main())
