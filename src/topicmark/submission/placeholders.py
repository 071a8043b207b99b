"""``{sensor}`` and ``{group}`` in commands, environments and files; ``{{`` and ``}}`` stand for a brace."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence

KNOWN = ("sensor", "group")
_TOKEN = re.compile(r"\{\{|\}\}|\{([A-Za-z_][A-Za-z0-9_-]{0,40})\}")


def names(text: str) -> list[str]:
    """The names in single braces, in order: ``["group"]`` of ``"--id={group} {{x}}"``."""
    return [match[1] for match in _TOKEN.finditer(text) if match[1]]


def holds(name: str, text: str) -> bool:
    """Whether ``{name}`` stands in the text."""
    return name in names(text)


def expand(text: str, known: Mapping[str, str]) -> str:
    """The text with known placeholders replaced and doubled braces single; other braces stay as they are."""

    def one(match: re.Match[str]) -> str:
        if match[1]:
            return known.get(match[1], match[0])
        return match[0][0]

    return _TOKEN.sub(one, text)


def escape(text: str) -> str:
    """The text as a template that expands to itself."""
    return text.replace("{", "{{").replace("}", "}}")


def mistaken(text: str, allowed: str | None) -> tuple[str, str] | None:
    """A placeholder that cannot be meant as it stands, with what to do; ``allowed`` is the one known here."""
    for name in names(text):
        if name == allowed:
            continue
        if name in KNOWN:
            home = "producer" if name == "sensor" else "consumer"
            return f"{{{name}}} is known in [{home}] only.", "To have it literally, write " + "{{" + name + "}}."
        close = difflib.get_close_matches(name.lower(), KNOWN, 1, 0.75)
        if close and allowed:
            remedy = f"Did you mean {{{allowed}}}? To have it literally, double the braces."
            return f"there is no placeholder {{{name}}}.", remedy
    return None


def drop_option(argv: Sequence[str], name: str) -> list[str]:
    """The argv list without ``{name}`` and the option in front of it.

    ``["--group", "{group}"]``, ``["--group={group}"]`` and ``["{group}"]`` go; of a part with several words
    (``sh -c "…"``) only the option and the placeholder go.
    """
    hole = re.compile(r"(?:(?<=\s)|^)(?:--?[\w.-]{1,60}(?:=|\s+)|\w{1,60}=)?['\"]?\{" + re.escape(name) + r"\}['\"]?")
    kept: list[str] = []
    for part in argv:
        if not holds(name, part):
            kept.append(part)
        elif re.search(r"\s", part):
            kept.append(hole.sub("", part).strip())
        elif part == f"{{{name}}}" and len(kept) > 1 and re.match(r"--?[A-Za-z]", kept[-1]):
            kept.pop()
    return kept
