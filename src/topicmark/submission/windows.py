"""The ``curl`` lines of Windows scripts as argv lists, read as Windows reads them. Nothing is run.

Of a batch file: ``^`` at the end of a line, ``%NAME%`` of ``set`` lines, quotes as cmd counts them, words as the
C run time splits a command line (Microsoft, "Parsing C command-line arguments"). PowerShell: see ``powershell``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from topicmark.submission import powershell as language
from topicmark.submission.powershell import WindowsProblem
from topicmark.submission.words import listed

__all__ = ["WindowsProblem", "cmd", "powershell", "split"]

_MAX_LINES = 2000
_MAX_CHARS = 32 * 1024
_SET = re.compile(
    r"@?\s*set\s+(?:/[ap]\s+)?(?:\"(?P<quoted>[^=\"]+=.*)\"|(?P<plain>[^=\"]+=.*))\s*", re.IGNORECASE | re.DOTALL
)
_IGNORED = re.compile(
    r"@?\s*(?:rem\b|::|:\w|echo\b|pause\b|exit\b|goto\b|setlocal|endlocal|timeout\b|cd\b|title\b|chcp\b)", re.IGNORECASE
)
_CURL = re.compile(r"(?:.*[\\/])?curl(?:\.exe)?", re.IGNORECASE)
_DATA_OPTIONS = ("-d", "-T", "-F", "-K", "-o")


@dataclass(frozen=True, slots=True)
class _Line:
    text: str
    number: int


def cmd(text: str, remarks: list[str]) -> Iterator[tuple[str, ...]]:
    """The ``curl`` calls of a batch file, in order. Raises ``WindowsProblem`` for a file of absurd size."""
    variables: dict[str, str] = {}
    for line in _logical_lines(text):
        words = _expanded(line.text, variables)
        assignment = _SET.fullmatch(words.strip())
        if assignment:
            name, _, value = (assignment["quoted"] or assignment["plain"]).partition("=")
            variables[name.strip().lower()] = _unescaped(value)[:_MAX_CHARS]
            continue
        for command in _commands(words):
            plain = command.strip().lstrip("@").strip()
            plain = re.sub(r"^(?:call|start\s+/b)\s+", "", plain, flags=re.IGNORECASE)
            argv = split(plain)
            if argv and _CURL.fullmatch(argv[0]):
                yield ("curl", *_paths(argv[1:]))
            elif argv and not _IGNORED.match(plain):
                remarks.append(
                    f"line {line.number}: {listed([argv[0]])} is passed over; only curl lines are carried out."
                )


def powershell(text: str, remarks: list[str]) -> Iterator[tuple[str, ...]]:
    """The calls of ``curl``, ``Invoke-RestMethod`` and ``Invoke-WebRequest`` of a PowerShell script, in order."""
    if len(text) > _MAX_CHARS:
        raise WindowsProblem(1, f"is longer than {_MAX_CHARS // 1024} KiB.")
    for call in language.calls(text, remarks):
        yield ("curl", *_paths(list(call)))


def split(line: str) -> list[str]:
    """The words of a command line as the C run time of Windows splits it."""
    words: list[str] = []
    at, size = 0, len(line)
    while at < size:
        while at < size and line[at] in " \t\n":
            at += 1
        if at == size:
            break
        word: list[str] = []
        quoted = False
        while at < size and (quoted or line[at] not in " \t\n"):
            slashes = 0
            while at < size and line[at] == "\\":
                slashes, at = slashes + 1, at + 1
            if at < size and line[at] == '"':
                word.append("\\" * (slashes // 2))
                if slashes % 2:
                    word.append('"')
                elif quoted and line.startswith('""', at):
                    word.append('"')
                    at += 1
                else:
                    quoted = not quoted
                at += 1
                continue
            word.append("\\" * slashes)
            if at < size and (quoted or line[at] not in " \t\n"):
                word.append(line[at])
                at += 1
        words.append("".join(word))
    return words


def _logical_lines(text: str) -> Iterator[_Line]:
    """Lines with those that ``^`` continues; a caret between quotes continues nothing."""
    if len(text) > _MAX_CHARS:
        raise WindowsProblem(1, f"is longer than {_MAX_CHARS // 1024} KiB.")
    lines = text.splitlines()[:_MAX_LINES]
    at = 0
    while at < len(lines):
        first = at + 1
        parts: list[str] = []
        quoted = False
        while at < len(lines):
            line = lines[at].rstrip("\r")
            at += 1
            quoted = _quoted_at_end(line, quoted)
            body = line.rstrip(" \t") if line.rstrip(" \t").endswith("^") and not quoted else line
            carets = len(body) - len(body.rstrip("^"))
            if quoted or carets % 2 == 0:
                parts.append(line)
                break
            parts.append(body[:-1])
        joined = "".join(parts)
        if joined.strip() and not re.match(r"\s*@?(?:rem\b|::)", joined, re.IGNORECASE):
            yield _Line(joined, first)


def _quoted_at_end(line: str, quoted: bool) -> bool:
    """Whether cmd is between quotes at the end of a line: it knows no backslash, a caret outside spares a quote."""
    at = 0
    while at < len(line):
        if line[at] == '"':
            quoted = not quoted
        elif line[at] == "^" and not quoted:
            at += 1
        at += 1
    return quoted


def _expanded(text: str, variables: dict[str, str]) -> str:
    def value(match: re.Match[str]) -> str:
        return variables.get(match[1].lower(), "")

    text = re.sub(r"%~d?p?0\\?", "", text.replace("%%", "\0"))
    text = re.sub(r"%([A-Za-z_][\w.-]{0,80})%", value, text)
    text = re.sub(r"!([A-Za-z_][\w.-]{0,80})!", lambda match: variables.get(match[1].lower(), match[0]), text)
    return text.replace("\0", "%")


def _commands(line: str) -> Iterator[str]:
    """The commands of a line, carets taken out; what is behind ``|`` or a redirection is left out."""
    current: list[str] = []
    quoted, dropped = False, False
    at = 0
    while at < len(line):
        char = line[at]
        if char == '"':
            quoted = not quoted
        if not quoted and char == "^" and at + 1 < len(line):
            at += 1
            char = line[at]
        elif not quoted and char == "&":
            yield "".join(current)
            current, dropped = [], False
            at += 1
            continue
        elif not quoted and char in "|<>":
            dropped = True
            if current and current[-1].isdigit() and (len(current) < 2 or current[-2] == " "):
                current.pop()
        if not dropped:
            current.append(char)
        at += 1
    yield "".join(current)


def _unescaped(value: str) -> str:
    """The value of a ``set`` line: carets outside quotes taken out."""
    return "".join(_commands(value)).strip() if '"' not in value else value.rstrip()


def _paths(argv: list[str]) -> Iterator[str]:
    """The words with Windows paths of files as paths of ours: ``@connect\\sink.json``."""
    before = ""
    for word in argv:
        is_file = word.startswith("@") and (
            before.startswith("--data") or before in _DATA_OPTIONS or before == "--json"
        )
        glued = re.match(r"(?:-d|--data(?:-\w+)?=|--json=)@", word)
        yield word.replace("\\", "/") if is_file or glued else word
        before = word
