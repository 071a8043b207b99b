"""How a consumer takes its group id, found in its source as docs/hand-in.md says. Nothing is run."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping, Sequence
from dataclasses import replace

from topicmark.submission import options, surroundings
from topicmark.submission.artefacts import Consumer
from topicmark.submission.placeholders import escape
from topicmark.submission.sources import Sources
from topicmark.submission.ways import FIRST_ARGUMENT, GUESS, Way, called

MAX_ALTERNATIVES = 6


def ways(sources: Sources, path: str, remarks: list[str]) -> list[Way]:
    """The ways to give the program ``path`` a group id, best first; at least one.

    Options come first, then arguments with a name, environment variables, config files, a place in ``sys.argv``; the
    program itself before what it imports.
    """
    modules = sources.follow(path)
    found: list[Way] = []
    for module in modules:
        found += options.ways(module)
        found += surroundings.variables(module)
    found += surroundings.config_files(sources, modules)
    if not found and any(called(call) == "input" for module in modules for call in module.calls()):
        remarks.append(
            f"{path} asks for something on the keyboard; exercise 5 wants the group id as an argument, "
            "an environment variable or in a config file."
        )
    found.append(Way(GUESS, "the first argument (the source shows no other way)", ("{group}",)))
    ranked = sorted(found, key=lambda way: way.rank)
    distinct: dict[object, Way] = {}
    for way in ranked:
        distinct.setdefault(way.key, way)
    best = list(distinct.values())
    if best[0].rank == GUESS:
        return best
    return [way for way in best if way.rank <= FIRST_ARGUMENT] + [way for way in best if way.rank == GUESS]


def consumer(
    sources: Sources,
    path: str,
    remarks: list[str],
    *,
    argv: Sequence[str],
    workdir: str,
    env: Mapping[str, str],
    files: Mapping[str, str],
) -> Consumer:
    """The program ``path`` as a consumer. ``argv``, ``env`` and ``files`` are templates that lack a group id."""
    every = []
    for way in ways(sources, path, remarks)[: MAX_ALTERNATIVES + 1]:
        fixed = [escape(_seen_from(workdir, word)) if word in way.files else word for word in way.fixed]
        taken = Consumer(
            argv=(*argv, *fixed, *way.arguments),
            workdir=workdir,
            env={**env, **way.env},
            files={**files, **{_seen_from(workdir, file): text for file, text in way.files.items()}},
            way=way.words,
            bare=(*argv, *fixed) if way.arguments else None,
            original_files=bool(way.files),
        )
        every.append(taken)
    return replace(every[0], alternatives=tuple(every[1:]))


def templates(argv: Sequence[str], env: Mapping[str, str]) -> tuple[tuple[str, ...], dict[str, str]]:
    """A literal command line and environment as templates."""
    return tuple(map(escape, argv)), {name: escape(text) for name, text in env.items()}


def _seen_from(workdir: str, path: str) -> str:
    return posixpath.relpath(path, workdir or ".")
