"""The commands of a shell script as data: words with quotes resolved, pipes, here-documents, loops over a list.

Nothing is run. Conditions are taken as true, functions as called where they stand; what a script computes stays as it
is written. Quoting and here-documents as in POSIX.1-2017, Shell Command Language.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

MAX_CHARS = 128 * 1024
_MAX_ROUNDS = 60
_MAX_COMMANDS = 2000
_MAX_NESTED = 2
_MAX_VALUE_CHARS = 10_000
_OPERATOR = re.compile(r"&&|\|\||;;|\|&|[;|&()]|\d?(?:<<<|<<-?|<>|>>|<|>\||>&|<&|&>|>)")
_VARIABLE = re.compile(r"\$(?:\{(\w+)\}|(\w+))")
_NUMBERS = re.compile(r"\{(-?\d{1,4})\.\.(-?\d{1,4})\}")
_SEQUENCE = re.compile(r"(?:\$\(|`)\s*seq\s+(?:(\d{1,4})\s+)?(\d{1,4})\s*[)`]")
_COUNTED = re.compile(
    r"for\s*\(\(\s*(\w+)\s*=\s*(\d{1,4})\s*;\s*\1\s*(<=?)\s*(\d{1,4})\s*;\s*(?:\1\s*\+\+|\+\+\s*\1)\s*\)\)"
)
_KEYWORDS = frozenset({"then", "do", "else", "{", "!", "if", "while", "until", "time"})
_ENDS = frozenset({";", "\n", "&", "&&", "||", "|", "|&", "(", ")", ";;"})


@dataclass(frozen=True, slots=True)
class ShellWord:
    """A word of a command and the line (from 1) on which it begins."""

    text: str
    line: int


@dataclass(frozen=True, slots=True)
class ShellCommand:
    """A simple command. ``stdin`` is what a here-document, a here-string or ``echo … |`` gives it; ``None`` if unknown.

    ``reads`` names the file that it is given by ``<`` or ``cat … |``, ``writes`` the one that it makes with ``>``.
    """

    words: tuple[ShellWord, ...]
    stdin: ShellWord | None = None
    reads: str = ""
    writes: str = ""

    @property
    def argv(self) -> tuple[str, ...]:
        """The words' texts."""
        return tuple(word.text for word in self.words)


@dataclass(slots=True)
class _Token:
    """A word in pieces (text, whether ``$NAME`` in it is to be replaced), or an operator."""

    line: int
    operator: str = ""
    pieces: list[tuple[str, bool]] = field(default_factory=list)
    quoted: bool = False

    def text(self, known: dict[str, str]) -> str:
        return "".join(_replaced(text, known) if live else text for text, live in self.pieces)


def commands(text: str) -> Iterator[ShellCommand]:
    """The commands of a script, in order, loops over a list unrolled. Empty for a script of absurd size."""
    if len(text) > MAX_CHARS:
        return
    tokens = _Lexer(_COUNTED.sub(_counted, text)).tokens()
    left = _MAX_COMMANDS
    for command in _interpreted(tokens, {}, 0):
        left -= 1
        if left < 0:
            return
        yield command


def _counted(match: re.Match[str]) -> str:
    first, last = int(match[2]), int(match[4]) + (match[3] == "<=")
    return f"for {match[1]} in " + " ".join(map(str, range(first, min(last, first + _MAX_ROUNDS)))) + " "


def _replaced(text: str, known: dict[str, str]) -> str:
    return _VARIABLE.sub(lambda match: known.get(match[1] or match[2], match[0]), text)


def _interpreted(tokens: Sequence[_Token], known: dict[str, str], depth: int) -> Iterator[ShellCommand]:
    at = 0
    piped: tuple[ShellWord | None, str] = (None, "")
    current: list[_Token] = []
    for_loop = None
    while at <= len(tokens):
        token = tokens[at] if at < len(tokens) else _Token(0, "\n")
        if not token.operator and not current and token.text({}) == "for" and not token.quoted and depth < _MAX_NESTED:
            for_loop = _loop(tokens, at)
            if for_loop is not None:
                name, values, body, at = for_loop
                for value in _listed(values, known)[:_MAX_ROUNDS]:
                    known[name] = value
                    yield from _interpreted(body, known, depth + 1)
                continue
        if token.operator not in _ENDS:
            current.append(token)
            at += 1
            continue
        command = _command(current, known, piped)
        piped = (None, "")
        if command is not None:
            if token.operator in ("|", "|&"):
                piped = _output(command)
            yield command
        current = []
        at += 1


def _loop(tokens: Sequence[_Token], at: int) -> tuple[str, list[_Token], list[_Token], int] | None:
    """Name, list and body of the ``for`` loop at ``at``, and where it ends."""
    words = [each.text({}) if not each.operator else each.operator for each in tokens[at : at + 3]]
    if len(words) < 3 or words[2] != "in":
        return None
    start = at + 3
    values: list[_Token] = []
    while start < len(tokens) and not tokens[start].operator:
        values.append(tokens[start])
        start += 1
    while start < len(tokens) and tokens[start].operator in (";", "\n"):
        start += 1
    if start >= len(tokens) or tokens[start].text({}) != "do":
        return None
    open_loops, end = 1, start + 1
    while end < len(tokens):
        begins = tokens[end - 1].operator in _ENDS or tokens[end - 1].text({}) in _KEYWORDS
        word = "" if tokens[end].operator or not begins else tokens[end].text({})
        open_loops += (word in ("for", "while", "until")) - (word == "done")
        if open_loops == 0:
            return words[1], values, list(tokens[start + 1 : end]), end + 1
        end += 1
    return None


def _listed(values: Sequence[_Token], known: dict[str, str]) -> list[str]:
    found: list[str] = []
    for token in values[:_MAX_ROUNDS]:
        text = token.text(known)
        numbers, counted = _NUMBERS.fullmatch(text), _SEQUENCE.fullmatch(text)
        if numbers and not token.quoted:
            first, last = int(numbers[1]), int(numbers[2])
            found += map(str, range(first, last + 1) if first <= last else range(first, last - 1, -1))
        elif counted:
            found += map(str, range(int(counted[1] or 1), int(counted[2]) + 1))
        else:
            found += [text] if token.quoted else text.split()
    return found


def _command(
    tokens: Sequence[_Token], known: dict[str, str], piped: tuple[ShellWord | None, str]
) -> ShellCommand | None:
    words: list[ShellWord] = []
    stdin, reads = piped
    writes = ""
    at = 0
    while at < len(tokens):
        token = tokens[at]
        if not token.operator:
            words.append(ShellWord(token.text(known), token.line))
            at += 1
            continue
        operator = token.operator.lstrip("0123456789")
        target = tokens[at + 1] if at + 1 < len(tokens) and not tokens[at + 1].operator else None
        if operator.startswith("<<") and target is not None:
            stdin = ShellWord(target.text(known), target.line)
        elif operator == "<" and target is not None:
            stdin, reads = None, target.text(known)
        elif operator in (">", ">>") and token.operator in (">", ">>") and target is not None:
            writes = target.text(known)
        at += 1 if target is None else 2
    while words and words[0].text in _KEYWORDS:
        words.pop(0)
    while words and re.match(r"[A-Za-z_]\w*=", words[0].text):
        name, _, value = words.pop(0).text.partition("=")
        if not words and len(value) <= _MAX_VALUE_CHARS:  # A=$A$A, line after line, doubles
            known[name] = value
    return ShellCommand(tuple(words), stdin, reads, writes) if words else None


def _output(command: ShellCommand) -> tuple[ShellWord | None, str]:
    """What a command hands to the next one through a pipe: the text of an ``echo``, or the file of a ``cat``."""
    name, rest = command.words[0].text, command.words[1:]
    if name in ("echo", "printf"):
        while rest and rest[0].text in ("-e", "-n", "-en", "-ne"):
            rest = rest[1:]
        if name == "printf" and len(rest) > 1 and re.fullmatch(r"(?:%s|%b)(?:\\n)?", rest[0].text):
            rest = rest[1:]
        if rest:
            return ShellWord(" ".join(word.text for word in rest).replace("\\n", "\n") + "\n", rest[0].line), ""
    if name == "cat":
        files = [word.text for word in rest if not word.text.startswith("-")]
        return command.stdin, files[0] if len(files) == 1 else command.reads
    return None, ""


class _Lexer:
    """One script being cut into words and operators."""

    def __init__(self, text: str) -> None:
        self._text = text.replace("\r\n", "\n")
        self._at = 0
        self._line = 1
        self._waiting: list[tuple[_Token, str, bool, bool]] = []  # token, end, quoted, tabs stripped

    def tokens(self) -> list[_Token]:
        found: list[_Token] = []
        while self._at < len(self._text):
            char = self._text[self._at]
            operator = _OPERATOR.match(self._text, self._at)
            if char in " \t" or self._text.startswith("\\\n", self._at):
                self._forward(1 if char in " \t" else 2)
            elif char == "\n":
                found.append(_Token(self._line, "\n"))
                self._forward(1)
                self._here_documents()
            elif char == "#":
                end = self._text.find("\n", self._at)
                self._forward((len(self._text) if end < 0 else end) - self._at)
            elif operator:
                found.append(_Token(self._line, operator[0]))
                self._forward(len(operator[0]))
            else:
                word = self._word()
                before = found[-1].operator.lstrip("0123456789") if found else ""
                if before in ("<<", "<<-"):
                    end_mark = word.text({})
                    word.pieces = []
                    self._waiting.append((word, end_mark, word.quoted, before == "<<-"))
                found.append(word)
        return found

    def _forward(self, chars: int) -> None:
        self._line += self._text.count("\n", self._at, self._at + chars)
        self._at += chars

    def _here_documents(self) -> None:
        for token, end_mark, quoted, strip_tabs in self._waiting:
            token.line = self._line
            lines: list[str] = []
            while self._at < len(self._text):
                end = self._text.find("\n", self._at)
                end = len(self._text) if end < 0 else end
                line = self._text[self._at : end]
                self._forward(min(end + 1, len(self._text)) - self._at)
                line = line.lstrip("\t") if strip_tabs else line
                if line == end_mark:
                    break
                lines.append(line + "\n")
            body = "".join(lines)
            token.pieces = [(body, False)] if quoted else _unescaped(body, r"[$`\\]")
        self._waiting = []

    def _word(self) -> _Token:
        token = _Token(self._line)
        while self._at < len(self._text):
            char = self._text[self._at]
            if char in " \t\n;|&()<>":
                break
            if char == "\\":
                after = self._text[self._at + 1 : self._at + 2]
                token.pieces.append(("" if after == "\n" else after, False))
                self._forward(2)
            elif char == "'" or self._text.startswith("$'", self._at):
                token.quoted = True
                start = self._at + (1 if char == "'" else 2)
                end = self._text.find("'", start)
                end = len(self._text) if end < 0 else end
                token.pieces.append((self._text[start:end], False))
                self._forward(end + 1 - self._at)
            elif char == '"':
                token.quoted = True
                match = re.compile(r'"((?:[^"\\]|\\[\s\S])*)"?').match(self._text, self._at)
                assert match is not None
                token.pieces += _unescaped(match[1], r'[$`"\\]')
                self._forward(len(match[0]))
            elif self._text.startswith("$(", self._at) or char == "`":
                end = self._text.find(")" if char == "$" else "`", self._at + 2)
                end = len(self._text) if end < 0 else end + 1
                token.pieces.append((self._text[self._at : end], False))
                self._forward(end - self._at)
            else:
                match = re.compile(r"\$\{\w+\}|[^\s;|&()<>\\'\"`$]+|\$").match(self._text, self._at)
                text = match[0] if match else char
                name = re.compile(r"\$\w+").match(self._text, self._at)
                text = name[0] if name else text
                token.pieces.append((text, True))
                self._forward(len(text))
        return token


def _unescaped(text: str, special: str) -> list[tuple[str, bool]]:
    """Text between double quotes or in a here-document: backslashes taken away where they spare a special character."""
    pieces: list[tuple[str, bool]] = []
    for part in re.split(rf"(\\(?:{special}|\n))", text):
        if re.fullmatch(rf"\\(?:{special})", part):
            pieces.append((part[1], False))
        elif part != "\\\n" and part:
            pieces.append((part, True))
    return pieces
