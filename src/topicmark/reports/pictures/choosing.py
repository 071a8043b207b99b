"""Which pictures a task's evidence makes. Evidence is known by what it holds; what cannot be read makes none."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from topicmark.model import TaskResult
from topicmark.reports.pictures import groups, hdfs, lag, matrix, records
from topicmark.reports.pictures.picture import Picture

_MAKERS: Sequence[tuple[str, Callable[[Mapping[str, Any]], list[Picture]]]] = (
    ("down_s", records.of_outage),
    ("arrivals", records.of_arrivals),
    ("sensor_partitions", matrix.of_partitions),
    ("timeline", groups.of_timelines),
    ("lag_over_time", lag.of_restart),
    ("rows", matrix.of_streams),
    ("ranges", hdfs.of_files),
)


def pictures_of(task: TaskResult) -> list[Picture]:
    """The pictures of a task; none if its evidence has no picture, or was written by another version."""
    return list(_pictures(task.evidence))


def _pictures(evidence: Mapping[str, Any]) -> Iterator[Picture]:
    for part in evidence.values():
        if not isinstance(part, Mapping):
            continue
        for key, make in _MAKERS:
            if key in part:
                try:
                    yield from make(part)
                except (AttributeError, IndexError, KeyError, TypeError, ValueError):
                    pass  # the evidence is shown as data all the same
                break
