"""From a plan to what is done: each command and statement of a course in order, as a lab can do it, or why not."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from topicmark.course.plan import Course, Step
from topicmark.course.plan.course import is_shell
from topicmark.course.reading.markdown import Document, Fence, Prose, Span
from topicmark.course.reading.shell import Call, Piece, is_command, script
from topicmark.course.reading.sql import statements, typed, uncommented
from topicmark.course.replay.reach import Reach, bare, ends_soon, names_in, only_looks, unwrapped

_KSQL_BEGINS = re.compile(
    r"\s*(?:CREATE|SHOW|LIST|INSERT|DROP|SET|UNSET|DESCRIBE|TERMINATE|DEFINE|UNDEFINE)\b", re.IGNORECASE
)
_SQL_PLACEHOLDER = re.compile(r"<[A-Za-z_][\w .-]*>")
_TELLS_TO = re.compile(
    r"\b(?:run|type|enter|execute|use|using|with|apply|call|start|by|command)\b|\*\*\w+\*\*\s*:|^\s*(?:[-*+]|\d+[.)])\s",
    re.IGNORECASE,
)
_BY_THE_WAY = re.compile(
    r"\b(?:if|when|instead|alternatively|optional(?:ly)?|later|otherwise|for example|such as|same as|equivalent|or)\b"
    r"|e\.g\.|\bnot(?:e|ice)\b",
    re.IGNORECASE,
)
_MAKES_TOPIC = re.compile(
    r"\b(?:create|make|add)\b.{0,80}?(?:\btopic\s+(?:called\s+|named\s+)?`([A-Za-z][\w.-]{2,})`|`([A-Za-z][\w.-]{2,})`\s+topic\b)",
    re.I,
)
_MAKES_CONNECTOR = re.compile(r"/connectors(?:/[^/\s'\"]+/config)?/?(?=['\"\s]|$)")
_FAILS = re.compile(
    r"\b(?:fails?|will not work|does not work|error|refused?|exception|rejected|not possible)\b", re.IGNORECASE
)
_WRITES = r"(?:>|tee|touch|cp|mv|-o|--output|-get|copyToLocal)"


class Doing(StrEnum):
    """How an action is carried out."""

    COMMAND = "command"
    STATEMENT = "statement"
    COMPONENT = "component"
    LEFT = "left"


@dataclass(frozen=True, slots=True)
class Action:
    """One thing that the reader is told to do.

    ``text`` is the command or statement, or the name of the component; ``told`` what is shown of it. ``folder`` is
    where the reader stands, relative to the repository, None for wherever they went last. ``soon``: it ends by itself;
    ``looks``: it changes nothing; ``plain``: it is about the reader's own machine only; ``filters``: it may find
    nothing; ``may_fail``: the text says that it fails; ``connects``: it makes a connector. ``names`` are the things
    that it speaks of. ``why`` is the reason if it is left.
    """

    path: str
    line: int
    text: str
    doing: Doing
    told: str = ""
    why: str = ""
    folder: str | None = None
    soon: bool = False
    looks: bool = False
    plain: bool = False
    filters: bool = False
    names: frozenset[str] = frozenset()
    may_fail: bool = False
    connects: bool = False

    @property
    def last_line(self) -> int:
        """Where it ends."""
        return self.line + self.text.count("\n") if self.doing is not Doing.COMPONENT else self.line


def actions(course: Course, reach: Reach, components: Mapping[str, str]) -> list[Action]:
    """What a reader of the whole course does, in reading order.

    ``components`` are the manifests, by path, of which the lab has the component, and its name.
    """
    steps = {(step.document.path, step.line, step.call.argv): step for step in course.steps}
    return [
        action for document in course.documents for action in _Reader(course, reach, components, steps, document).read()
    ]


class _Reader:
    def __init__(
        self,
        course: Course,
        reach: Reach,
        components: Mapping[str, str],
        steps: Mapping[tuple[str, int, tuple[str, ...]], Step],
        document: Document,
    ) -> None:
        self._course = course
        self._reach = reach
        self._components = components
        self._steps = steps
        self._document = document
        self._blocks = {id(block.fence): block for block in course.blocks}
        self._speaks_ksql = False
        self._said = ""
        self._made_by_hand: set[str] = set()

    def read(self) -> Iterator[Action]:
        for part in self._document.parts:
            self._speaks_ksql = self._speaks_ksql or "ksql" in getattr(part, "text", "").lower()
            if isinstance(part, Fence):
                block = self._blocks.get(id(part))
                if block is not None and is_shell(part):
                    for broken in block.script.broken:
                        yield self._left(broken.line, broken.text, "no shell can read it")
                    for piece in block.script.pieces:
                        yield self._piece(piece)
                elif part.language in ("sql", "ksql", "") and _KSQL_BEGINS.match(uncommented(typed(part.text))):
                    yield from self._statements(part)
            elif isinstance(part, Span) and is_command(part.text) and _says_what(part.text.split()):
                for piece in script(" ".join(part.raw.split()), part.line).pieces:
                    yield self._mentioned(piece)
            elif isinstance(part, Prose):
                yield from self._by_hand(part)

    def _left(self, line: int, text: str, why: str) -> Action:
        return Action(self._document.path, line, text, Doing.LEFT, text, why)

    def _mentioned(self, piece: Piece) -> Action:
        """A command in a sentence: carried out if the sentence tells to."""
        line = self._document.lines[piece.line - 1] if piece.line <= len(self._document.lines) else ""
        before = line.partition("`")[0]
        if not _TELLS_TO.search(before) or _BY_THE_WAY.search(before):
            return self._left(piece.line, piece.text, "a sentence only names it")
        return self._piece(piece)

    def _piece(self, piece: Piece) -> Action:
        step = self._steps.get((self._document.path, piece.calls[0].line, piece.calls[0].argv))
        component = self._component(step) if step is not None and len(piece.calls) == 1 else ""
        if component:
            return Action(self._document.path, piece.line, component, Doing.COMPONENT, piece.text)
        plain = _is_plain(piece.calls)
        reason = self._reach.why_not(piece.calls)
        if not reason and plain and any(unwrapped(call) is not None for call in piece.calls):
            reason = "it happens in a pod that the lab does not have"
        folder, missing = self._folder(step, piece)
        reason = reason or missing
        if reason:
            return self._left(piece.line, piece.text, reason)
        self._said += f"\n{piece.text}"
        return Action(
            self._document.path,
            piece.line,
            piece.text,
            Doing.COMMAND,
            piece.text,
            folder=folder,
            soon=ends_soon(piece.calls),
            looks=only_looks(piece.calls),
            plain=plain,
            filters=bare(piece.calls[-1]) in ("grep", "diff", "test", "["),
            names=frozenset().union(*(names_in(call.words) for call in piece.calls)),
            may_fail=self._may_fail(piece.line, piece.text),
            connects=bool(_MAKES_CONNECTOR.search(piece.text)) and not only_looks(piece.calls),
        )

    def _component(self, step: Step) -> str:
        if not step.is_a("kubectl", "apply", "create"):
            return ""
        files = self._course.manifest_files(step)
        known = [self._components[file] for file in files if file in self._components]
        return known[0] if len(files) == 1 and known else ""

    def _folder(self, step: Step | None, piece: Piece) -> tuple[str | None, str]:
        """Where the reader stands, and what is missing there for it to be replayed."""
        repository = self._course.repository
        own = posixpath.dirname(self._document.path)
        folders = step.folders if step is not None and not step.inside else (own, "")
        files = [word.text for call in _inner(piece.calls) for word in call.words[1:] if _is_file(word.text)]
        found = {folder: sum(_there(repository.files, folder, each) for each in files) for folder in folders}
        standing = max(found, key=lambda folder: found[folder], default=None)
        if step is not None and step.inside and not any(found.values()):
            standing = None  # in a pod the reader has made the files, wherever that was
        for program in (each for each in files if each.endswith(".py")):
            if standing is not None and repository.has_file(posixpath.normpath(posixpath.join(standing, program))):
                continue
            if re.search(rf"{_WRITES}[^\n]*{re.escape(posixpath.basename(program))}", self._said):
                continue
            named = repository.named(posixpath.basename(program)) if "/" not in program else []
            near = [path for path in named if path.startswith(f"{own}/" if own else "")] or named
            if len(near) != 1:
                return standing, f"the repository has no {program} there: the reader writes it"
            standing = posixpath.dirname(near[0])
        for file in (each.lstrip("@") for each in files if each.endswith(".py") or each.startswith("@")):
            strange = self._strange_host(posixpath.normpath(posixpath.join(standing or "", file)))
            if strange:
                return standing, strange
        return standing, ""

    def _strange_host(self, program: str) -> str:
        """What keeps a program, a module of its own, or the body of a request from reaching the lab."""
        repository, folder = self._course.repository, posixpath.dirname(program)
        texts = [repository.text(program)]
        beside = {
            path: posixpath.basename(path)[:-3]
            for path in repository.files
            if posixpath.dirname(path) == folder and path.endswith(".py")
        }
        texts += [
            repository.text(path)
            for path, name in beside.items()
            if re.search(rf"^\s*(?:import|from)\s+\.?{re.escape(name)}\b", texts[0], re.M)
        ]
        for text in texts:
            reason = self._reach.unknown_host(re.findall(r"[\"'][^\"'\n]+[\"']", text))
            if reason:
                return f"{posixpath.basename(program)}: {reason}"
        return ""

    def _may_fail(self, line: int, text: str) -> bool:
        """Whether the sentences right around a command say that it fails."""
        last = line + text.count("\n")
        return bool(_FAILS.search(self._document.prose_between(line - 3, last + 3)))

    def _statements(self, fence: Fence) -> Iterator[Action]:
        for text, line in statements(typed(fence.text), fence.line):
            if not _KSQL_BEGINS.match(uncommented(text)):
                yield self._left(line, text, "a query that only looks, and may never end")
            elif not self._speaks_ksql:
                yield self._left(line, text, "the lab has no other database than ksqlDB")
            else:
                filled = _SQL_PLACEHOLDER.sub("1", text)
                names = frozenset(re.findall(r"[A-Za-z_][\w-]{3,}", filled))
                yield Action(
                    self._document.path,
                    line,
                    filled,
                    Doing.STATEMENT,
                    filled,
                    names=names,
                    may_fail=self._may_fail(line, text),
                )

    def _by_hand(self, part: Prose) -> Iterator[Action]:
        """A topic that is made in a console of the course's, by clicking."""
        line = self._document.lines[part.line - 1] if part.line <= len(self._document.lines) else ""
        for match in _MAKES_TOPIC.finditer(line):
            topic = match[1] or match[2]
            if topic in self._made_by_hand or re.search(
                rf"--create\b[^`]*{re.escape(topic)}|{re.escape(topic)}[^`\n]*--create\b", self._document.text
            ):
                continue
            self._made_by_hand.add(topic)
            command = (
                f"kafka-topics.sh --bootstrap-server kafka:9092 --create --if-not-exists --topic {topic}"
                " --partitions 3 --replication-factor 3"
            )
            yield Action(
                self._document.path,
                part.line,
                command,
                Doing.COMMAND,
                f"(by hand) topic {topic}",
                soon=True,
                plain=True,
            )


def _says_what(words: Sequence[str]) -> bool:
    """Whether a code span holds more than the name of a command (``kubectl exec``)."""
    return len(words) > (2 if words[0] in ("kubectl", "helm", "docker", "hdfs") else 1)


def _inner(calls: Sequence[Call]) -> list[Call]:
    """The commands as they run, out of ``kubectl exec`` and ``run``."""
    found = [(call, unwrapped(call)) for call in calls]
    return [inner for call, carried in found for inner in ((call,) if carried is None else carried)]


def _is_plain(calls: Sequence[Call]) -> bool:
    clients = ("curl", "hdfs", "hadoop", "python", "python3")
    return not any(
        bare(call) in clients or bare(call).startswith("kafka-") or bare(call).endswith(".py") for call in _inner(calls)
    )


def _is_file(word: str) -> bool:
    return bool(re.fullmatch(r"@?(?!-)[\w./-]+\.[A-Za-z0-9]{1,8}|(?!-)[\w.-]+/[\w./-]*", word)) and not word.startswith(
        "/"
    )


def _there(files: Sequence[str], folder: str, target: str) -> bool:
    path = posixpath.normpath(posixpath.join(folder, target.lstrip("@")))
    return any(each == path or each.startswith(f"{path}/") for each in files)
