"""Servers are started with the settings of their test and no others."""

import os

import pytest


@pytest.fixture(autouse=True)
def _only_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("MOORINGS_")]:
        monkeypatch.delenv(name)
