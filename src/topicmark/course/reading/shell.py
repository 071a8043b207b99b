"""Commands in a text: which lines of a block are commands, and their words. Parsed by tree-sitter's grammar of bash."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass

import tree_sitter
import tree_sitter_bash

from topicmark.course import tables

SHELLS = frozenset({"bash", "sh", "shell", "zsh", "console", "shell-session", "terminal", "cmd"})
_PROMPT = re.compile(r"^(\s*)((?:[\w.-]+@[\w.-]+(?::[^\s$#]*)?[$#]|[$\u276f\u279c]|ksql>) )")
_PLACEHOLDER = re.compile(r"(?<!<)<([A-Za-z_](?:[\w .:/|-]*[\w.:/|-])?)>")
_NEXT_PROMPT = re.compile(r"^\s*> ?")
_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=")
_BLOCK = re.compile(r"^\s*(?:for|while|until|if|case|select|function)\b|^\s*\w+\s*\(\)\s*\{", re.MULTILINE)
_LONE_DASH = re.compile(r"(?<=\s)-(?=\s+<<)")
"""Standard input before a here-document: the grammar takes this dash for a part of the redirection, and loses it."""
_HERE = re.compile(r"(?<!<)<<-?\s*(['\"]?)(\w+)\1")
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r"}
OPEN, CLOSE = "\u2039", "\u203a"
PLACEHOLDER = re.compile(f"{OPEN}[^{CLOSE}]*{CLOSE}")
"""A placeholder (``<name>`` in the text) in a word of a command."""


@dataclass(frozen=True, slots=True)
class Word:
    """A word as the command gets it, and its line."""

    text: str
    line: int


@dataclass(frozen=True, slots=True)
class Call:
    """A simple command. ``writes`` are the files that its output goes to."""

    words: tuple[Word, ...]
    writes: tuple[str, ...] = ()

    @property
    def line(self) -> int:
        """Where it begins."""
        return self.words[0].line

    @property
    def name(self) -> str:
        """The program, without its folder."""
        return self.words[0].text.rpartition("/")[2] or self.words[0].text

    @property
    def argv(self) -> tuple[str, ...]:
        """The words' texts."""
        return tuple(word.text for word in self.words)


@dataclass(frozen=True, slots=True)
class Broken:
    """A command that a shell cannot read, with what stands open."""

    line: int
    what: str
    text: str


@dataclass(frozen=True, slots=True)
class Piece:
    """What a reader enters at once: the source of a command, or of several in one, and the simple commands in it."""

    text: str
    line: int
    calls: tuple[Call, ...]


@dataclass(frozen=True, slots=True)
class Script:
    """A block taken apart: ``output`` are lines that are no commands, ``prompts`` those with a prompt before them.

    ``pieces`` are its commands as they are entered; those that no shell can read are in ``broken`` instead.
    """

    calls: tuple[Call, ...]
    broken: tuple[Broken, ...]
    output: tuple[Word, ...]
    prompts: tuple[int, ...]
    pieces: tuple[Piece, ...] = ()


@functools.cache
def known_programs() -> frozenset[str]:
    """Programs that a line of a course may begin with."""
    listed = tables.load("programs")
    return frozenset(listed["common"]) | frozenset(tables.load("options")) | frozenset(listed["kafka"])


def is_command(line: str) -> bool:
    """Whether a line begins with the name of a program."""
    words = _PROMPT.sub(r"\1", line).split()
    while words and (
        _ASSIGNMENT.match(words[0]) or words[0] in ("sudo", "time", "nohup", "!", "&&", "then", "do", "exec")
    ):
        words.pop(0)
    if not words:
        return False
    first = re.sub("[`'\"]", "", words[0])
    if first in known_programs() or ("/" in first and first.rpartition("/")[2] in known_programs()):
        return True
    return bool(
        re.fullmatch(r"(?:\.[\w.-]*|~|\$\{?\w+\}?)?(?:/[\w.${}-]+)+|(?:[\w.-]+/)*[\w-]+\.(?:sh|bat|cmd)", first)
    )


def _may_be_command(line: str) -> bool:
    """Whether a line looks like one of an unknown program: a small word, and no columns."""
    bare = _PROMPT.sub(r"\1", line).strip()
    if _PROMPT.match(line) and bare:
        return True
    return bool(re.match(r"[a-z][a-z0-9_+-]*(?:\s|$)", bare)) and not re.search(
        r"\S\s{3,}\S|\t", bare.partition("#")[0]
    )


def script(text: str, line: int, *, labelled: bool = False) -> Script:
    """A block of commands, perhaps with what they print; ``line`` is that of its first line.

    In a block that is ``labelled`` as a shell's, a line may begin with a program that nobody has heard of.
    """
    pieces: list[Piece] = []
    calls: list[Call] = []
    broken: list[Broken] = []
    output: list[Word] = []
    prompts: list[int] = []
    whole = bool(_BLOCK.search(text))
    session = any(_PROMPT.match(raw) for raw in text.split("\n"))  # where there are prompts, the other lines are output
    chunk: list[str] = []
    begun, prompted = line, False
    for number, raw in enumerate(text.split("\n"), line):
        if not chunk:
            begun = number
            strange = labelled and (not session or bool(_PROMPT.match(raw)))
            if not whole and not is_command(raw) and not (strange and _may_be_command(raw)):
                bare = raw.strip()
                assignment = re.fullmatch(r"(?:export |set )?[A-Z_]+=\S+", bare)
                if bare and not bare.startswith(("#", "REM ", "::")) and not assignment:
                    output.append(Word(raw, number))
                elif assignment:
                    _take(bare, number, pieces, calls, broken)
                continue
            prompted = bool(_PROMPT.match(raw))
            if prompted:
                prompts.append(number)
                raw = _PROMPT.sub(r"\1", raw)
        elif prompted:  # the shell shows > where a command goes on
            raw = _NEXT_PROMPT.sub("", raw)
        # A blank after the backslash is a finding of its own; here what was meant is read.
        chunk.append(re.sub(r"\\[ \t]+$", r"\\", raw))
        if whole or _goes_on("\n".join(chunk)):
            continue
        _take("\n".join(chunk), begun, pieces, calls, broken)
        chunk = []
    if chunk:
        _take("\n".join(chunk), begun, pieces, calls, broken)
    return Script(tuple(calls), tuple(broken), tuple(output), tuple(prompts), tuple(pieces))


def _take(text: str, line: int, pieces: list[Piece], calls: list[Call], broken: list[Broken]) -> None:
    got, wrong = _read(text, line)
    calls += got
    if wrong is not None:
        broken.append(wrong)
    elif got:
        pieces.append(Piece(text, line, tuple(got)))


def _goes_on(text: str) -> bool:
    """Whether a command goes on on the next line: a backslash at the end, an open quote, a here-document."""
    here = _HERE.search(text)
    if here and not re.search(rf"^\t*{here[2]}$", text[here.end() :], re.MULTILINE):
        return True
    return _open_quote(text) != "" or bool(re.search(r"(?:^|[^\\])(?:\\\\)*\\$|(?:\||&&)\s*$", text))


def _open_quote(text: str) -> str:
    """The quote that is open at the end of a text: ``'``, ``"``, a backtick, or none."""
    quote, at = "", 0
    while at < len(text):
        char = text[at]
        if char == "\\" and quote != "'":
            at += 2
            continue
        if not quote and char == "#" and (at == 0 or text[at - 1] in " \t\n"):
            end = text.find("\n", at)
            at = len(text) if end < 0 else end
            continue
        if quote:
            quote = "" if char == quote else quote
        elif char in "'\"`":
            quote = char
        at += 1
    return quote


@functools.cache
def _parser() -> tree_sitter.Parser:
    return tree_sitter.Parser(tree_sitter.Language(tree_sitter_bash.language()))


def _read(text: str, line: int) -> tuple[list[Call], Broken | None]:
    """The simple commands of a piece of script, and what is wrong with it."""
    text = _PLACEHOLDER.sub(lambda match: f"{OPEN}{match[1].replace(' ', '·')}{CLOSE}", text)
    root = _parser().parse(_LONE_DASH.sub("'-'", text).encode()).root_node
    calls = list(_calls(root, line, ()))
    broken = None
    if root.has_error:
        quote = _open_quote(text)
        names = {"`": "a backtick", "'": "a single quote", '"': "a double quote"}
        if quote:
            at = line + text.count("\n", 0, text.rfind(quote))
            broken = Broken(at, f"{names[quote]} is opened and never closed", text)
        else:
            broken = Broken(line + _first_error(root), "a shell cannot read this command", text)
    return calls, broken


def _first_error(node: tree_sitter.Node) -> int:
    if node.type == "ERROR" or node.is_missing:
        return int(node.start_point[0])
    rows = [_first_error(child) for child in node.children if child.has_error or child.is_missing]
    return min(rows, default=int(node.start_point[0]))


def _calls(node: tree_sitter.Node, line: int, writes: tuple[str, ...]) -> Iterator[Call]:
    if node.type == "redirected_statement":
        inner = [part for child in node.children if child.type == "heredoc_redirect" for part in child.children]
        targets = [child for child in (*node.children, *inner) if child.type == "file_redirect"]
        files = tuple(_text(target.children[-1]) for target in targets if target.children and ">" in _source(target))
        writes = writes + files
    if node.type == "command":
        words = [Word(_text(child), line + int(child.start_point[0])) for child in node.children if _is_word(child)]
        if words and words[0].text:
            yield Call(tuple(words), writes)
    elif node.type in ("variable_assignment", "declaration_command"):
        yield Call((Word(_source(node), line + int(node.start_point[0])),), ())
    for child in node.children:
        if node.type != "command" or child.type != "variable_assignment":
            yield from _calls(child, line, writes)


def _is_word(node: tree_sitter.Node) -> bool:
    return node.is_named and node.type not in (
        "variable_assignment",
        "file_redirect",
        "herestring_redirect",
        "comment",
        "ERROR",
    )


def _source(node: tree_sitter.Node) -> str:
    return (node.text or b"").decode()


def _text(node: tree_sitter.Node) -> str:
    """What a word becomes: quotes taken away, variables left as they stand."""
    source = _source(node)
    if node.type in ("command_name", "concatenation"):
        return "".join(_text(child) for child in node.children) or source
    if node.type == "raw_string":
        return source[1:-1]
    if node.type == "ansi_c_string":
        return re.sub(r"\\(.)", lambda match: _ESCAPES.get(match[1], match[1]), source[2:-1])
    if node.type == "string":
        return re.sub(r'\\(["\\$`])', r"\1", source[1:-1])
    if node.type == "word":
        return re.sub(r"\\(.)", r"\1", source, flags=re.DOTALL)
    return source


def here_documents(text: str) -> Iterator[str]:
    """The bodies of the here-documents in a command."""
    for here in _HERE.finditer(text):
        body = re.search(rf"\n([\s\S]*?\n)\t*{here[2]}$", text[here.end() :], re.MULTILINE)
        if body:
            yield body[1]


def shown(text: str) -> str:
    """A text with its placeholders as they were written."""
    return re.sub(f"{OPEN}([^{CLOSE}]*){CLOSE}", lambda match: f"<{match[1].replace('·', ' ')}>", text)
