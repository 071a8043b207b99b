"""A Markdown text as a list of its parts, each with its line. Parsed by markdown-it-py, with GitHub's anchors."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from markdown_it import MarkdownIt
from markdown_it.token import Token

_SUMMARY = re.compile(r"<summary[^>]*>(.*?)</summary>", re.DOTALL | re.IGNORECASE)
_TAG = re.compile(r"<[^>]+>")
_ANCHOR = re.compile(r"<[a-z0-9]+[^>]*?\s(?:id|name)=[\"']([^\"']+)[\"']", re.IGNORECASE)
_REFERENCE = re.compile(r"<(a|img)[^>]*?\s(?:href|src)=[\"']([^\"']+)[\"']", re.IGNORECASE)
_TAB = re.compile(r"(?:^|\n)(?:===[!+]?|!!!|\?\?\?\+?) [^\n]*\Z")
"""A tab or a box of MkDocs, whose content is indented by four blanks."""
_FRONT_MATTER = re.compile(r"\A---\n.*?\n---\n", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Heading:
    """``slug`` is the anchor that GitHub gives it."""

    text: str
    line: int
    level: int
    slug: str


@dataclass(frozen=True, slots=True)
class Link:
    """A link or image; ``text`` as it reads."""

    text: str
    line: int
    target: str
    is_image: bool


@dataclass(frozen=True, slots=True)
class Span:
    """A code span; ``raw`` is its source with line ends, ``text`` what it shows."""

    text: str
    line: int
    raw: str


@dataclass(frozen=True, slots=True)
class Fence:
    """A code block: ``opened`` is the line of its fence, ``line`` that of its content, ``intro`` the prose before."""

    text: str
    line: int
    opened: int
    language: str
    intro: str


@dataclass(frozen=True, slots=True)
class Prose:
    """A line of running text, code and addresses left out (a no-break blank stands for each)."""

    text: str
    line: int
    begins: bool
    """Whether its paragraph begins on this line."""


@dataclass(frozen=True, slots=True)
class Summary:
    """What is shown of a folded part."""

    text: str
    line: int


@dataclass(frozen=True, slots=True)
class Indented:
    """A text that Markdown takes for code because of its indentation, although it is Markdown itself."""

    text: str
    line: int


Part = Heading | Link | Span | Fence | Prose | Summary | Indented


@dataclass(frozen=True, slots=True)
class Section:
    """What stands below a heading, up to the next one of any level."""

    heading: Heading
    parts: tuple[Part, ...]
    ends: int


@dataclass(frozen=True)
class Document:
    """A Markdown file. ``anchors`` are those of its headings and of ``id=`` and ``name=``."""

    path: str
    text: str
    parts: tuple[Part, ...]
    anchors: frozenset[str]
    lines: tuple[str, ...] = field(repr=False, default=())

    @functools.cached_property
    def headings(self) -> tuple[Heading, ...]:
        """All headings, in order."""
        return tuple(part for part in self.parts if isinstance(part, Heading))

    @functools.cached_property
    def sections(self) -> tuple[Section, ...]:
        """The text cut at its headings; what stands before the first one is left out."""
        places = [place for place, part in enumerate(self.parts) if isinstance(part, Heading)]
        ends = [*places[1:], len(self.parts)] if places else []
        found = []
        for place, end in zip(places, ends, strict=True):
            heading = self.parts[place]
            assert isinstance(heading, Heading)
            last = self.parts[end].line - 1 if end < len(self.parts) else len(self.lines)
            found.append(Section(heading, self.parts[place + 1 : end], last))
        return tuple(found)

    def headings_above(self, line: int) -> list[Heading]:
        """The headings that a line stands under, outermost first."""
        chain: list[Heading] = []
        for heading in self.headings:
            if heading.line > line:
                break
            chain = [each for each in chain if each.level < heading.level] + [heading]
        return chain

    def exercise(self, line: int) -> int:
        """The line of the heading of level 3 or higher that a line stands under: the exercise it belongs to."""
        above = [each for each in self.headings_above(line) if each.level <= 3]
        return above[-1].line if above else 0

    def prose_between(self, first: int, last: int) -> str:
        """The running text of these lines, both included."""
        return " ".join(part.text for part in self.parts if isinstance(part, Prose) and first <= part.line <= last)


def read(path: str, text: str) -> Document:
    """The document of a file's text."""
    blanked = _FRONT_MATTER.sub(lambda match: "\n" * match[0].count("\n"), text)
    reader = _Reader()
    parts = tuple(sorted(reader.parts(blanked, 0), key=lambda part: part.line))
    return Document(path, text, parts, frozenset(reader.anchors), tuple(text.split("\n")))


@functools.cache
def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark").enable(["table", "strikethrough"])


class _Reader:
    """One text being taken apart."""

    def __init__(self) -> None:
        self.anchors: set[str] = set()
        self._times: dict[str, int] = {}
        self._intro = ""

    def parts(self, text: str, offset: int) -> Iterator[Part]:
        tokens = _parser().parse(text)
        for place, token in enumerate(tokens):
            first = (token.map[0] if token.map else 0) + offset + 1
            if token.type == "inline":
                above = tokens[place - 1]
                if above.type == "heading_open":
                    yield self._heading(token, int(above.tag[1]), first)
                yield from self._inline(token, first, is_heading=above.type == "heading_open")
            elif token.type == "fence":
                language = token.info.strip().split()[0].lower() if token.info.strip() else ""
                yield Fence(token.content, first + 1, first, language, self._intro)
                self._intro = ""
            elif token.type == "code_block":
                yield from self._code_block(token, first)
            elif token.type == "html_block":
                yield from self._html(token.content, first)

    def _heading(self, token: Token, level: int, line: int) -> Heading:
        text = "".join(child.content for child in token.children or () if child.type in ("text", "code_inline"))
        slug = re.sub(r"[^\w\- ]", "", text.strip().lower()).replace(" ", "-")
        times = self._times.get(slug, 0)
        self._times[slug] = times + 1
        slug = f"{slug}-{times}" if times else slug
        self.anchors.add(slug)
        return Heading(text.strip(), line, level, slug)

    def _code_block(self, token: Token, line: int) -> Iterator[Part]:
        """Indented code; if it is a text with fences of its own, it was meant to be read as one."""
        if re.search(r"^\s*(?:```|~~~)", token.content, re.MULTILINE):
            if not _TAB.search(self._intro):
                yield Indented(token.content, line)
            yield from self.parts(token.content, line - 1)
        else:
            yield Fence(token.content, line, line, "", self._intro)

    def _html(self, html: str, line: int) -> Iterator[Part]:
        self.anchors.update(_ANCHOR.findall(html))
        for match in _SUMMARY.finditer(html):
            text = " ".join(_TAG.sub("", match[1]).split())
            yield Summary(text, line + html.count("\n", 0, match.start(1)))
        for match in _REFERENCE.finditer(html):
            at = line + html.count("\n", 0, match.start())
            yield Link("", at, match[2], is_image=match[1].lower() == "img")

    def _inline(self, token: Token, first: int, *, is_heading: bool) -> Iterator[Part]:
        source, at = token.content, 0
        texts: dict[int, list[str]] = {}
        opened: list[tuple[str, int, list[str]]] = []
        shown: list[str] = []

        def line() -> int:
            return first + source.count("\n", 0, at)

        for child in token.children or ():
            if child.type in ("softbreak", "hardbreak"):
                at = source.find("\n", at) + 1 or at
                texts.setdefault(line(), [])
            elif child.type == "text":
                start = source.find(child.content, at) if child.content else -1
                at = start if start >= 0 else at
                texts.setdefault(line(), []).append(child.content)
                at += len(child.content) if start >= 0 else 0
            elif child.type == "code_inline":
                raw, start = _raw_span(source, at, child.markup)
                at = start
                yield Span(child.content, line(), raw)
                texts.setdefault(line(), []).append("\u00a0")
                at = start + len(raw) + 2 * len(child.markup)
            elif child.type == "link_open":
                opened.append((str(child.attrs.get("href", "")), line(), shown))
                shown = []
                if child.markup == "autolink":
                    opened[-1] = (opened[-1][0], line(), opened[-1][2])
            elif child.type == "link_close" and opened:
                target, begun, before = opened.pop()
                yield Link("".join(shown), begun, target, is_image=False)
                shown = before + shown
            elif child.type == "image":
                yield Link(child.content, line(), str(child.attrs.get("src", "")), is_image=True)
            elif child.type == "html_inline":
                yield from self._html(child.content, line())
            if child.type in ("text", "code_inline"):
                shown.append(child.content)
        for place, (number, pieces) in enumerate(sorted(texts.items())):
            text = re.sub(r"https?://\S+", "\u00a0", "".join(pieces))
            if text.strip() and not is_heading:
                yield Prose(text, number, begins=place == 0)
        if is_heading:
            yield Prose("".join("".join(pieces) for pieces in texts.values()), first, begins=True)
        self._intro = source


def _raw_span(source: str, at: int, markup: str) -> tuple[str, int]:
    """The source of the next code span, and where its markup begins."""
    match = re.compile(rf"(?<!`){re.escape(markup)}(?!`)(.+?)(?<!`){re.escape(markup)}(?!`)", re.DOTALL).search(
        source, at
    )
    return (match[1], match.start()) if match else ("", at)
