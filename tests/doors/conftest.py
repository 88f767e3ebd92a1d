"""Tests that need the network are marked so, and run only where it is asked for.

``python -m pytest -m network tests/doors`` runs them.
"""

from __future__ import annotations

import pytest


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "network: installs packages by pip; runs with -m network alone")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if "network" in config.option.markexpr:
        return
    skip = pytest.mark.skip(reason="needs the network: python -m pytest -m network tests/doors")
    for item in items:
        if item.get_closest_marker("network") is not None:
            item.add_marker(skip)
