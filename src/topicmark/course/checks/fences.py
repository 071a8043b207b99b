"""Code blocks: do they hold what they are marked as, commands apart from output, output that can come out so?"""

from __future__ import annotations

import ast
import json
import re
import warnings
from collections.abc import Iterator

from topicmark.course.findings import Edit, Finding, found
from topicmark.course.plan import Course
from topicmark.course.plan.course import Block
from topicmark.course.reading.markdown import Document, Fence
from topicmark.course.reading.shell import SHELLS
from topicmark.submission import yamltree
from topicmark.submission.yamltree import YamlProblem

_EXACT = re.compile(
    r"\b(?:this output|following (?:should be|is|will be) (?:printed|shown|returned)|"
    r"exact(?:ly)?|the output (?:is|will be|should be)|"
    r"should (?:print|return|output)|expected output(?: is)?|get (?:back )?this)\b",
    re.IGNORECASE,
)
_ALIKE = re.compile(
    r"\b(?:similar|like|example|e\.g\.|approximately|illustrated|something|may|might|differ|vary|varies)\b",
    re.IGNORECASE,
)
_CHANGING = (
    (
        re.compile(r"cluster[_.-]?id[\"']?\s*[:=]\s*[\"']?([\w-]{22})\b", re.IGNORECASE),
        "a cluster id, new for every cluster",
        "<cluster id>",
    ),
    (
        re.compile(r"\b([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\b"),
        "a UUID, new every time",
        "<uuid>",
    ),
    (re.compile(r"\b([a-z][a-z0-9-]*-[0-9a-f]{8,10}-[a-z0-9]{5})\b"), "the generated name of a pod", "<pod>"),
)
_ELLIPSIS = re.compile(r"^\s*(?:\.{3}|…)\s*$", re.MULTILINE)
_CONSOLES = ("console", "shell-session")
_WINDOWS_PROMPT = re.compile(r"\s*(?:PS )?[A-Z]:\\[^>]*>")


def check(course: Course) -> Iterator[Finding]:
    """Faults of every code block."""
    shells = {(block.document.path, block.fence.line): block for block in course.blocks}
    for document in course.documents:
        blocks = [block for block in course.blocks if block.document is document]
        yield from _unmarked(document, blocks)
        yield from _prompted(document, blocks)
        for part in document.parts:
            if isinstance(part, Fence):
                block = shells.get((document.path, part.line))
                if block is not None:
                    yield from _shell(document, part, block)
                else:
                    yield from _language(document, part)
                yield from _output(document, part)


def _shell(document: Document, fence: Fence, block: Block) -> Iterator[Finding]:
    script = block.script
    output = [word for word in script.output if not re.match(r"\s*--?[A-Za-z]", word.text)]  # a lost backslash
    labelled = fence.language in SHELLS
    programs = [call for call in script.calls if "=" not in call.words[0].text]
    if labelled and not programs and script.output and not _WINDOWS_PROMPT.match(script.output[0].text):
        begins = script.output[0].text.strip()[:40]
        what = f"the block is marked {fence.language} and holds no command: it begins with “{begins}”"
        yield found(
            "fence-language",
            document.path,
            fence.opened,
            what,
            "Mark it as text.",
            Edit(fence.opened, f"{fence.language}", "text"),
        )
        return
    if programs and output and not script.prompts and fence.language not in _CONSOLES:
        first = output[0]
        what = f"the block holds a command and, from “{first.text.strip()[:40]}” on, what it prints"
        remedy = (
            "Put the output into a block of its own, marked text; or mark the block console and begin commands with $."
        )
        yield found("fence-mixed", document.path, first.line, what, remedy)


def _prompted(document: Document, blocks: list[Block]) -> Iterator[Finding]:
    """Commands behind prompts, in blocks that are no consoles: one finding for the text, as it is a habit."""
    those = [each.script.prompts[0] for each in blocks if each.script.prompts and each.fence.language not in _CONSOLES]
    if those:
        places = ", ".join(map(str, those[1:9]))
        also = f" (also on line{'s' if len(those) > 2 else ''} {places})" if places else ""
        what = f"the command “{document.lines[those[0] - 1].strip()[:50]}” has a prompt before it{also}"
        yield found("fence-prompt", document.path, those[0], what, "Take the prompt away, or mark the block console.")


def _unmarked(document: Document, blocks: list[Block]) -> Iterator[Finding]:
    """Blocks of commands without a language: one finding for the text, at the first of them."""
    bare = [
        each
        for each in blocks
        if each.fence.language not in SHELLS
        and each.fence.opened != each.fence.line
        and each.script.calls
        and not each.script.output
    ]
    if bare:
        first = bare[0]
        places = ", ".join(str(each.fence.opened) for each in bare[1:9])
        also = f" (also the block{'s' if len(bare) > 2 else ''} of line {places})" if places else ""
        what = (
            f"the block holds commands (“{' '.join(first.script.calls[0].argv[:3])}”) and is not marked as such{also}"
        )
        yield found("fence-unmarked", document.path, first.fence.opened, what, "Write ```bash.")


def _language(document: Document, fence: Fence) -> Iterator[Finding]:
    problem = _problem(fence)
    if problem:
        line, words = problem
        what = f"the block is marked {fence.language} and cannot be read as that: {words}"
        yield found(
            "fence-language", document.path, fence.line + line - 1, what, "Correct it, or mark it as what it is."
        )


def _problem(fence: Fence) -> tuple[int, str] | None:
    """Line in the block and words, if its language cannot hold what is in it."""
    text = re.sub(r"<[A-Za-z][\w .-]*>", "1", fence.text)
    if not text.strip() or _ELLIPSIS.search(text) or "..." in text or "…" in text:
        return None
    if fence.language == "json":
        return _json(text)
    if fence.language in ("yaml", "yml") and "{{" not in text:
        try:
            yamltree.documents(text)
        except YamlProblem as error:
            return error.line, error.what
    if fence.language in ("python", "py"):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                ast.parse(text.replace("%", "#") if re.search(r"^%", text, re.MULTILINE) else text)
        except SyntaxError as error:
            if not text.lstrip().startswith((">>>", "$", "!")):
                return error.lineno or 1, error.msg
    return None


def _json(text: str) -> tuple[int, str] | None:
    decoder, at, first = json.JSONDecoder(), 0, True
    while text[at:].strip():
        at += len(text[at:]) - len(text[at:].lstrip())
        try:
            _, at = decoder.raw_decode(text, at)
        except json.JSONDecodeError as error:
            if not first and not text[at:].lstrip().startswith(("{", "[", "//", "#")):
                return None
            comment = re.search(r"(?<!:)//|#", text.split("\n")[error.lineno - 1]) or re.search(r"(?<![:\"\w])//", text)
            line = text.count("\n", 0, comment.start()) + 1 if comment and comment.string is text else error.lineno
            return line, "JSON has no comments" if comment else error.msg[0].lower() + error.msg[1:]
        first = False
    return None


def _output(document: Document, fence: Fence) -> Iterator[Finding]:
    for number, line in enumerate(fence.text.split("\n"), fence.line):
        if re.search(r"[}\])\"']%\s*$", line) and not re.search(r"[{%]%|%[sd}]", line):
            what = "the line ends with %, which is no output: zsh shows it where a line end is missing"
            yield found(
                "output-prompt",
                document.path,
                number,
                what,
                "Take the % away.",
                Edit(number, line.rstrip(), line.rstrip()[:-1]),
            )
    if not _EXACT.search(fence.intro) or _ALIKE.search(fence.intro):
        return
    for pattern, name, instead in _CHANGING:
        match = pattern.search(fence.text)
        if match and not match[1].strip("-0"):
            continue
        if match:
            number = fence.line + fence.text.count("\n", 0, match.start(1))
            what = f"“{match[1]}” is {name}: no reader gets this output"
            yield found(
                "output-varies", document.path, number, what, f"Write {instead} in its place, or say that it differs."
            )
            return
