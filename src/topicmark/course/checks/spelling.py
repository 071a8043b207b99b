"""Spelling: words that are never right (the tool typos and its list), and names of things (``tables/terms.toml``)."""

from __future__ import annotations

import functools
import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from topicmark.course import tables
from topicmark.course.findings import Edit, Finding, found
from topicmark.course.plan import Course
from topicmark.course.reading.markdown import Document, Prose
from topicmark.model import LabFault

_FOREIGN = 0.02
"""From this share of unknown words on, a text is not English."""
_WITHIN_S = 60


def check(course: Course) -> Iterator[Finding]:
    """Misspelt words and names."""
    yield from _words(course)
    for document in course.documents:
        yield from _terms(document)


def _prose(document: Document) -> dict[int, str]:
    """The running text of each line."""
    lines: dict[int, list[str]] = defaultdict(list)
    for part in document.parts:
        if isinstance(part, Prose):
            lines[part.line].append(re.sub(r"\S*[@/\\_]\S*|\b\w+\.\w+\b", " ", part.text))
    return {number: " ".join(texts) for number, texts in lines.items()}


def _words(course: Course) -> Iterator[Finding]:
    with tempfile.TemporaryDirectory() as folder:
        for number, document in enumerate(course.documents):
            prose = _prose(document)
            text = "\n".join(prose.get(line, "") for line in range(1, len(document.lines) + 1))
            (Path(folder) / f"{number}.txt").write_text(text, encoding="utf-8")
        seen: dict[int, list[tuple[int, str, list[str]]]] = defaultdict(list)
        for entry in _typos(folder):
            seen[int(Path(entry["path"]).stem)].append((entry["line_num"], entry["typo"], entry["corrections"]))
    for number, document in enumerate(course.documents):
        if len(seen[number]) > 5 and len(seen[number]) > _FOREIGN * len(" ".join(_prose(document).values()).split()):
            continue
        for line, word, corrections in seen[number]:
            if (
                len(word) < 3
                or word.isupper()
                or set(word.lower()) <= set("abcdef")
                or (word[0].isupper() and len(word) < 6)
                or not corrections
            ):
                continue
            only = len(corrections) == 1 and document.lines[line - 1].count(word) == 1
            edits = [Edit(line, word, corrections[0])] if only and _is_slip(word, corrections[0]) else []
            named = " or ".join(f"“{each}”" for each in corrections[:3])
            yield found("text-spelling", document.path, line, f"“{word}” is not a word", f"Write {named}.", *edits)


def _is_slip(wrong: str, right: str) -> bool:
    """Whether it is surely this word: letters in another order, or one letter more, less or other."""
    if sorted(wrong) == sorted(right):
        return True
    short, long = sorted((wrong, right), key=len)
    if len(short) == len(long):
        return sum(one != other for one, other in zip(short, long, strict=True)) == 1
    return any(long[:at] + long[at + 1 :] == short for at in range(len(long)))


def _typos(folder: str) -> list[dict[str, Any]]:
    program = shutil.which("typos", path=str(Path(sys.executable).parent)) or shutil.which("typos")
    if program is None:
        raise LabFault("the spelling checker typos is not installed", service="course")
    command = [program, "--format", "json", "--isolated", "--no-ignore", "--hidden", folder]
    done = subprocess.run(command, capture_output=True, text=True, timeout=_WITHIN_S, check=False)
    entries = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    return [entry for entry in entries if entry.get("type") == "typo"]


@functools.cache
def _patterns() -> list[tuple[re.Pattern[str], str]]:
    pairs = tables.load("terms")["terms"]
    return [
        (re.compile(rf"(?<![\w.\-/`@#])({'|'.join(wrong)})(?![\w\-/`@]|\.\w)"), right) for right, wrong in pairs.items()
    ]


def _terms(document: Document) -> Iterator[Finding]:
    """Names that are written wrong; each wrong form once in a text, at its first place."""
    seen: dict[str, tuple[int, str, list[int]]] = {}
    for line, text in _prose(document).items():
        for pattern, right in _patterns():
            for match in pattern.finditer(text):
                seen.setdefault(match[1], (line, right, []))[2].append(line)
    for wrong, (line, right, places) in seen.items():
        others = sorted(set(places) - {line})
        listed = ", ".join(map(str, others[:8])) + (", …" if len(others) > 8 else "")
        also = f" (also on line{'s' if len(others) > 1 else ''} {listed})" if others else ""
        yield found("text-term", document.path, line, f"“{wrong}” is called {right}{also}", f"Write {right}.")
