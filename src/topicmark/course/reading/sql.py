"""A block of SQL, statement by statement."""

from __future__ import annotations

import re
from collections.abc import Iterator

_PROMPT = re.compile(r"^\s*ksql> ?", re.MULTILINE)
_PART = re.compile(r"--[^\n]*|/\*[\s\S]*?\*/|'(?:[^']|'')*'|\"[^\"]*\"|`[^`]*`|;|[^;'\"`/-]+|.", re.DOTALL)


def typed(text: str) -> str:
    """A block without the prompts of ksqlDB's client, and without what that prints; a block that has none as it is."""
    if not _PROMPT.search(text):
        return text
    kept: list[str] = []
    goes_on = False
    for line in text.split("\n"):
        prompted = _PROMPT.match(line)
        code = line[prompted.end() :] if prompted else re.sub(r"^\s*> ?", "", line)
        kept.append(code if prompted or goes_on else "")
        goes_on = bool(kept[-1].strip()) and not kept[-1].rstrip().endswith(";")
    return "\n".join(kept)


def statements(text: str, line: int) -> Iterator[tuple[str, int]]:
    """The statements of a block of SQL, each with the line on which it begins; ``line`` is the block's first."""
    begun, at = 0, 0
    for match in _PART.finditer(text):
        at = match.end()
        if match[0] == ";":
            yield from _one(text[begun:at], line + text.count("\n", 0, begun))
            begun = at
    yield from _one(text[begun:], line + text.count("\n", 0, begun))


def _one(text: str, line: int) -> Iterator[tuple[str, int]]:
    lead = len(text) - len(text.lstrip())
    if uncommented(text).strip(" \n\t;"):
        yield text.strip(), line + text.count("\n", 0, lead)


def uncommented(text: str) -> str:
    """A statement with a blank for each of its comments."""
    return re.sub(r"--[^\n]*|/\*[\s\S]*?\*/", " ", text)
