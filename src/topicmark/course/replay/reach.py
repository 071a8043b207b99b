"""What a lab has, and so which commands can be replayed on it; for the others, why not."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from topicmark.course.plan import Course
from topicmark.course.reading.options import understand
from topicmark.course.reading.shell import PLACEHOLDER, Call, Word, script

KAFKA = frozenset(
    {"kafka-topics", "kafka-configs", "kafka-consumer-groups", "kafka-delete-records", "kafka-get-offsets",
     "kafka-console-producer", "kafka-console-consumer"}
)  # fmt: skip
_CLIENTS = frozenset({"curl", "hdfs", "hadoop", "python", "python3", *KAFKA})
_PLAIN = frozenset(
    {"awk", "base64", "basename", "cat", "cd", "chmod", "cp", "cut", "date", "diff", "dirname", "echo", "env", "export",
     "expr", "false", "find", "grep", "gunzip", "gzip", "head", "hostname", "kill", "ln", "ls", "mkdir", "mktemp", "mv",
     "printf", "pwd", "read", "rm", "rmdir", "sed", "seq", "set", "sleep", "sort", "source", "tail", "tar", "tee",
     "test", "timeout", "touch", "tr", "true", "uniq", "unset", "wait", "wc", "which", "xargs", "[", ".", "sh", "bash"}
)  # fmt: skip
_SHELLS = frozenset({"bash", "sh", "zsh"})
_LOOKS = frozenset(
    {"-ls", "-cat", "-du", "-df", "-count", "-stat", "-test", "-text", "-tail", "-head", "-find", "-checksum"}
)
_URL = re.compile(r"\b(?:https?|hdfs)://(?:[^\s/@]*@)?([A-Za-z0-9.-]+)(?::(\d+))?")
_ADDRESS = re.compile(r"(?<![\w./-])([A-Za-z][A-Za-z0-9.-]*):(\d{2,5})(?![\w:])")
_LOCAL = frozenset({"localhost", "127.0.0.1", "0.0.0.0", "::1"})  # noqa: S104 (names in a text)


@dataclass(frozen=True, slots=True)
class Reach:
    """The lab's ``doors``, each a pattern of host names (full match) and a port; ``local_ports`` answer on localhost.

    ``course`` are the Services of the course's own cluster and their ports, None for any: the lab may have fewer.
    """

    doors: Sequence[tuple[str, int]]
    local_ports: frozenset[int]
    course: Mapping[str, frozenset[int] | None] = field(default_factory=dict)

    def why_not(self, calls: Sequence[Call]) -> str:
        """Why a command cannot be replayed; empty if it can."""
        for call in calls:
            if any(PLACEHOLDER.search(word.text) for word in call.words):
                return "it holds a placeholder"
            reason = self._why_not_call(call)
            if reason:
                return reason
        return ""

    def _why_not_call(self, call: Call) -> str:
        if len(call.words) == 1 and "=" in call.words[0].text:
            return ""  # an assignment
        name, words = bare(call), call.argv[1:]
        inner = unwrapped(call)
        if inner is not None:
            return (
                self.why_not(inner)
                if inner
                else "an interactive shell in a pod: what follows in the text is typed into it"
            )
        reason = _missing_tool(name, call)
        if reason or name in _PLAIN:
            return reason
        return self.unknown_host(words)

    def unknown_host(self, words: Sequence[str]) -> str:
        """Why an address in these words leads nowhere in the lab; empty if none does."""
        for word in words:
            for host, port in [*_URL.findall(word), *_ADDRESS.findall(_URL.sub(" ", word))]:
                reason = self._why_not_host(host.lower().rstrip("."), int(port) if port else None)
                if reason:
                    return reason
        return ""

    def _why_not_host(self, host: str, port: int | None) -> str:
        if host in _LOCAL:
            there = port in self.local_ports
            return "" if there else f"the lab has nothing on localhost:{port if port is not None else 80}"
        ports = {number for pattern, number in self.doors if re.fullmatch(pattern, host)}
        if not ports:
            return f"the lab has no host {host}"
        theirs = self.course.get(host.partition(".")[0])
        if port not in ports and theirs is not None and (port or 80) in theirs:
            return f"the lab's {host} does not have the port {port or 80} of the course's"
        return ""


def bare(call: Call) -> str:
    """A program's name without folder and ``.sh``; of Kafka's tools and shells also as Windows has them."""
    return re.sub(r"\.(?:sh|bat|exe)$", "", call.name)


def unwrapped(call: Call) -> tuple[Call, ...] | None:
    """The commands that ``kubectl exec`` or ``run`` carries into a pod; none for a bare shell, None for other calls."""
    usage = understand(call)
    if usage is None or usage.tool != "kubectl" or usage.subcommand not in ("exec", "run"):
        return None
    words = usage.rest
    if not words:
        return None
    name = words[0].text.rpartition("/")[2]
    if name in _SHELLS and len(words) == 1:
        return ()
    if name in _SHELLS and len(words) > 2 and re.fullmatch(r"-\w*c", words[1].text):
        return script(words[2].text, words[2].line).calls
    return (Call(tuple(words)),)


def _missing_tool(name: str, call: Call) -> str:
    words = [word.text for word in call.words[1:]]
    first = next((word for word in words if not word.startswith("-")), "")
    if name == "kubectl":
        return f"of kubectl only what it runs in pods is replayed: kubectl {first}".rstrip()
    if name == "ksql":
        return "a console: the statements that follow in the text are typed into it"
    if name in ("hdfs", "hadoop") and first not in ("dfs", "fs"):
        return f"the lab has of {name} only the commands of hdfs dfs"
    if name in ("python", "python3"):
        return _why_not_python(words)
    if name == "tail" and any(re.fullmatch(r"-\w*[fF]\w*|--follow.*", word) for word in words):
        return "it follows a file"
    if name in _SHELLS and not words:
        return "an interactive shell"
    if name in _CLIENTS or name in _PLAIN or name.endswith(".py"):
        return ""
    return f"the lab has no {name}"


def _why_not_python(words: Sequence[str]) -> str:
    if not words:
        return "a console"
    if words[0] == "-m":
        module = words[1] if len(words) > 1 else ""
        if module in ("venv", "virtualenv", "ensurepip", "pip", "jupyter", "notebook"):
            return "the packages of the course's programs are installed beforehand"
    return ""


def only_looks(calls: Sequence[Call]) -> bool:
    """Whether a command changes nothing, so that it may be tried again until the lab has caught up."""
    return bool(calls) and all(_call_looks(call) for call in calls)


def _call_looks(call: Call) -> bool:
    inner = unwrapped(call)
    if inner is not None:
        return only_looks(inner)
    name, words = bare(call), call.argv[1:]
    if call.writes:
        return False
    if name == "curl":
        return not any(
            re.match(r"-X(?!GET)|-X$|--request|-d|--data|--json|-F|-T|-o|-O|--output", word) for word in words
        )
    if name in ("hdfs", "hadoop"):
        return bool(_LOOKS & set(words))
    if name in KAFKA:
        return bool({"--list", "--describe"} & set(words)) or name == "kafka-get-offsets"
    return name in ("grep", "head", "tail", "cat", "wc", "sort", "cut", "ls", "pwd", "echo")


def ends_soon(calls: Sequence[Call]) -> bool:
    """Whether it is known to come to an end by itself, however slow the machine is."""
    return bool(calls) and all(_call_ends(call) for call in calls)


def _call_ends(call: Call) -> bool:
    inner = unwrapped(call)
    if inner is not None:
        return ends_soon(inner)
    name = bare(call)
    if name == "kafka-console-consumer":
        return any(word.startswith(("--max-messages", "--timeout-ms")) for word in call.argv)
    return (name in KAFKA and name != "kafka-console-producer") or name in ("curl", "hdfs", "hadoop") or name in _PLAIN


def names_in(words: Sequence[Word]) -> set[str]:
    """What a command speaks of: words and parts of paths, options and addresses left out."""
    found: set[str] = set()
    for word in words[1:]:
        if not word.text.startswith("-"):
            text = _ADDRESS.sub(" ", _URL.sub(" ", word.text))
            found |= {part for part in re.split(r"[^\w.-]+", text) if len(part) > 3 and not part.isdigit()}
    return found


def forwards(course: Course) -> list[tuple[str, int, int]]:
    """The port-forwards that a course opens: name of the Service, local port, remote port."""
    found = []
    for step in course.steps:
        if step.usage is None or not step.is_a("kubectl", "port-forward") or len(step.usage.arguments) < 2:
            continue
        name = step.usage.arguments[0].text.rpartition("/")[2]
        for pair in step.usage.arguments[1:]:
            match = re.fullmatch(r"(?:(\d+):)?(\d+)", pair.text)
            if match:
                found.append((name, int(match[1] or match[2]), int(match[2])))
    return found
