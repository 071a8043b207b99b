"""Exercise 6's ksqlDB statements: of SQL files, Markdown transcripts and shell scripts, each with its place.

Nothing is judged: what cannot be parsed later stands there as it was written.
"""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from topicmark.submission import shelltext
from topicmark.submission.artefacts import Missing, Problem
from topicmark.submission.choosing import missing, named, one_of
from topicmark.submission.manifest import Manifest
from topicmark.submission.shelltext import ShellCommand
from topicmark.submission.sources import Sources, by_pattern, parent

LOOKED_FOR = "exercise06.sql, the only *.sql or *.ksql, exercise06.md or exercise06.sh"
_MAX_LINES = 200  # of one statement
_PROMPT = re.compile(r"^[ \t>]*(?:\S{1,80}[#$%] ?)?ksql>[ \t]?", re.IGNORECASE)
_FENCE = re.compile(r"^[ \t]{0,12}(`{3,}|~{3,})[ \t]*\{?\.?([\w+-]*)")
_FOREIGN = frozenset({"json", "yaml", "yml", "python", "py", "java", "xml", "csv", "toml", "dockerfile", "mermaid"})
_BEGINS = re.compile(
    r"\s*(?:CREATE|SHOW|LIST|SELECT|INSERT|DROP|SET|UNSET|DESCRIBE|PRINT|TERMINATE|EXPLAIN|RUN|DEFINE|UNDEFINE|PAUSE"
    r"|RESUME|ASSERT|ALTER)\b",
    re.IGNORECASE,
)
_OF_THE_SHELL = re.compile(r"\s*(?:#|set[ \t]+[-+])")
_PRINTED = re.compile(r"^\s*(?:\+?-{5,}[-+]*|\|.*\||Message|ksql>.*)\s*$")
_CLIENT_ONLY = re.compile(
    r"\s*(?:exit|quit|help|clear|version|history|server|output|spool|cli)\b[^;]*;?\s*", re.IGNORECASE
)
_SPLIT = re.compile(r"--[^\n]*|/\*[\s\S]*?(?:\*/|\Z)|'(?:[^']|'')*(?:'|\Z)|\"(?:[^\"]|\"\")*(?:\"|\Z)|`[^`]*(?:`|\Z)|;")


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement as it was written, without blanks around it. ``ends`` is false if its ``;`` is missing."""

    text: str
    file: str
    line: int
    ends: bool = True

    @property
    def where(self) -> str:
        """``file:line``."""
        return f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True)
class Statements:
    """The statements of a submission in order. ``text`` is all of them, for a file of SQL with its comments.

    ``form`` is ``file`` (SQL that a client would send as it stands), ``transcript`` (typed one by one) or ``script``.
    """

    files: tuple[str, ...]
    text: str
    statements: tuple[Statement, ...]
    form: str = "file"


@dataclass(frozen=True, slots=True)
class _Piece:
    """SQL found somewhere: its text and the line on which it begins."""

    text: str
    line: int


def find(sources: Sources, manifest: Manifest | None, remarks: list[str]) -> Statements | Problem | Missing:
    """The submission's statements."""
    if manifest is not None and manifest.ksql:
        paths: list[str] = []
        for entry in manifest.ksql:
            chosen = named(sources, manifest, entry)
            if isinstance(chosen, Problem):
                return chosen
            paths.append(chosen)
        return load(sources, paths)
    for pattern in (r"exercise[_ -]?0?6\.k?sql", r".*\.k?sql", r"exercise[_ -]?0?6\.(?:md|markdown|txt|sh)"):
        found = by_pattern(sources.visible, pattern)
        streams = [path for path in found if re.search(r"\bSTREAM\b", sources.text(path) or "", re.IGNORECASE)]
        found = streams or found
        if not found:
            continue
        picked = one_of(
            sources, found, "the ksqlDB statements", remarks, table="ksql", shallowest="exercise" in pattern
        )
        if isinstance(picked, Problem):
            names = ", ".join(f'"{path}"' for path in found[:4])
            return Problem(
                picked.where, picked.what, f"Name them in submission.toml, in order: [ksql] files = [{names}]."
            )
        return load(sources, [picked])
    remedy = 'if they are yours, name it in submission.toml: [ksql] files = ["{file}"].'
    return missing(sources, LOOKED_FOR, r"CREATE\s+(?:OR\s+REPLACE\s+)?STREAM", remedy)


def load(sources: Sources, paths: Iterable[str]) -> Statements | Problem:
    """The statements of these files, one after the other."""
    texts: list[str] = []
    every: list[Statement] = []
    forms: list[str] = []
    files = tuple(paths)
    for path in files:
        text = sources.text(path)
        if text is None:
            return Problem(path, "cannot be read, or is far too long.")
        form, pieces = _pieces(sources, path, text)
        found = [each for piece in pieces for each in split(piece.text, path, piece.line)]
        if form != "file":  # typed at the client, which keeps these for itself
            found = [each for each in found if not _CLIENT_ONLY.fullmatch(each.text)]
        if not found:
            return Problem(path, "holds no ksqlDB statement.", "Write them as typed at the ksql> prompt.")
        every += found
        forms.append(form)
        texts.append(text if form == "file" else "\n".join(each.text for each in found) + "\n")
    form = forms[0] if len(set(forms)) == 1 else "transcript"
    return Statements(files, "\n".join(texts), tuple(every), form)


def split(text: str, file: str, first_line: int = 1) -> Iterator[Statement]:
    """The statements of a text: ``;`` outside quotes and comments ends one. Comments in front of one are left out."""
    start = 0
    for match in _SPLIT.finditer(text):
        if match[0] == ";":
            yield from _one(text[start : match.end()], file, first_line + text.count("\n", 0, start), True)
            start = match.end()
    yield from _one(text[start:], file, first_line + text.count("\n", 0, start), False)


def _one(text: str, file: str, line: int, ends: bool) -> Iterator[Statement]:
    blank = re.match(r"(?:\s|--[^\n]*(?:\n|\Z)|/\*[\s\S]*?(?:\*/|\Z))*", text)
    skipped = blank[0] if blank else ""
    rest = text[len(skipped) :].rstrip()
    if rest and rest != ";":
        yield Statement(rest, file, line + skipped.count("\n"), ends)


def _pieces(sources: Sources, path: str, text: str) -> tuple[str, list[_Piece]]:
    """The form of a file and the SQL in it."""
    ending = PurePosixPath(path).suffix.lower()
    lines = text.split("\n")
    prompts = any(_PROMPT.match(line) for line in lines)
    if ending in (".md", ".markdown"):
        return "transcript", list(_markdown(sources, path, lines))
    if ending == ".sh" or text.startswith("#!"):
        handed = list(_script(sources, path, text, 1))
        return ("script", handed) if handed else ("transcript", list(_noted(lines)))
    if prompts:
        return "transcript", list(_transcript(lines, 1))
    return "file", [_Piece(text, 1)]


def _noted(lines: list[str]) -> Iterator[_Piece]:
    """What was typed at the client, kept as a shell script below the line that opened it. Such a script hands ksqlDB
    nothing, and its comments are the shell's; they leave their lines behind, so that places stay right."""
    kept = ["" if _OF_THE_SHELL.match(line) else line for line in lines]
    yield from _transcript(kept, 1) if any(map(_PROMPT.match, kept)) else _typed(kept, 1)


def _markdown(sources: Sources, path: str, lines: list[str]) -> Iterator[_Piece]:
    """What stands in fenced blocks; of a page without any, what was typed at a prompt, else what looks like SQL."""
    blocks = list(_blocks(lines))
    for language, first, block in blocks:
        text = "\n".join(block)
        if any(_PROMPT.match(line) for line in block):
            yield from _transcript(block, first)
        elif language in ("sql", "ksql", "ksqldb", "ksql-cli"):
            yield from _typed(block, first) if any(map(_PRINTED.match, block)) else [_Piece(text, first)]
        elif language not in _FOREIGN:
            typed = list(_typed(block, first))
            yield from typed or _script(sources, path, text, first)
    if not blocks:
        yield from _transcript(lines, 1) if any(_PROMPT.match(line) for line in lines) else _typed(lines, 1)


def _blocks(lines: list[str]) -> Iterator[tuple[str, int, list[str]]]:
    """Each fenced block: its language, the line of its first line, its lines. One that is not closed ends the page."""
    fence, language, first = "", "", 0
    block: list[str] = []
    for number, line in enumerate(lines, 1):
        match = _FENCE.match(line)
        if not fence and match:
            fence, language, first, block = match[1], match[2].lower(), number + 1, []
        elif fence and re.fullmatch(rf"[ \t]*{fence[0]}{{{len(fence)},}}[ \t]*", line):
            yield language, first, block
            fence = ""
        elif fence:
            block.append(line)
    if fence:
        yield language, first, block


def _transcript(lines: list[str], first: int) -> Iterator[_Piece]:
    """What was typed at ``ksql>``, without continuation prompts; answers are what comes after the last ``;``."""
    typed: list[str] = []
    start = 0
    for number, line in enumerate([*lines, "ksql>"], first):
        prompt = _PROMPT.match(line)
        if prompt:
            if typed and not _CLIENT_ONLY.fullmatch("\n".join(typed)):
                yield _Piece("\n".join(typed).rstrip(), start)
            rest = line[prompt.end() :]
            typed, start = ([rest], number) if rest.strip() else ([], number)
        elif typed:
            typed.append(re.sub(r"^\s*>[ \t]?", "", line))
        if typed and ";" in line and len(typed) <= _MAX_LINES and _is_complete("\n".join(typed)):
            if not _CLIENT_ONLY.fullmatch("\n".join(typed)):
                yield _Piece("\n".join(typed), start)
            typed = []


def _typed(lines: list[str], first: int) -> Iterator[_Piece]:
    """Statements among other lines: from a line that begins like one to the line that ends it."""
    typed: list[str] = []
    start = 0
    for number, line in enumerate(lines, first):
        if not typed and _BEGINS.match(line):
            start = number
        elif not typed:
            continue
        typed.append(line)
        if ";" in line and len(typed) <= _MAX_LINES and _is_complete("\n".join(typed)):
            yield _Piece("\n".join(typed), start)
            typed = []
    if any(";" in line for line in typed) or (typed and start == first):
        yield _Piece("\n".join(typed), start)


def _is_complete(text: str) -> bool:
    """Whether the text ends with a ``;`` outside quotes and comments, but for blanks and a comment behind it."""
    last = -1
    for match in _SPLIT.finditer(text):
        if match[0] == ";":
            last = match.end()
    return last >= 0 and not re.sub(r"--[^\n]*|/\*[\s\S]*?\*/", "", text[last:]).strip()


def _script(sources: Sources, path: str, text: str, first: int) -> Iterator[_Piece]:
    """What a shell script hands to ksqlDB: here-documents, ``-e``, pipes, files, bodies of requests."""
    written: dict[str, _Piece] = {}
    for command in shelltext.commands(text):
        argv = command.argv
        if command.writes and command.stdin is not None and argv == ("cat",):
            written[command.writes] = _Piece(command.stdin.text, first + command.stdin.line - 1)
            continue
        program = [PurePosixPath(word).name for word in argv]
        if any(word.startswith("curl") for word in program[:1]) and any(
            "/ksql" in word or "/query" in word for word in argv
        ):
            yield from _request(sources, path, command, first)
        elif any(word in ("ksql", "ksql-cli", "ksql.sh") for word in program):
            yield from _client(sources, path, command, first, written)
        elif command.stdin is not None and "ksql" in " ".join(argv) and _BEGINS.search(command.stdin.text):
            yield _Piece(command.stdin.text, first + command.stdin.line - 1)


def _client(
    sources: Sources, path: str, command: ShellCommand, first: int, written: dict[str, _Piece]
) -> Iterator[_Piece]:
    words = command.words
    at = max(i for i, word in enumerate(words) if PurePosixPath(word.text).name in ("ksql", "ksql-cli", "ksql.sh"))
    for word, value in zip(words[at + 1 :], [*words[at + 2 :], None], strict=False):
        option, _, glued = word.text.partition("=")
        text, line = (glued, word.line) if glued else (value.text, value.line) if value is not None else ("", 0)
        if option in ("-e", "--execute") and text:
            yield _Piece(text, first + line - 1)
        elif option in ("-f", "--file") and text:
            yield from [written[text]] if text in written else _file(sources, path, text)
    if command.stdin is not None:
        yield _Piece(command.stdin.text, first + command.stdin.line - 1)
    elif command.reads:
        name = command.reads
        yield from [written[name]] if name in written else _file(sources, path, name)


def _request(sources: Sources, path: str, command: ShellCommand, first: int) -> Iterator[_Piece]:
    """The statements of a request's body; its ``streamsProperties`` become ``SET`` lines in front of them."""
    for word, value in zip(command.words, command.words[1:], strict=False):
        if word.text not in ("-d", "--data", "--data-raw", "--data-binary", "--json"):
            continue
        text = value.text
        if text.startswith("@"):
            text = sources.text(posixpath.normpath(posixpath.join(parent(path), text[1:]))) or ""
            text = text if text else (command.stdin.text if command.stdin is not None else "")
        try:
            body = json.loads(text, strict=False)
        except ValueError:
            continue
        if isinstance(body, dict):
            settings = body.get("streamsProperties") or body.get("properties")
            for name, setting in settings.items() if isinstance(settings, dict) else ():
                yield _Piece(f"SET '{str(name).removeprefix('ksql.streams.')}' = '{setting}';", first + value.line - 1)
            sql = body.get("ksql") or body.get("sql")
            if isinstance(sql, str):
                yield _Piece(sql, first + value.line - 1)


def _file(sources: Sources, path: str, name: str) -> Iterator[_Piece]:
    text = sources.text(posixpath.normpath(posixpath.join(parent(path), name)))
    if text is not None:
        yield _Piece(text, 1)
