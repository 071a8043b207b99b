"""What is known of tools, images, charts, packages and words: tables, each with the date and version it holds for."""

from __future__ import annotations

import functools
import tomllib
from pathlib import Path
from typing import Any


@functools.cache
def load(name: str) -> dict[str, Any]:
    """The table ``<name>.toml`` of this folder."""
    return tomllib.loads(Path(__file__).with_name(f"{name}.toml").read_text(encoding="utf-8"))
