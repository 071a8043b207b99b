"""The running text: numbers, repetitions, stubs, stray blanks."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

from topicmark.course.findings import Edit, Finding, found
from topicmark.course.plan import Course
from topicmark.course.reading.markdown import Document, Heading, Indented, Prose, Span, Summary

_NUMBERED = re.compile(
    r"^((?:exercise|task|step|part|lab|lecture|chapter|section|module)s?)\s+(\d+(?:\.\d+)*)\b", re.IGNORECASE
)
_STUB = re.compile(
    r"[*_(\[]*\s*(?:WIP|TODO|TBD|TBA|FIXME|coming soon|to be (?:done|written|announced)|"
    r"work in progress)[\s.!:*_)\]…]*",
    re.IGNORECASE,
)
_DOUBLED = re.compile(
    r"\b(a|an|and|are|as|at|be|by|for|from|in|is|it|of|on|or|our|the|this|to|we|will|with|you|your)\s+\1\b",
    re.IGNORECASE,
)
_LABEL = re.compile(r"^\*\*[A-Z][\w ]{2,24}\*\*\s*:|^\*\*[A-Z][\w ]{2,24}:\*\*")
_COMMON = frozenset(
    [
        "answer",
        "answers",
        "example",
        "examples",
        "hint",
        "hints",
        "notes",
        "output",
        "result",
        "results",
        "solution",
        "solutions",
        "task",
        "tasks",
        "test",
        "usage",
    ]
) | {"verification", "verify", "questions", "question", "prerequisites", "summary"}
"""Headings that stand in every exercise of some texts."""
_ALIKE = 3
"""From so many words on, two folded parts of one exercise with the same title were copied."""


def check(course: Course) -> Iterator[Finding]:
    """Faults of each text."""
    for document in course.documents:
        yield from _headings(document)
        yield from _summaries(document)
        yield from _stubs(document)
        yield from _spans(document)
        yield from _colons(document)
        yield from _lines(document)


def _headings(document: Document) -> Iterator[Finding]:
    seen: dict[tuple[object, ...], Heading] = {}
    last: dict[tuple[object, ...], tuple[int, Heading]] = {}
    for heading in document.headings:
        parents = tuple(each.slug for each in document.headings_above(heading.line)[:-1])
        match = _NUMBERED.match(heading.text)
        if match:
            key: tuple[object, ...] = (parents, match[1].lower(), match[2])
            before = seen.setdefault(key, heading)
            if before is not heading:
                what = f"“{heading.text}” has the number of “{before.text}” (line {before.line})"
                yield found(
                    "text-number-twice",
                    document.path,
                    heading.line,
                    what,
                    f"Give one of them another number than {match[2]}.",
                )
                if match[2].isdigit():
                    last[parents, match[1].lower(), heading.level] = (int(match[2]) + 1, heading)
            elif match[2].isdigit():
                family = (parents, match[1].lower(), heading.level)
                number, previous = last.get(family, (int(match[2]) - 1, heading))
                if int(match[2]) > number + 1:
                    gone = f"{match[1]} {number + 1} is missing"
                    what = f"“{heading.text}” follows “{previous.text}” (line {previous.line}): {gone}"
                    yield found(
                        "text-number-gap",
                        document.path,
                        heading.line,
                        what,
                        f"Number it {number + 1}, or add what is missing.",
                    )
                last[family] = (int(match[2]), heading)
        else:
            key = (parents, heading.level, heading.text.lower())
            before = seen.setdefault(key, heading)
            if before is not heading and len(heading.text) > 2 and heading.text.strip(":").lower() not in _COMMON:
                what = f"the heading “{heading.text}” stands there already, on line {before.line}"
                yield found(
                    "text-heading-twice", document.path, heading.line, what, "Say in one of them what sets it apart."
                )


def _summaries(document: Document) -> Iterator[Finding]:
    seen: dict[tuple[int, str], Summary] = {}
    for part in document.parts:
        if not isinstance(part, Summary):
            continue
        text = (
            re.sub(r"[`*]|^\s*(?:hints?|solution|verify|answer|help)\s*:?\s*", "", part.text, flags=re.IGNORECASE)
            .strip()
            .lower()
        )
        if len(text.split()) < _ALIKE:
            continue
        before = seen.setdefault((document.exercise(part.line), text), part)
        if before is not part:
            what = f"the folded part “{part.text}” has the title of the one on line {before.line}"
            yield found("text-summary-twice", document.path, part.line, what, "Say in its title what this one holds.")


def _stubs(document: Document) -> Iterator[Finding]:
    for place, section in enumerate(document.sections):
        prose = [part for part in section.parts if isinstance(part, Prose) and part.line != section.heading.line]
        others = [part for part in section.parts if not isinstance(part, Prose)]
        heading = section.heading
        if len(prose) == 1 and not others and _STUB.fullmatch(prose[0].text.strip()):
            what = f"“{heading.text}” holds nothing but “{prose[0].text.strip()}”"
            yield found(
                "text-stub",
                document.path,
                prose[0].line,
                what,
                "Write it, or leave the heading out until it is written.",
            )
        elif not prose and not others and heading.level > 1:
            after = document.sections[place + 1].heading if place + 1 < len(document.sections) else None
            body = "\n".join(document.lines[heading.line : section.ends]).strip()
            if (after is None or after.level <= heading.level) and not body:
                what = f"nothing stands below “{heading.text}”"
                yield found("text-stub", document.path, heading.line, what, "Write it, or take the heading out.")


def _spans(document: Document) -> Iterator[Finding]:
    for part in document.parts:
        if isinstance(part, Span):
            if re.search(r"\\\s*\n", part.raw) or re.search(r"\\ {2,}\S", part.raw):
                shown = " ".join(part.text.split())[:60]
                what = f"`{shown}…` joins its lines with backslashes, but a code span is one line"
                remedy = "Put the command into a fenced block, where the backslashes end their lines."
                yield found("text-span-continued", document.path, part.line, what, remedy)
            elif part.text != part.text.strip() and "`" not in part.text and part.text.strip() and "\n" not in part.raw:
                what = f"the code span `{part.text}` has a blank at its {'beginning' if part.text[0] == ' ' else 'end'}"
                edit = Edit(part.line, f"`{part.raw}`", f"`{part.raw.strip()}`")
                yield found("text-span-blank", document.path, part.line, what, "Take the blank out.", edit)
        elif isinstance(part, Indented):
            what = "this text is indented by four blanks: it and its code blocks are shown as one block of code"
            yield found("text-indented", document.path, part.line, what, "Indent it by less than four blanks.")


def _colons(document: Document) -> Iterator[Finding]:
    for part in document.parts:
        source = document.lines[part.line - 1] if isinstance(part, Summary) else ""
        match = re.search(r"(</(?:strong|b)>\s*:|:</(?:strong|b)>)(?=[A-Za-z])", source)
        if match:
            what = f"no blank after the colon in “{_shown(part)}”"
            yield found(
                "text-colon",
                document.path,
                part.line,
                what,
                "Put a blank there.",
                Edit(part.line, match[1], f"{match[1]} "),
            )


def _shown(part: object) -> str:
    return part.text[:50] if isinstance(part, Summary) else ""


def _lines(document: Document) -> Iterator[Finding]:
    run: dict[int, int] = defaultdict(int)
    for part in document.parts:
        if not isinstance(part, Prose):
            continue
        doubled = _DOUBLED.search(part.text)
        source = document.lines[part.line - 1]
        if doubled and doubled[0].lower() not in ("that that", "had had") and _DOUBLED.search(source):
            certain = [Edit(part.line, doubled[0], doubled[1])] if doubled[0] in source else []
            yield found(
                "text-grammar", document.path, part.line, f"“{doubled[0]}”", f"Write “{doubled[1]}” once.", *certain
            )
        verbs = re.search(r"\b(?:is|are|was) be\b", part.text)
        if verbs:
            yield found("text-grammar", document.path, part.line, f"“{verbs[0]}” are two verbs", "Keep one of them.")
        plural = re.search(
            r"\beach (?:records|messages|topics|files|lines|rows|columns|brokers|nodes|pods|exercises|tasks|steps)\b",
            part.text,
        )
        if plural:
            what = f"“{plural[0]}”: each is followed by one thing"
            yield found(
                "text-grammar",
                document.path,
                part.line,
                what,
                f"Write “{plural[0][:-1]}”.",
                Edit(part.line, plural[0], plural[0][:-1]),
            )
        bare = source.lstrip(" >")
        if not part.begins and _LABEL.match(bare):
            run[part.line] += 1
            what = f"“{bare[:40].rstrip()}…” runs on in the paragraph of the line above"
            yield found("text-run-on", document.path, part.line, what, "Put an empty line before it.")
