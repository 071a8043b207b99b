"""Values files of charts: keys that the chart knows."""

from __future__ import annotations

import difflib
from collections.abc import Iterator

from topicmark.course.findings import Edit, Finding, Severity, found
from topicmark.course.plan import Course
from topicmark.course.plan.cluster import cluster_of
from topicmark.course.plan.folders import meant
from topicmark.submission.yamltree import Table


def check(course: Course) -> Iterator[Finding]:
    """Keys at the top of a values file that its chart does not read."""
    seen: set[str] = set()
    for release in cluster_of(course).releases:
        usage = release.step.usage
        if usage is None or release.known is None or "keys" not in release.known:
            continue
        known = release.known["keys"].split()
        for given in usage.values("-f", "--values"):
            for path in meant(course.repository, release.step.folders, given.value or ""):
                file = next((each for each in course.judged_yaml if each.path == path), None)
                if file is None or path in seen:
                    continue
                seen.add(path)
                for node in file.documents:
                    for key in node.pairs if isinstance(node, Table) else ():
                        assert isinstance(node, Table)
                        if key in known:
                            continue
                        near = difflib.get_close_matches(key, known, 1, 0.75)
                        line = node.line_of(key)
                        what = f"the chart {release.chart} reads no value {key} ({release.known['versions']})"
                        edits = [Edit(line, f"{key}:", f"{near[0]}:")] if near else []
                        remedy = f"Is {near[0]} meant?" if near else "Take it out: what it says has no effect."
                        severity = Severity.MISLEADS if near else None
                        yield found("value-unknown", path, line, what, remedy, *edits, severity=severity)
