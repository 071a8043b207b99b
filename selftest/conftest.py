"""Options of the grader's own tests."""

from __future__ import annotations

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """See each help text."""
    parser.addoption("--connect-plugins", metavar="DIR", help="run the sink's suite against this plugin folder")
    parser.addoption("--crashes", type=int, default=5, help="how often the sink's crash test kills the worker")
