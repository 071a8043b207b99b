"""Commands by themselves: can a shell read them, does the tool know the words, do their bodies parse."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from topicmark.course.findings import Edit, Finding, Severity, found
from topicmark.course.plan import Course, Step
from topicmark.course.plan.cluster import release_of
from topicmark.course.plan.course import Block
from topicmark.course.reading.markdown import Span
from topicmark.course.reading.options import Refusal
from topicmark.course.reading.shell import PLACEHOLDER, shown
from topicmark.submission import jsontext
from topicmark.submission.jsontext import JsonProblem

_SHARED = "ubuntu|hadoop|jovyan|spark|user|username|kafka|vscode|root|flink|airflow|hive|hdfs|you|student|name|me"
_HOMES = re.compile(
    rf"/home/(?!(?:{_SHARED})\b)[a-z][\w.-]+/"
    r"|/Users/(?!(?:user|username|you|name|me|Shared)\b)[A-Za-z][\w.-]+/"
    r"|[A-Z]:\\Users\\(?!(?:user|username|you|name)\b)[A-Za-z][\w.-]+"
)
_GONE_PACKAGES = {
    "python": "python3",
    "python-pip": "python3-pip",
    "python-dev": "python3-dev",
    "openjdk-8-jdk": "openjdk-17-jdk",
    "docker-compose": "docker-compose-v2",
}
_ON_DEBIAN = frozenset({"python", "python-pip", "python-dev"})
_TYPOGRAPHIC = re.compile("[‘’“”«»–—]")  # noqa: RUF001
_OLD_KAFKA = re.compile(
    r"cp-(?:(?:enterprise-)?kafka|server):[3-6]\.|kafka_2\.1\d-[0-2]\.|(?:bitnami|wurstmeister)/kafka:(?:2\.1\d-)?[0-2]\."
    r"|-kafka-[0-2]\.\d+\.\d|apiVersion: kafka\.strimzi\.io/[\s\S]{0,2000}?\n +version: [\"']?[0-2]\.\d"
)
_NEW_COMPOSE = re.compile(
    r"docker compose\b|docker-compose-(?:v2|plugin)|install docker-compose|Compose v?2", re.IGNORECASE
)
_SENDS = ("-d", "--data", "--data-raw", "--data-binary", "--json")


def check(course: Course) -> Iterator[Finding]:
    """Faults of every command."""
    for block in course.blocks:
        yield from _syntax(block)
    for document in course.documents:
        for part in document.parts:
            if (
                isinstance(part, Span)
                and re.match(r"(?:kubectl|helm|kafka-[\w-]+(?:\.sh)?|curl|hdfs) ", part.text)
                and _TYPOGRAPHIC.search(part.text)
            ):
                yield _typographic(document.path, part.line, part.text)
    yield from _compose(course)
    old = _has_old_kafka(course)
    for step in course.steps:
        if not (old and step.call.name.startswith("kafka-")):
            yield from _options(step)
        yield from _chart(step)
        yield from _packages(step)
        yield from _curl(step)
        yield from _echo(step)
        yield from _rights(course, step)
        for word in step.call.words:
            home = _HOMES.search(word.text)
            if home and not step.inside:
                what = f"{home[0]} is a folder of one person"
                yield found(
                    "personal-path", step.document.path, word.line, what, "Write a path that everybody has, or ~/."
                )


def _compose(course: Course) -> Iterator[Finding]:
    """``docker-compose`` with the dash, where no text says how it comes to the reader: once a text."""
    if any(_NEW_COMPOSE.search(document.text) for document in course.documents):
        return
    first = {step.document.path: step for step in reversed(course.steps) if step.call.name == "docker-compose"}
    for path, step in sorted(first.items()):
        what = "docker-compose is Compose v1, which ended in July 2023: Docker brings docker compose, in two words"
        edits = [Edit(step.line, "docker-compose ", "docker compose ")] if step.shown else []
        yield found("option-deprecated", path, step.line, what, "Write docker compose.", *edits)


def _has_old_kafka(course: Course) -> bool:
    """Whether the course uses a Kafka from before 3.0, whose tools took other options."""
    texts = [document.text for document in course.documents]
    texts += [course.repository.text(file.path) for file in course.judged_yaml]
    return any(_OLD_KAFKA.search(text) for text in texts)


def _syntax(block: Block) -> Iterator[Finding]:
    path = block.document.path
    for broken in block.script.broken:
        lines = broken.text.split("\n")
        edits = []
        last = broken.text.rstrip()
        if broken.what.startswith("a backtick") and last.endswith("`") and last.count("`") == 1:
            edits = [Edit(broken.line, last.split("\n")[-1].strip(), last.split("\n")[-1].strip()[:-1])]
        shown_as = lines[0].strip()[:60]
        yield found(
            "command-syntax", path, broken.line, f"{broken.what}: “{shown_as}”", "Close it, or take it away.", *edits
        )
    for number, line in enumerate(block.fence.text.split("\n"), block.fence.line):
        if number in {word.line for word in block.script.output} or line.lstrip().startswith("#"):
            continue
        if re.search(r"\\[ \t]+$", line):
            what = "there is a blank after the backslash at the end: the command ends here"
            right = line.rstrip()
            yield found(
                "command-continuation",
                path,
                number,
                what,
                "Take the blank away.",
                Edit(number, line[len(right) - 1 :], "\\"),
            )
        outside = re.sub(r"'[^']*'|\"[^\"]*\"", "", line)
        if _TYPOGRAPHIC.search(outside) and not outside.lstrip().startswith(("echo", "#")) and "#" not in outside:
            yield _typographic(path, number, line)
    calls = block.script.calls
    for call, after in pairwise(calls):
        gap = after.line - max(word.line for word in call.words)
        if after.words[0].text.startswith("--") and gap == 1:
            what = f"“{after.words[0].text}” begins a line of its own: the line above has no backslash at its end"
            yield found("command-continuation", path, after.line, what, "End the line above with a backslash.")
    stray = [word for word in block.script.output if re.match(r"\s*--?[A-Za-z][\w-]*(?:[ =]|$)", word.text)]
    for word in stray:
        if any(max(each.line for each in call.words) == word.line - 1 for call in calls):
            what = f"“{word.text.strip()[:40]}” begins a line of its own: the line above has no backslash at its end"
            yield found("command-continuation", path, word.line, what, "End the line above with a backslash.")


def _typographic(path: str, line: int, text: str) -> Finding:
    match = _TYPOGRAPHIC.search(text)
    assert match is not None
    what = f"“{match[0]}” is a typographic character: a shell takes it for a letter"
    return found("command-typographic", path, line, what, "Write plain quotes and dashes.")


def _options(step: Step) -> Iterator[Finding]:
    usage = step.usage
    if usage is None:
        return
    tool = step.call.name
    for refusal in usage.refusals:
        one = _refusal(step, refusal, f"{tool} {usage.subcommand}".strip(), usage.version)
        if one is not None:
            yield one


def _refusal(step: Step, refusal: Refusal, tool: str, version: str) -> Finding | None:
    path, line, word = step.document.path, refusal.line, shown(refusal.word)
    near = f" Is {refusal.instead} meant?" if refusal.instead else ""
    if refusal.kind == "unknown":
        edits = _certain(step, line, word, refusal.instead)
        return found("option-unknown", path, line, f"{tool} knows no {word} ({version})", f"Take it out.{near}", *edits)
    if refusal.kind == "subcommand":
        if not step.shown and not refusal.instead:
            return None
        return found(
            "option-unknown", path, line, f"{step.call.name} has no command {word} ({version})", f"Correct it.{near}"
        )
    if refusal.kind == "removed":
        edits = _certain(step, line, word, refusal.instead)
        return found(
            "option-removed",
            path,
            line,
            f"{tool} no longer takes {word} ({version})",
            f"Write {refusal.instead}.",
            *edits,
        )
    if refusal.kind == "deprecated":
        edits = _certain(step, line, word, refusal.instead)
        return found(
            "option-deprecated",
            path,
            line,
            f"{word} of {tool} is deprecated ({version})",
            f"Write {refusal.instead}.",
            *edits,
        )
    if not step.shown:
        return None  # in a sentence a command is named, not spelt out
    if refusal.kind == "missing":
        remedy = f"Add {word}{' kafka:9092' if word.startswith('--bootstrap') else ''}."
        return found("option-missing", path, line, f"{tool} needs {word} ({version})", remedy)
    return found("option-missing", path, line, f"{word} of {tool} needs a value", "Give it one, or take it out.")


def _certain(step: Step, line: int, word: str, instead: str) -> tuple[Edit, ...]:
    """The repair, where one word takes another's place."""
    source = step.document.lines[line - 1] if line <= len(step.document.lines) else ""
    fits = re.fullmatch(r"--?[\w-]+(?:=\w+)?", instead) and source.count(word) == 1 and not source.count(instead)
    return (Edit(line, word, instead),) if fits else ()


def _chart(step: Step) -> Iterator[Finding]:
    release = release_of(step)
    if release is None or not step.shown or release.version or release.source.startswith((".", "/", "~")):
        return
    if release.source.endswith(".tgz") or "/" not in release.source:
        return
    what = f"the chart {release.source} is installed without a version: everybody gets what is newest that day"
    remedy = "Add --version with the one that the course was tried with."
    yield found("chart-unpinned", step.document.path, step.line, what, remedy)


def _packages(step: Step) -> Iterator[Finding]:
    if not step.is_a("apt", "install") or step.usage is None:
        return
    for word in step.usage.arguments:
        if word.text in _ON_DEBIAN:
            right = _GONE_PACKAGES[word.text]
            what = f"Debian (since 11) and Ubuntu (since 20.04) have no package {word.text}"
            source = step.document.lines[word.line - 1]
            pattern = f"install {word.text}"
            edits = [Edit(word.line, pattern, f"install {right}")] if source.count(pattern) == 1 else []
            yield found("package-gone", step.document.path, word.line, what, f"Write {right}.", *edits)


def _rights(course: Course, step: Step) -> Iterator[Finding]:
    """``sudo`` in a container: images do not have it, and one is root there anyway."""
    if not step.sudo:
        return
    line = step.document.lines[step.line - 1]
    in_container = step.inside or re.search(r"\b(?:container|pod)\b", line, re.IGNORECASE)
    if not in_container or any(
        "sudo" in course.repository.text(path) for path in course.repository.files if path.endswith("Dockerfile")
    ):
        return
    edits = [Edit(step.line, each, each.removeprefix("sudo ")) for each in re.findall(r"sudo [\w-]+ [\w-]+", line)]
    what = "sudo is not there in a container"
    yield found(
        "container-sudo", step.document.path, step.line, what, "Leave sudo out: in a container one is root.", *edits
    )


def _curl(step: Step) -> Iterator[Finding]:
    if step.call.name != "curl" or step.usage is None:
        return
    usage = step.usage
    bodies = [
        each
        for each in usage.given
        if each.name in _SENDS and each.value and each.value.lstrip().startswith(("{", "["))
    ]
    headers = " ".join(each.value or "" for each in usage.given if each.name in ("-H", "--header")).lower()
    urls = " ".join([*(word.text for word in usage.arguments), usage.value("--url")])
    for body in bodies:
        text = PLACEHOLDER.sub("1", body.value or "")
        if "$" in text and not text.startswith("{"):
            continue
        try:
            jsontext.parse(text)
        except JsonProblem as problem:
            if "${" in text or "'$" in text:
                continue
            what = f"the body of this request {problem.what}"
            begun = next(
                (word.line for word in step.call.words if word.text.strip() == (body.value or "").strip()), body.line
            )
            yield found(
                "json-invalid", step.document.path, begun + problem.line - 1, what, problem.remedy or "Correct it."
            )
        sends_json = "json" in headers or any(each.name == "--json" for each in usage.given)
        if "/connectors" in urls and not sends_json:
            what = "Connect answers 415 to a body that is not said to be JSON"
            yield found(
                "curl-content-type", step.document.path, step.line, what, "Add -H 'Content-Type: application/json'."
            )


def _echo(step: Step) -> Iterator[Finding]:
    words = step.call.argv
    if words[0] != "echo" or len(words) < 2 or words[1].startswith("-") or "\\n" not in " ".join(words[1:]):
        return
    what = "bash's echo writes \\n as it stands, not as a line end"
    line = step.document.lines[step.line - 1]
    edits = [Edit(step.line, "echo ", "echo -e ")] if line.count("echo ") == 1 else []
    yield found(
        "echo-escape",
        step.document.path,
        step.line,
        what,
        "Write echo -e, or printf.",
        *edits,
        severity=Severity.MISLEADS,
    )
