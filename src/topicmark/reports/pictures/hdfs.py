"""Files in HDFS as ranges of offsets, with what is missing and what is there twice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from topicmark.reports.pictures.drawing import BAD, FAINT, INK, SERIES, Sheet
from topicmark.reports.pictures.picture import Picture

Range = tuple[int, int]
"""From, until: the end is the first offset that is not in it."""


def of_files(seen: Mapping[str, Any]) -> list[Picture]:
    """From ``ranges`` (first and last offset of each file, by partition), ``committed`` (by group and partition) and
    ``records_in_topic``."""
    ends = {int(partition): int(end) for partition, end in seen["records_in_topic"].items()}
    files = {
        int(partition): sorted((int(first), int(last) + 1) for first, last in each)
        for partition, each in seen["ranges"].items()
    }
    if not ends:
        return []
    committed = {p: max((int(by.get(str(p), 0)) for by in seen["committed"].values()), default=0) for p in ends}
    partitions = sorted(ends)
    gaps = {p: gaps_of(files.get(p, []), committed[p]) for p in partitions}
    overlaps = {p: overlaps_of(files.get(p, [])) for p in partitions}
    wrong = [f"partition {p} lacks offsets {_told(gaps[p])}" for p in partitions if gaps[p]]
    wrong += [f"partition {p} has offsets {_told(overlaps[p])} twice" for p in partitions if overlaps[p]]
    count = sum(map(len, files.values()))
    told = f"{count} files. " + (
        f"{'; '.join(wrong)}." if wrong else "Up to the committed offsets every record is in one file."
    )

    def draw() -> str:
        sheet = Sheet(len(partitions) + 0.3)
        sheet.rows_named([f"partition {partition}" for partition in partitions])
        for row, partition in enumerate(partitions):
            _row(sheet, row, files.get(partition, []), gaps[partition], overlaps[partition])
            sheet.axes.plot([committed[partition]] * 2, [row - 0.45, row + 0.45], color=INK, linewidth=2)
            sheet.axes.plot([ends[partition]] * 2, [row - 0.45, row + 0.45], color=FAINT, linestyle=":", linewidth=1.5)
        sheet.axes.set_xlim(0, max(ends.values()) * 1.01 + 0.2)
        sheet.whole_numbers("x")
        sheet.axes.set_xlabel("offset; a box is a file, the line the committed offset, the dots the end of the topic")
        return sheet.svg(label=told)

    rows = [
        [str(p), str(len(files.get(p, []))), str(committed[p]), str(ends[p]), _told(gaps[p]), _told(overlaps[p])]
        for p in partitions
    ]
    columns = ["partition", "files", "committed", "end", "offsets in no file", "offsets in two files"]
    return [Picture("Files in HDFS by offset", told, columns, rows, draw)]


def _row(sheet: Sheet, row: int, files: Sequence[Range], gaps: Sequence[Range], overlaps: Sequence[Range]) -> None:
    for number, (start, end) in enumerate(files):
        sheet.axes.broken_barh(
            [(start, end - start)], (row - 0.32, 0.64), facecolor=SERIES[number % 2], edgecolor=INK, linewidth=0.6,
            alpha=0.45,
        )  # fmt: skip
    for ranges, hatch, word in ((gaps, "xxxx", "missing"), (overlaps, "////", "twice")):
        for start, end in ranges:
            sheet.axes.broken_barh(
                [(start, end - start)], (row - 0.32, 0.64), facecolor="none", edgecolor=BAD, hatch=hatch, linewidth=1.4
            )
            sheet.write((start + end) / 2, row - 0.02, word, middle=True)


def gaps_of(files: Sequence[Range], until: int) -> list[Range]:
    """What of the offsets below ``until`` is in none of the files, which are sorted."""
    found, reached = [], 0
    for start, end in files:
        if start > reached:
            found.append((reached, min(start, until)))
        reached = max(reached, end)
    if until > reached:
        found.append((reached, until))
    return [(start, end) for start, end in found if start < end]


def overlaps_of(files: Sequence[Range]) -> list[Range]:
    """What is in two of the files or more, which are sorted."""
    found: list[Range] = []
    reached = 0
    for start, end in files:
        if start < reached:
            found.append((start, min(end, reached)))
        reached = max(reached, end)
    return found


def _told(ranges: Sequence[Range]) -> str:
    told = [str(start) if end - start == 1 else f"{start}-{end - 1}" for start, end in ranges]
    return ", ".join(told[:5]) + (" …" if len(told) > 5 else "") if told else "none"
