"""A course's own programs as hand-ins: which files belong together, and which tasks are about which of them."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from topicmark.course.plan import Course
from topicmark.submission import ConnectorConfig, Consumer, FlumeAgent, Statements, Submission, TableImport, Values

_FOLDERS = re.compile(
    r"(?:hints?|solutions?|(?:reference|sample|example)s?(?:[-_ ]solutions?)?|answers?|key)", re.IGNORECASE
)
_OF_THE_TASKS = re.compile(r"\bINGESTION\b|\bflume-logs\b")
"""What the tasks are about. A course without it has exercises of its own, of which they know nothing."""
PRODUCES = ("ex4.3", "ex4.4", "ex4.5")
CONSUMES = ("ex5.1", "ex5.2", "ex5.3", "ex5.4", "ex5.5", "ex5.6")


@dataclass(frozen=True, slots=True)
class Hints:
    """Files that are handed in together. ``files`` are their paths in the repository, by their place in the hand-in."""

    folder: str
    files: Mapping[str, str]


def hints(course: Course) -> list[Hints]:
    """The folders of hints and solutions, each with the files of the text that it belongs to."""
    repository = course.repository
    homes: dict[str, None] = {}
    for path in repository.files:
        folders = posixpath.dirname(path).split("/")
        place = next((place for place, name in enumerate(folders) if _FOLDERS.fullmatch(name)), None)
        if place is not None and repository.is_judged(path):
            homes["/".join(folders[:place])] = None
    found = []
    for home in homes:
        prefix = f"{home}/" if home else ""
        taken = {
            path.removeprefix(prefix): path
            for path in repository.files
            if path.startswith(prefix) and _belongs(path.removeprefix(prefix))
        }
        texts = [repository.text(path) for path in taken.values()]
        texts += [document.text for document in course.documents if posixpath.dirname(document.path) == home]
        if any(_OF_THE_TASKS.search(text) for text in texts):
            found.append(Hints(home, taken))
    return found


def _belongs(path: str) -> bool:
    """Whether a file below the text's folder is handed in: those beside the text, and those of the hints."""
    head, _, rest = path.partition("/")
    return not path.lower().endswith((".md", ".markdown")) and (not rest or bool(_FOLDERS.fullmatch(head)))


def judged_by(taken: Submission) -> Mapping[str, str]:
    """The tasks that are about an artefact of the hand-in, with its file; others would miss what is not there."""
    return dict(_judged_by(taken))


def _judged_by(taken: Submission) -> Iterator[tuple[str, str]]:
    if isinstance(taken.values, Values):
        yield "ex1.2", taken.values.name
    if taken.producers:
        yield from ((task, _program(taken.producers[0].workdir, taken.producers[0].argv)) for task in PRODUCES)
    if isinstance(taken.consumer, Consumer):
        yield from ((task, _program(taken.consumer.workdir, taken.consumer.argv)) for task in CONSUMES)
    if isinstance(taken.statements, Statements):
        yield from ((task, taken.statements.files[0]) for task in ("ex6.1", "ex6.2", "ex6.3", "ex6.4"))
    if isinstance(taken.connector, ConnectorConfig):
        yield from ((task, taken.connector.file) for task in ("ex7.1", "ex7.2", "ex7.3", "ex7.4"))
    if isinstance(taken.flume, FlumeAgent):
        yield "ex8.1", taken.flume.file
    if isinstance(taken.sqoop, TableImport) and taken.sqoop.file:
        yield "ex8.2", taken.sqoop.file


def _program(workdir: str, argv: Sequence[str]) -> str:
    """The file of a program that is started so."""
    file = next((word for word in argv if re.search(r"\.(?:py|sh|java|js|jar|go)$", word)), argv[-1])
    return posixpath.normpath(posixpath.join(workdir, file))
