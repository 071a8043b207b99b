"""Choosing the file of an artefact: the one that submission.toml names, or one of several that bear its name."""

from __future__ import annotations

import re
from collections.abc import Sequence

from topicmark.submission.artefacts import Missing, Problem
from topicmark.submission.manifest import FileEntry, Manifest
from topicmark.submission.sources import Sources, by_pattern
from topicmark.submission.words import listed


def one_of(
    sources: Sources, paths: Sequence[str], what: str, remarks: list[str], *, table: str, shallowest: bool = True
) -> str | Problem:
    """The only file, or the shallowest, or one of several with the same content; otherwise a ``Problem``.

    ``table`` is the table of ``submission.toml`` that would settle it. A choice among several leaves a remark.
    """
    if len(paths) == 1:
        return paths[0]
    ranked = sorted(paths, key=lambda path: (path.count("/"), path))
    alone = shallowest and ranked[0].count("/") < ranked[1].count("/")
    texts = {sources.text(path) for path in paths}
    if not alone and (len(texts) > 1 or None in texts):
        remedy = f'Keep one, or name it in submission.toml: [{table}] file = "{ranked[0]}".'
        return Problem(ranked[0], f"is one of {len(paths)} files that may be meant ({what}): {listed(ranked)}.", remedy)
    remarks.append(f"several files for {what}; {listed(ranked[:1])} is taken, not {listed(ranked[1:])}.")
    return ranked[0]


def named(sources: Sources, manifest: Manifest, entry: FileEntry) -> str | Problem:
    """The path that an entry of ``submission.toml`` names, if the file is there."""
    if entry.path in sources.files:
        return entry.path
    where = f"{manifest.path}:{entry.line}"
    same = [path for path in sources.files if path.lower() == entry.path.lower()]
    remedy = f"Did you mean {listed(same)}?" if same else f"Paths are relative to {manifest.path}."
    return Problem(where, f"the file {listed([entry.path])} is not in the submission.", remedy)


def missing(sources: Sources, looked_for: str, lines: str, remedy: str) -> Missing:
    """``Missing``; of a report (Markdown, text) with such ``lines``, a regular expression, with the ``remedy``.

    ``{file}`` stands in it for the report. That may be a solution written down, or the exercise's own text, which has
    such lines too and comes with a copy of the course's repository: so it is named and not taken.
    """
    for path in by_pattern(sources.visible, r".*\.(?:md|markdown|txt)"):
        if re.search(lines, sources.text(path) or "", re.IGNORECASE):
            return Missing(f"{looked_for}. {listed([path])} has such lines: {remedy.format(file=listed([path]))}")
    return Missing(looked_for)
