"""Files and folders that commands name: are they there, from where the reader stands?"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from itertools import pairwise

from topicmark.course.findings import Edit, Finding, found
from topicmark.course.plan import Course, Step
from topicmark.course.plan.folders import meant
from topicmark.course.reading.markdown import Document, Fence, Link, Prose, Span
from topicmark.course.reading.shell import PLACEHOLDER, Word

_MAKES = re.compile(
    r"\b(?:create|creating|make|save|saved|write|store|put|add|copy|paste|name[ds]?|called|"
    r"generate|produce|export|download|new file)\b",
    re.IGNORECASE,
)
_RUNS = frozenset({"python", "python3", "py", "bash", "sh", "spark-submit", "source", "."})


def check(course: Course) -> Iterator[Finding]:
    """Files and folders that are not there."""
    if course.repository.is_excerpt:
        return
    for place in course.places:
        if place.exists is False:
            near = [
                path
                for path in _folders(course)
                if posixpath.basename(path) == posixpath.basename(place.target.rstrip("/"))
            ]
            remedy = f"Is {near[0]} meant?" if len(near) == 1 else "Name a folder of the repository."
            what = f"there is no folder {place.target} in the repository to go to"
            edits = [Edit(place.line, f"`{place.target}`", f"`{near[0]}`")] if len(near) == 1 else []
            yield found("folder-missing", place.path, place.line, what, remedy, *edits)
    for step in course.steps:
        if step.folders:
            for word, must in _named(step):
                yield from _judge(course, step, word, must)


def _folders(course: Course) -> list[str]:
    return sorted({posixpath.dirname(path) for path in course.repository.files if course.repository.is_judged(path)})


def _named(step: Step) -> Iterator[tuple[Word, str]]:
    """The words of a command that name files of the course, and what they are."""
    usage, name = step.usage, step.call.name
    if (
        usage is not None
        and usage.tool == "kubectl"
        and usage.subcommand in ("apply", "delete", "create", "replace", "get", "describe")
    ):
        for given in usage.given:
            if given.name in ("-f", "--filename", "-k", "--kustomize") and given.value:
                yield Word(given.value, given.line), "manifest"
    elif usage is not None and usage.tool == "helm" and usage.subcommand in ("install", "upgrade", "template"):
        for given in usage.given:
            if given.name in ("-f", "--values") and given.value:
                for part in given.value.split(","):
                    yield Word(part, given.line), "values file"
    elif usage is not None and usage.tool == "pip":
        for given in usage.given:
            if given.name in ("-r", "--requirement") and given.value:
                yield Word(given.value, given.line), "requirements file"
    elif name in _RUNS and not step.inside:
        words = list(step.call.words[1:])
        program = next((word for word in words if re.search(r"\.(?:py|sh)$", word.text)), None)
        if program is not None and not any(word.text in ("-c", "-m") for word in words[: words.index(program)]):
            yield program, "program"
    elif name == "docker-compose" or (
        name == "docker" and len(step.call.words) > 1 and step.call.words[1].text == "compose"
    ):
        words = list(step.call.words)
        for flag, value in pairwise(words):
            if flag.text in ("-f", "--file"):
                yield value, "compose file"


def _judge(course: Course, step: Step, word: Word, kind: str) -> Iterator[Finding]:
    target = word.text
    if (
        re.match(r"[a-z]+://|[/~$-]", target)
        or PLACEHOLDER.search(target)
        or re.search(r"[$*{]", target)
        or target in ("-", "")
    ):
        return
    if meant(course.repository, step.folders, target) or _is_made(course, step.document, word):
        return
    name = posixpath.basename(target.rstrip("/"))
    same = course.repository.named(name)
    if kind == "program" and same:
        return  # programs are copied to where they run
    path, line = step.document.path, word.line
    if same and _is_linked(step.document, name):
        return  # the text shows where it is
    if same and not step.shown and not re.match(r"\s*(?:[-*+]|\d+\.)\s", step.document.lines[step.line - 1]):
        return  # named in a sentence, not told to type
    if same:
        there = same[0]
        here = step.folders[0] or "the top folder"
        what = f"the {kind} {target} is not where the reader stands ({here}), but at {there}"
        yield found(
            "file-elsewhere",
            path,
            line,
            what,
            f"Tell the reader to cd to {posixpath.dirname(there) or 'the top folder'} first.",
        )
        return
    what = f"the {kind} {target} is not in the repository, and nothing in this text makes it"
    yield found("file-missing", path, line, what, "Add the file, or name one that is there.")


def _is_linked(document: Document, name: str) -> bool:
    return any(
        isinstance(part, Link) and posixpath.basename(part.target.partition("#")[0]) == name for part in document.parts
    )


def _is_made(course: Course, document: Document, word: Word) -> bool:
    """Whether the text has its reader make the file: by a command, or in words, or by showing what is to be in it."""
    name = posixpath.basename(word.text)
    for step in course.steps_of(document):
        if step.line <= word.line and (
            any(posixpath.basename(each) == name for each in step.call.writes) or _makes(step, name)
        ):
            return True
    mentions = [
        part.line for part in document.parts if isinstance(part, Span) and posixpath.basename(part.text) == name
    ]
    mentions += [part.line for part in document.parts if isinstance(part, Prose) and name in part.text]
    fences = [
        part.opened
        for part in document.parts
        if isinstance(part, Fence) and part.language not in ("bash", "sh", "shell", "console")
    ]
    for line in mentions:
        source = document.lines[line - 1]
        before = source[: source.find(name)] if name in source else source
        if line <= word.line and (_MAKES.search(before) or any(0 < opened - line <= 3 for opened in fences)):
            return True
    return False


def _makes(step: Step, name: str) -> bool:
    words = step.call.argv
    if words[0] in (
        "touch",
        "nano",
        "vi",
        "vim",
        "tee",
        "wget",
        "curl",
        "cp",
        "mv",
        "code",
        "git",
        "unzip",
        "tar",
        "nc",
    ):
        return any(posixpath.basename(each) == name for each in words[1:]) or words[0] in ("git", "tar", "unzip")
    return False
