"""What the entry points of the stand-in images share. Runs in a container; settings come by environment."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
COMMANDS: dict[str, Any] = json.loads((HERE / "commands.json").read_text())
sys.path[:0] = [entry for entry in COMMANDS["path"] if entry not in sys.path]
WORK = Path("/tmp/standin")
LOG4J = """\
log4j.rootLogger={root}, out
log4j.appender.out=org.apache.log4j.ConsoleAppender
log4j.appender.out.layout=org.apache.log4j.PatternLayout
log4j.appender.out.layout.ConversionPattern=[%d] %p %m (%c)%n
{loggers}
"""


def work(*, root: str = "WARN", loggers: Mapping[str, str] | None = None) -> str:
    """Make the working folder; the Java option for logging on the container's output, as the official images do."""
    WORK.mkdir(parents=True, exist_ok=True)
    text = "\n".join(f"log4j.logger.{name}={level}" for name, level in (loggers or {}).items())
    (WORK / "log4j.properties").write_text(LOG4J.format(root=root, loggers=text))
    os.chdir(WORK)
    return f"-Dlog4j.configuration=file:{WORK}/log4j.properties"


def become(command: Sequence[str]) -> None:
    """Turn into the command."""
    sys.stdout.flush()
    os.execv(command[0], list(command))


def refuse(message: str) -> None:
    """End as an official image's ``configure`` does."""
    sys.stdout.write(f"{message}\n")
    sys.stdout.flush()
    raise SystemExit(1)
