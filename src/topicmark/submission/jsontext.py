"""JSON as students write it: read strictly, every complaint with line, column and a way out."""

from __future__ import annotations

import json
import re
from typing import Any

MAX_CHARS = 256 * 1024


class JsonProblem(Exception):
    """Text that is not JSON; ``line`` and ``column`` count from 1."""

    def __init__(self, line: int, column: int, what: str, remedy: str = "") -> None:
        super().__init__(what)
        self.line = line
        self.column = column
        self.what = what
        self.remedy = remedy


def parse(text: str) -> tuple[Any, list[str]]:
    """The value of a text, numbers as they are written (texts in a ``Number``), and the keys that are given twice."""
    if len(text) > MAX_CHARS:
        raise JsonProblem(1, 1, f"is longer than {MAX_CHARS // 1024} KiB.")
    if not text.strip():
        raise JsonProblem(1, 1, "is empty.")
    for number, line in enumerate(text.splitlines(), 1):
        if re.match(r"<{7}(?: |$)|={7}$|>{7}(?: |$)", line):
            raise JsonProblem(number, 1, "has a merge conflict in it that was never resolved.")
    twice: list[str] = []

    def table(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, value in pairs:
            if key in found:
                twice.append(key)
            found[key] = value
        return found

    try:
        value = json.loads(
            text, parse_int=Number, parse_float=Number, parse_constant=_constant, object_pairs_hook=table
        )
    except json.JSONDecodeError as error:
        raise _explained(error, text) from None
    except (RecursionError, ValueError):
        raise JsonProblem(1, 1, "is not valid JSON: too deeply nested, or a number out of range.") from None
    return value, twice


class Number(str):
    """A number of the text, digit by digit as it stands there."""

    __slots__ = ()


def _constant(word: str) -> Any:
    raise ValueError(word)


def _explained(error: json.JSONDecodeError, text: str) -> JsonProblem:
    """A syntax error in words, with what it most likely comes from."""
    at = error.pos
    before, after = text[:at].rstrip(), text[at : at + 200]
    line, column = error.lineno, error.colno
    what = f"is not valid JSON at line {line}, column {column}: {error.msg[:1].lower()}{error.msg[1:]}."
    if after.startswith(("//", "/*", "#")):
        return JsonProblem(line, column, f"has a comment at line {line}; JSON has no comments.", "Delete it.")
    if re.match(r"[}\]]", after) and before.endswith(","):
        line = before.count("\n") + 1
        return JsonProblem(line, column, f"has a comma after the last entry, at line {line}.", "Delete that comma.")
    if before.endswith(",") and re.match(r"\s*[}\]]", after):
        line = before.count("\n") + 1
        return JsonProblem(line, column, f"has a comma after the last entry, at line {line}.", "Delete that comma.")
    if error.msg.startswith("Illegal trailing comma"):
        return JsonProblem(line, column, f"has a comma after the last entry, at line {line}.", "Delete that comma.")
    if re.match(r"[\u2018-\u201f\u00ab\u00bb]", after) or re.search(r"[\u201c-\u201f]", text[max(0, at - 1) : at + 2]):
        return JsonProblem(line, column, f"{what}", 'These are typographic quotes; write plain ones: ".')
    if after.startswith("'"):
        return JsonProblem(line, column, what, "Texts stand in double quotes, not in single ones.")
    if error.msg.startswith("Expecting ',' delimiter"):
        line = before.count("\n") + 1
        return JsonProblem(
            line, column, what, f"Is a comma missing at the end of line {line}, or a bracket not closed?"
        )
    if error.msg.startswith(("Invalid control", "Unterminated")):
        return JsonProblem(line, column, what, "Close the text with a double quote on the same line.")
    if error.msg.startswith("Extra data"):
        return JsonProblem(line, column, what, "The file must hold one JSON object and nothing else.")
    if re.match(r"[A-Za-z_]", after):
        return JsonProblem(line, column, what, "Put keys and texts in double quotes.")
    if at >= len(text.rstrip()):
        return JsonProblem(line, column, f"ends before its JSON does, at line {line}.", "Close every { with a }.")
    return JsonProblem(line, column, what, "Look at the quotes and commas of this line and the one above.")
