"""YAML as a tree in which every node knows its line. Bounded: a bomb of aliases ends in words, not in memory."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import yaml

from topicmark.submission.words import listed

MAX_CHARS = 256 * 1024
MAX_NODES = 20_000
MAX_DEPTH = 60
_TAG = "tag:yaml.org,2002:"
_EXPONENT = re.compile(r"[-+]?\d+(?:\.\d*)?[eE][-+]?\d+")


class YamlProblem(Exception):
    """What is wrong with a file: on which line (from 1), in words, and what to do."""

    def __init__(self, line: int, what: str, remedy: str = "") -> None:
        super().__init__(what)
        self.line = line
        self.what = what
        self.remedy = remedy


@dataclass(frozen=True, slots=True)
class Scalar:
    """A plain or quoted word. ``kind`` is ``text``, ``number``, ``boolean`` or ``null``, as Kubernetes reads it."""

    text: str
    kind: str
    line: int


@dataclass(frozen=True, slots=True)
class Items:
    """A sequence."""

    values: tuple[Node, ...]
    line: int


@dataclass(frozen=True, slots=True)
class Table:
    """A mapping; ``lines`` are those of the keys."""

    pairs: Mapping[str, Node]
    line: int
    lines: Mapping[str, int]

    def line_of(self, key: str) -> int:
        """The line of a key, or of the mapping if it lacks the key."""
        return self.lines.get(key, self.line)


Node = Scalar | Items | Table


def documents(text: str) -> list[Node]:
    """The documents of a file that are not empty. Raises ``YamlProblem``, also for a key that is given twice."""
    if len(text) > MAX_CHARS:
        raise YamlProblem(1, f"is longer than {MAX_CHARS // 1024} KiB.")
    refuse_conflict(text)
    if _open_brackets(text) > MAX_DEPTH * 4:  # the parser takes seconds to give up on them
        raise YamlProblem(1, "cannot be read as YAML: too deeply nested, or a value out of range.")
    tree = _Tree()
    try:
        composed = yaml.compose_all(text, Loader=yaml.SafeLoader)
        nodes = [tree.read(node, 0) for node in composed if node is not None]
    except yaml.MarkedYAMLError as error:
        raise explained(error, text) from None
    except yaml.YAMLError as error:
        raise YamlProblem(1, f"is not valid YAML: {' '.join(str(error).split())[:200]}.") from None
    except (RecursionError, ValueError, OverflowError):
        raise YamlProblem(1, "cannot be read as YAML: too deeply nested, or a value out of range.") from None
    return [node for node in nodes if not is_null(node)]


def refuse_conflict(text: str) -> None:
    """Raises ``YamlProblem`` if a merge conflict was left in the text."""
    for number, line in enumerate(text.splitlines(), 1):
        if re.match(r"<{7}(?: |$)|={7}$|>{7}(?: |$)", line):
            remedy = "Keep one of the two versions and delete the lines with <<<<<<<, ======= and >>>>>>>."
            raise YamlProblem(number, "has a merge conflict in it that was never resolved.", remedy)


def explained(error: yaml.MarkedYAMLError, text: str) -> YamlProblem:
    """A syntax error of the parser in words, with its line."""
    mark = error.problem_mark or error.context_mark
    line = int(mark.line) + 1 if mark else 1
    lines = text.splitlines()
    problem = error.problem or "cannot be read"
    if "'\\t'" in problem or (line <= len(lines) and re.match(r" *\t", lines[line - 1])):
        return YamlProblem(line, "is indented with a tab, which YAML does not allow.", "Use spaces.")
    context = f" {error.context}" if error.context else ""
    what = f"is not valid YAML:{context}{',' if context else ''} {problem}.".replace("\n", " ")
    return YamlProblem(line, what[:300], "Look at the indentation and quotes of this line and the one above.")


def _open_brackets(text: str) -> int:
    """How many brackets are open at once, at most, quotes and comments aside."""
    deepest = depth = 0
    for char in re.findall(r"[\[\]{}]", text):
        depth = depth + 1 if char in "[{" else max(depth - 1, 0)
        deepest = max(deepest, depth)
    return deepest


def is_null(node: Node) -> bool:
    """Whether nothing stands there, or ``null``."""
    return isinstance(node, Scalar) and node.kind == "null"


def child(table: Table, key: str, where: str) -> Table | None:
    """The mapping below a key; ``None`` if it is not there or null. Raises ``YamlProblem`` for another kind."""
    node = table.pairs.get(key)
    if node is None or is_null(node):
        return None
    if not isinstance(node, Table):
        raise YamlProblem(node.line, f"{where} must hold `key: value` pairs.", "Indent them below it.")
    return node


def children(table: Table, key: str, where: str) -> list[tuple[Table, str]]:
    """The mappings of a list below a key, each with its place in words (``spec.ports[0]``)."""
    node = table.pairs.get(key)
    if node is None or is_null(node):
        return []
    found: list[tuple[Table, str]] = []
    for place, each in enumerate(node.values if isinstance(node, Items) else (node,)):
        if not isinstance(node, Items) or not isinstance(each, Table):
            remedy = "Begin each entry with `- ` and indent its other keys as far as the first."
            raise YamlProblem(each.line, f"{where} must be a list of `key: value` pairs.", remedy)
        found.append((each, f"{where}[{place}]"))
    return found


def text(table: Table, key: str, where: str) -> str:
    """The text below a key, empty if there is none. A number or boolean is no text."""
    node = table.pairs.get(key)
    if node is None or is_null(node):
        return ""
    return _as_text(node, where)


def texts(table: Table, key: str, where: str) -> tuple[str, ...]:
    """The texts of a list below a key."""
    node = table.pairs.get(key)
    if node is None or is_null(node):
        return ()
    if not isinstance(node, Items):
        raise YamlProblem(node.line, f"{where} must be a list of texts.", 'Write it as ["one", "two"].')
    return tuple(_as_text(each, f"{where}[{place}]") for place, each in enumerate(node.values))


def pairs(table: Table, key: str, where: str) -> dict[str, str]:
    """The mapping of texts below a key: labels, a selector, the data of a ConfigMap."""
    inner = child(table, key, where)
    if inner is None:
        return {}
    return {name: "" if is_null(node) else _as_text(node, f"{where}.{name}") for name, node in inner.pairs.items()}


def whole(table: Table, key: str, where: str) -> int | None:
    """The whole number below a key; ``None`` if there is none. Digits in quotes are no number."""
    node = table.pairs.get(key)
    if node is None or is_null(node):
        return None
    if isinstance(node, Scalar) and node.kind == "number" and re.fullmatch(r"[-+]?\d{1,9}(?:\.0+)?", node.text):
        return int(node.text.partition(".")[0])
    quoted = isinstance(node, Scalar) and node.kind == "text" and node.text.strip().isdigit()
    shown = listed([node.text]) if isinstance(node, Scalar) else "a list or mapping"
    remedy = f"Take the quotes away: {key}: {node.text.strip()}." if quoted and isinstance(node, Scalar) else ""
    raise YamlProblem(node.line, f"{where} must be a whole number, not {shown!r}.", remedy)


def _as_text(node: Node, where: str) -> str:
    if isinstance(node, Scalar) and node.kind == "text":
        return node.text
    if not isinstance(node, Scalar):
        raise YamlProblem(node.line, f"{where} must be a text.", "")
    shown = listed([node.text])
    what = f"{where} is the {node.kind} {shown}, and Kubernetes takes only a text there."
    raise YamlProblem(node.line, what, f'Quote it: "{shown}".')


class _Tree:
    """One file on its way to nodes of ours, with what may still be read of it."""

    def __init__(self) -> None:
        self._budget = MAX_NODES

    def read(self, node: yaml.Node, depth: int) -> Node:
        line = int(node.start_mark.line) + 1
        self._budget -= 1
        if self._budget < 0 or depth > MAX_DEPTH:
            raise YamlProblem(line, "holds more than anybody writes by hand.")
        if isinstance(node, yaml.ScalarNode):
            return Scalar(str(node.value), _kind(node), line)
        if isinstance(node, yaml.SequenceNode):
            return Items(tuple(self.read(each, depth + 1) for each in node.value), line)
        return self._table(node, depth, line)

    def _table(self, node: yaml.Node, depth: int, line: int) -> Table:
        own: dict[str, Node] = {}
        lines: dict[str, int] = {}
        merged: dict[str, Node] = {}
        for key, value in node.value:
            at = int(key.start_mark.line) + 1
            if not isinstance(key, yaml.ScalarNode):
                raise YamlProblem(at, "has a key that is not a plain word.")
            if key.tag == f"{_TAG}merge":
                inherited = self.read(value, depth + 1)
                for source in inherited.values if isinstance(inherited, Items) else (inherited,):
                    if isinstance(source, Table):
                        for name, each in source.pairs.items():
                            merged.setdefault(name, each)
                            lines.setdefault(name, at)
                continue
            name = str(key.value)
            if name in own:
                what = f"the key {listed([name])} is given twice (lines {lines[name]} and {at})."
                raise YamlProblem(at, what, "Keep one of them.")
            own[name] = self.read(value, depth + 1)
            lines[name] = at
        return Table({**merged, **own}, line, lines)


def _kind(node: yaml.ScalarNode) -> str:
    """What Go's YAML, which kubectl uses, makes of a word: no base 60, no dates, numbers with an exponent."""
    tag = node.tag.removeprefix(_TAG)
    if node.style is None and (tag == "float" or _EXPONENT.fullmatch(node.value)) and ":" not in node.value:
        return "number"
    if tag == "int" and ":" not in node.value:
        return "number"
    return {"bool": "boolean", "null": "null"}.get(tag, "text")
