"""Scripts of a submission: the shell that runs them, their text without comments, the commands that they name."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from topicmark.submission.sources import Sources, parent

SHELLS = ("sh", "bash", "dash", "zsh", "ksh")


def start(sources: Sources, path: str) -> tuple[tuple[str, str], str]:
    """argv and working folder of a shell script: ``sh`` if its first line says so, ``bash`` otherwise."""
    first = (sources.text(path) or "").partition("\n")[0]
    shell = "sh" if re.match(r"#!\s*(?:/usr)?/bin/(?:env\s+)?(?:da|a)?sh\b", first) else "bash"
    return (shell, PurePosixPath(path).name), parent(path) or "."


def is_script(argv: tuple[str, ...]) -> bool:
    """Whether a command line runs a shell script."""
    return PurePosixPath(argv[0]).name in SHELLS or argv[0].endswith(".sh")


def code(text: str, comment: str = "#") -> str:
    """A script without comments, continued lines joined. ``comment`` is a regular expression for what begins one."""
    joined = re.sub(r"(?:\\|\^|`)[ \t]*\n", " ", _uncommented(text, comment))
    return re.sub(r"(?m)(?<=\s)#(?![^\n]*['\"]).*$", "", joined)


def _uncommented(text: str, comment: str) -> str:
    return "\n".join(line for line in text.splitlines() if not re.match(rf"\s*(?:{comment})", line))
