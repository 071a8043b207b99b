"""Links: to files, images and anchors (as GitHub makes them), and whether a link's number is its target's."""

from __future__ import annotations

import difflib
import posixpath
import re
from collections.abc import Iterator
from urllib.parse import unquote

from topicmark.course.findings import Edit, Finding, Severity, found
from topicmark.course.plan import Course
from topicmark.course.reading import markdown
from topicmark.course.reading.markdown import Document, Link
from topicmark.course.reading.repository import resolve

_ELSEWHERE = re.compile(r"[a-z][a-z0-9+.-]*:|//", re.IGNORECASE)
_LINE_ANCHOR = re.compile(r"L\d+(?:C\d+)?(?:-L\d+(?:C\d+)?)?")
_KIND = r"(exercise|task|lecture|lab|step|part|chapter|module|week)"
_WANTED = (
    ".yaml",
    ".yml",
    ".py",
    ".json",
    ".sh",
    ".conf",
    ".toml",
    ".txt",
    ".ipynb",
    ".csv",
    ".sql",
    ".properties",
    ".xml",
    ".env",
    ".java",
    ".cmd",
    ".bat",
    ".ps1",
)


def check(course: Course) -> Iterator[Finding]:
    """Faults of every link."""
    anchors: dict[str, Document] = {document.path: document for document in course.documents}
    for document in course.documents:
        for part in document.parts:
            if isinstance(part, Link):
                yield from _link(course, document, part, anchors)


def _link(course: Course, document: Document, link: Link, known: dict[str, Document]) -> Iterator[Finding]:
    target = unquote(link.target.strip())
    if not target and not link.is_image:
        yield found(
            "link-empty", document.path, link.line, f"the link “{link.text}” leads nowhere", "Give it an address."
        )
        return
    if _ELSEWHERE.match(target) or "{{" in target or not target:
        return
    path, _, anchor = target.partition("#")
    path = path.partition("?")[0]
    there = (
        resolve(posixpath.dirname(document.path), path.lstrip("/") if path.startswith("/") else path)
        if path
        else document.path
    )
    if path.startswith("/"):
        there = resolve("", path.lstrip("/"))
    if there is None:
        return
    if path and not course.repository.has_file(there) and not course.repository.has_folder(there):
        if not course.repository.is_excerpt:
            yield _missing(course, document, link, path, there)
        yield from _number(document, link, anchor, there)
        return
    yield from _anchor(course, document, link, anchor, there, known)
    yield from _number(document, link, anchor, there)


def _missing(course: Course, document: Document, link: Link, path: str, there: str) -> Finding:
    name = posixpath.basename(there)
    same = course.repository.named(name)
    near = [each for each in course.repository.files if each.lower() == there.lower()] or (
        same if len(same) == 1 else []
    )
    remedy = "Add the file, or take the link out."
    edits: tuple[Edit, ...] = ()
    if len(near) == 1:
        right = posixpath.relpath(near[0], posixpath.dirname(document.path) or ".")
        remedy = f"Write {right}."
        if document.lines[link.line - 1].count(path) == 1:
            edits = (Edit(link.line, path, right),)
    kind = "image" if link.is_image else "file"
    severity = Severity.BLOCKS if name.lower().endswith(_WANTED) else None
    what = f"the {kind} {path} that “{link.text or path}” leads to is not in the repository"
    return found("link-file", document.path, link.line, what, remedy, *edits, severity=severity)


def _anchor(
    course: Course, document: Document, link: Link, anchor: str, there: str, known: dict[str, Document]
) -> Iterator[Finding]:
    if not anchor or not there.lower().endswith((".md", ".markdown")) or _LINE_ANCHOR.fullmatch(anchor):
        return
    if there not in known:
        known[there] = markdown.read(there, course.repository.text(there))
    anchors = known[there].anchors
    if anchor in anchors or anchor.lower() in anchors or anchor.removeprefix("user-content-") in anchors:
        return
    near = _nearest(anchor, sorted(anchors))
    remedy = f"Write #{near}." if near else "Name a heading that is there."
    where = "this text" if there == document.path else there
    what = f"no heading of {where} has the anchor #{anchor} that “{link.text}” leads to"
    yield found("link-anchor", document.path, link.line, what, remedy)


def _nearest(anchor: str, anchors: list[str]) -> str:
    number = re.match(rf"{_KIND}-0*(\d+)-", anchor)
    same = [each for each in anchors if number and re.match(rf"{number[1]}-0*{number[2]}-", each)]
    near = same if len(same) == 1 else difflib.get_close_matches(anchor, anchors, 1, 0.75)
    return near[0] if near else ""


def _number(document: Document, link: Link, anchor: str, there: str) -> Iterator[Finding]:
    """“exercise 8” that leads to exercise 10; “lecture 2” that leads to the folder 03."""
    for kind, first, last in re.findall(rf"\b{_KIND}s?\s+0*(\d+)(?:\s*[-–]\s*0*(\d+))?", link.text, re.IGNORECASE):  # noqa: RUF001
        low, high = int(first), int(last or first)
        led = re.match(rf"{kind}-0*(\d+)(?:-|$)", anchor, re.IGNORECASE)
        folder = re.search(r"(?:^|/)(?:lectures?|weeks?|labs?|modules?)?[-_]?0*(\d+)(?:/|$)", posixpath.dirname(there))
        if led and not low <= int(led[1]) <= high:
            what = f"“{link.text}” leads to {kind.lower()} {led[1]} (#{anchor})"
            remedy = f"Write {kind.lower()} {led[1]}, or lead to {kind.lower()} {low}."
            yield found("link-number", document.path, link.line, what, remedy)
        elif kind.lower() in ("lecture", "week") and not led and folder and not low <= int(folder[1]) <= high:
            what = f"“{link.text}” leads to {there}"
            yield found(
                "link-number",
                document.path,
                link.line,
                what,
                f"Write {kind.lower()} {int(folder[1])}, or lead to another folder.",
            )
