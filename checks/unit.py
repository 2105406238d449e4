"""Runs the tests side by side, then holds the coverage of the inner packages against its floor."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
FLOOR = 95
FLOORED = ("domain", "vault", "services", "store")


def main() -> int:
    """The exit code of the first step that fails."""
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "", "COVERAGE_PROCESS_START": str(ROOT / "pyproject.toml")}
    tests = [
        sys.executable,
        "-m",
        "pytest",
        "--cov",
        "--cov-report=",
        "-n",
        "2",
        "--dist",
        "loadgroup",
        "-q",
        *sys.argv[1:],
    ]
    tested = subprocess.run(tests, cwd=ROOT, env=environment, check=False)  # noqa: S603 - our own command
    if tested.returncode != 0:
        return tested.returncode
    for package in FLOORED:
        report = [
            sys.executable,
            "-m",
            "coverage",
            "report",
            f"--include=src/moorings/{package}/*",
            f"--fail-under={FLOOR}",
        ]
        print(f"\ncoverage of {package}, at least {FLOOR} %:", flush=True)
        covered = subprocess.run(report, cwd=ROOT, env=environment, check=False)  # noqa: S603 - our own command
        if covered.returncode != 0:
            return covered.returncode
    return 0


if __name__ == "__main__":
    sys.exit(main())
