"""Finds the producers and the consumer of a submission, by name or as ``submission.toml`` describes them."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Sequence
from pathlib import PurePosixPath

from topicmark.submission import groups
from topicmark.submission.artefacts import Consumer, Missing, Problem, Program
from topicmark.submission.families import family
from topicmark.submission.launch import launch
from topicmark.submission.manifest import Manifest, ProgramEntry
from topicmark.submission.placeholders import expand, holds
from topicmark.submission.sources import Sources, by_pattern, is_test
from topicmark.submission.words import listed

SENSORS = tuple("123456")
_RUN_WITH = {
    ".java": "command = \"sh -c 'javac -d out *.java && java -cp out:$CLASSPATH {stem}'\"",
    ".jar": 'command = ["java", "-jar", "{name}"]',
    ".js": 'command = ["node", "{name}"]',
    ".mjs": 'command = ["node", "{name}"]',
    ".ts": 'command = ["node", "{name}"]',
    ".sh": 'command = ["bash", "{name}"]',
    ".rb": 'command = ["ruby", "{name}"]',
    ".pl": 'command = ["perl", "{name}"]',
}
_CLIENTS = r"(?m)^\s*(?:from|import)\s+(?:kafka|confluent_kafka|aiokafka)\b"
_SPOKEN = (r"produc(?:er|e_|e\()", r"consum(?:er|e_|e\()")
_OTHER_LANGUAGES = (
    r".*{role}.*\.(?:java|jar|kt|kts|scala|groovy|clj|m?js|ts|go|rs|rb|cs|fs|php|c|cc|cpp|pl|ex|exs|r|sh|ipynb)"
)


def find_producers(
    sources: Sources, manifest: Manifest | None, remarks: list[str]
) -> tuple[tuple[Program, ...], Problem | Missing | None]:
    """The producers to run, and what is wrong if there are none."""
    entries = manifest.producers if manifest is not None else ()
    if not entries:
        found = find_files(sources, "producer", remarks)
        if isinstance(found, Problem | Missing):
            return (), found
        return tuple(_plain(sources, path, label) for path, label in zip(found, _labels(found), strict=True)), None
    programs: list[Program] = []
    assert manifest is not None
    for place, entry in enumerate(entries, 1):
        label = "producer" if len(entries) == 1 else f"producer-{place}"
        ready = _described(sources, manifest, entry, "producer", remarks)
        if isinstance(ready, Problem | Missing):
            return (), ready
        argv, workdir, env, _ = ready
        told = any(holds("sensor", text) for text in (*argv, *env.values(), *entry.files.values()))
        for sensor in SENSORS if told else (None,):
            known = {"sensor": sensor} if sensor else {}
            programs.append(
                Program(
                    label=f"{label}-{sensor}" if sensor else label,
                    argv=tuple(expand(part, known) for part in argv),
                    workdir=workdir,
                    env={name: expand(text, known) for name, text in env.items()},
                    files={path: expand(text, known) for path, text in entry.files.items()},
                    sensor=sensor,
                )
            )
    return tuple(programs), None


def find_consumer(
    sources: Sources, manifest: Manifest | None, remarks: list[str]
) -> tuple[Consumer | None, Problem | Missing | None]:
    """The consumer with the way to give it a group id, and what is wrong if there is none."""
    entry = manifest.consumer if manifest is not None else None
    if entry is None or manifest is None:
        found = find_files(sources, "consumer", remarks)
        if isinstance(found, Problem | Missing):
            return None, found
        start = launch(sources, found[0])
        argv, env = groups.templates(start.argv, start.env)
        return groups.consumer(sources, found[0], remarks, argv=argv, workdir=start.workdir, env=env, files={}), None
    ready = _described(sources, manifest, entry, "consumer", remarks)
    if isinstance(ready, Problem | Missing):
        return None, ready
    argv, workdir, env, path = ready
    if any(holds("group", text) for text in (*argv, *env.values(), *entry.files.values())):
        words = f"{manifest.path}:{entry.line} says"
        return Consumer(argv, workdir, env, entry.files, words, bare=entry.bare), None
    if path is None:
        remarks.append(
            f"{manifest.path}:{entry.line}: nothing in [consumer] takes the group id; put {{group}} where it goes."
        )
        return Consumer(argv, workdir, env, entry.files, "not at all: [consumer] has no {group}", bare=entry.bare), None
    return groups.consumer(sources, path, remarks, argv=argv, workdir=workdir, env=env, files=entry.files), None


def _described(
    sources: Sources, manifest: Manifest, entry: ProgramEntry, role: str, remarks: list[str]
) -> tuple[tuple[str, ...], str, dict[str, str], str | None] | Problem | Missing:
    """argv, working folder, environment (templates) of an entry, and its Python file if it can be told."""
    where = f"{manifest.path}:{entry.line}"
    workdir = entry.workdir if entry.workdir is not None else manifest.base
    if entry.workdir not in (None, ".") and not any(file.startswith(f"{entry.workdir}/") for file in sources.files):
        return Problem(where, f"the folder {listed([workdir])} is not in the submission.", "Correct workdir.")
    if entry.argv is not None:
        script = next((part for part in entry.argv if part.endswith(".py")), None)
        path = posixpath.normpath(posixpath.join(workdir, script)) if script else None
        if path is not None and path not in sources.files and not holds("sensor", path):
            if script == entry.argv[-1] or entry.argv[0].startswith("python"):
                what = f"{listed([path])} is not in the submission."
                return Problem(where, what, "Paths in command are relative to workdir.")
            path = None
        return entry.argv, workdir, dict(entry.env), path
    found = find_files(sources, role, remarks)
    if isinstance(found, Problem | Missing):
        return found
    if len(found) > 1:
        what = f"has no command, and several programs may be meant: {listed(found)}."
        return Problem(where, what, f"Write one [[{role}]] with a command for each.")
    start = launch(sources, found[0])
    argv, env = groups.templates(start.argv, start.env)
    if entry.workdir is not None:
        argv, env = groups.templates(("python", posixpath.relpath(found[0], workdir)), {})
        return argv, workdir, {**env, **entry.env}, found[0]
    return argv, start.workdir, {**env, **entry.env}, found[0]


def find_files(sources: Sources, role: str, remarks: list[str]) -> tuple[str, ...] | Problem | Missing:
    """The Python files that play ``role`` (``producer`` or ``consumer``); several only if they are a family."""
    other = "consumer" if role == "producer" else "producer"
    named = by_pattern(sources.visible, f".*{role}.*\\.py")
    own = [path for path in named if not is_test(path)] or named
    both = [path for path in own if other in PurePosixPath(path).name.lower()]
    single = [path for path in own if path not in both]
    programs = [path for path in single if path not in sources.imported]
    if not programs:
        programs = [path for path in single if _has_guard(sources, path)]
        if programs:
            remarks.append(f"{listed(programs)} is imported by another file and is still taken for the {role}.")
    if not programs and not own:
        programs = _by_what_they_do(sources, role)
        if len(programs) == 1 or (role == "producer" and programs and len(family(programs)) == len(programs)):
            remarks.append(f"no file is named *{role}*.py; {listed(programs)} is taken for the {role}.")
        elif programs:
            what = f"is one of {len(programs)} programs that may be the {role}: {listed(programs)}."
            return Problem(programs[0], what, _say_it(role, programs[0]))
    if not programs:
        return _nothing(sources, role, single, both)
    chosen = _choose(sources, role, programs, remarks)
    if isinstance(chosen, Problem):
        return chosen
    for path in chosen:
        error = sources.module(path).error
        if error is not None:
            line, what = error
            return Problem(f"{path}:{line}", f"{what}.", "Run it once yourself: python " + PurePosixPath(path).name)
    return chosen


def _by_what_they_do(sources: Sources, role: str) -> list[str]:
    """Programs of any name that reach a Kafka client by their imports, and speak of this role and not of the other."""
    spoken, other = _SPOKEN if role == "producer" else reversed(_SPOKEN)
    return [
        path
        for path in _programs_with_kafka(sources)
        if re.search(spoken, sources.module(path).text, re.IGNORECASE)
        and not re.search(other, sources.module(path).text, re.IGNORECASE)
    ]


def _programs_with_kafka(sources: Sources) -> list[str]:
    """Runnable files that reach a Kafka client by their imports and are named for nothing else."""
    return [
        path
        for path in by_pattern(sources.visible, r"(?!.*(?:producer|consumer|topic|exercise0?[2367])).*\.py")
        if path not in sources.imported
        and not is_test(path)
        and sources.module(path).is_runnable
        and any(re.search(_CLIENTS, module.text) for module in sources.follow(path))
    ]


def _say_it(role: str, path: str) -> str:
    return f'Say it in submission.toml: [{role}] command = ["python", "{path}"].'


def _has_guard(sources: Sources, path: str) -> bool:
    return "__main__" in sources.module(path).text and sources.module(path).is_runnable


def _choose(sources: Sources, role: str, programs: Sequence[str], remarks: list[str]) -> tuple[str, ...] | Problem:
    if len(programs) == 1:
        return tuple(programs)
    acting = [path for path in programs if sources.module(path).is_runnable] or list(programs)
    if role == "producer":
        together = family(acting)
        rest = [path for path in acting if path not in together]
        starts_them = any(PurePosixPath(path).name in sources.module(one).text for one in rest for path in together)
        if together and not starts_them and (not rest or len(together) >= 3):
            if rest:
                remarks.append(f"several producers; {listed(together)} are run, not {listed(rest)}.")
            return tuple(together)
        acting = rest or acting
    acting.sort(key=lambda path: (path.count("/"), len(PurePosixPath(path).name), path))
    others = [path for path in programs if path != acting[0]]
    if others:
        remarks.append(
            f"several {role}s; {listed(acting[:1])} is run, not {listed(others)}. submission.toml can say otherwise."
        )
    return (acting[0],)


def _nothing(sources: Sources, role: str, modules: Sequence[str], both: Sequence[str]) -> Problem | Missing:
    """Why no program was found, with the lines of ``submission.toml`` that would help."""
    if both:
        return Problem(
            both[0],
            f"is named as producer and consumer at once, so it is not clear how it is started as the {role}.",
            f'Say it in submission.toml: [{role}] command = ["python", "{both[0]}", …].',
        )
    if modules:
        return Problem(
            modules[0],
            f"is imported by another file, so it is a module and no program; there is no other *{role}*.py.",
            f'If it is the program, say so in submission.toml: [{role}] command = ["python", "{modules[0]}"].',
        )
    foreign = by_pattern(sources.visible, _OTHER_LANGUAGES.format(role=role))
    if foreign:
        path = PurePosixPath(foreign[0])
        line = _RUN_WITH.get(path.suffix.lower(), 'command = ["…", "{name}"]').format(name=path.name, stem=path.stem)
        folder = f'workdir = "{path.parent}"; ' if str(path.parent) != "." else ""
        return Problem(
            foreign[0],
            "is not Python, so it is not known how it is started.",
            f"Say it in submission.toml, below [{role}]: {folder}{line}",
        )
    others = _programs_with_kafka(sources)
    if others:
        what = f"talks to Kafka, but neither its name nor its words say that it is the {role} alone."
        return Problem(others[0], what, "If it is: s" + _say_it(role, others[0])[1:])
    return Missing(f"*{role}*.py, or [{role}] in submission.toml")


def _plain(sources: Sources, path: str, label: str) -> Program:
    start = launch(sources, path)
    return Program(label, start.argv, start.workdir, start.env)


def _labels(paths: Sequence[str]) -> list[str]:
    """``producer`` for one; otherwise ``producer-<stem>``, or with the folder where stems repeat."""
    if len(paths) == 1:
        return ["producer"]
    stems = [PurePosixPath(path).stem for path in paths]
    if len(set(stems)) < len(stems):
        stems = [path.removesuffix(".py") for path in paths]
    return ["producer-" + re.sub(r"[^A-Za-z0-9._-]+", "-", stem) for stem in stems]
