"""Tables of numbers with those marked that do not belong: sensors by stream, and sensors by partition."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from topicmark.reports.pictures.drawing import BAD, FAINT, GOOD, INK, Sheet
from topicmark.reports.pictures.picture import Picture
from topicmark.reports.text import one_line

_MOST = 12


def of_streams(seen: Mapping[str, Any]) -> list[Picture]:
    """From ``rows``: by stream, how many rows are of which sensor (``?``: nobody can tell)."""
    rows = {one_line(str(stream)): counts for stream, counts in list(seen["rows"].items())[:_MOST]}
    if not rows:
        return []
    found = {one_line(str(sensor))[:20] for counts in rows.values() for sensor in counts}
    sensors = sorted(found | {str(number) for number in range(1, 7)}, key=lambda one: (len(one), one))[:_MOST]

    def strays(stream: str, sensor: str) -> bool:
        return not stream.endswith(f"_{sensor}")

    wrong = [
        f"{stream} holds {counts[sensor]} of sensor {sensor}"
        for stream, counts in rows.items()
        for sensor in sensors
        if counts.get(sensor) and strays(stream, sensor)
    ]
    empty = [stream for stream, counts in rows.items() if not any(counts.values())]
    told = f"Strays: {'; '.join(wrong)}." if wrong else "No stream holds a record of another sensor."
    told += f" Empty: {', '.join(empty)}." if empty else ""
    return [_matrix("Which sensor's records are in which stream", told, "stream", "sensor", rows, sensors, strays)]


def of_partitions(seen: Mapping[str, Any]) -> list[Picture]:
    """From ``sensor_partitions``: by sensor, how many records lie in which partition."""
    counted = {one_line(str(sensor))[:20]: counts for sensor, counts in list(seen["sensor_partitions"].items())[:_MOST]}
    if not counted:
        return []
    partitions = sorted({str(partition) for counts in counted.values() for partition in counts}, key=int)[:_MOST]
    split = [sensor for sensor, counts in counted.items() if len(counts) > 1]
    told = (
        f"The records of {len(split)} sensors lie in several partitions: {', '.join(split)}."
        if split
        else "All records of a sensor lie in one partition."
    )
    rows = {f"sensor {sensor}": counts for sensor, counts in counted.items()}
    names = {f"sensor {sensor}" for sensor in split}
    title = "Where each sensor's records lie"
    return [_matrix(title, told, "sensor", "partition", rows, partitions, lambda row, _: row in names)]


def _matrix(
    title: str,
    told: str,
    row_name: str,
    column_name: str,
    rows: Mapping[str, Mapping[str, int]],
    columns: Sequence[str],
    wrong: Callable[[str, str], bool],
) -> Picture:
    def draw() -> str:
        sheet = Sheet(len(rows) + 0.4)
        sheet.rows_named(list(rows))
        sheet.axes.set_xticks(range(len(columns)), [f"{column_name} {column[:8]}" for column in columns])
        sheet.axes.set_xlim(-0.6, len(columns) - 0.4)
        sheet.axes.xaxis.tick_top()
        sheet.axes.tick_params(length=0)
        sheet.axes.spines[:].set_visible(False)
        for y, (row, counts) in enumerate(rows.items()):
            for x, column in enumerate(columns):
                count = int(counts.get(column, 0))
                stray = bool(count) and wrong(row, column)
                if count:
                    sheet.axes.broken_barh(
                        [(x - 0.46, 0.92)],
                        (y - 0.42, 0.84),
                        facecolor=BAD if stray else GOOD,
                        edgecolor=BAD if stray else "none",
                        linewidth=1.4,
                        alpha=0.3,
                    )
                text = f"{count} \N{BALLOT X}" if stray else str(count) if count else "\N{MIDDLE DOT}"
                sheet.write(x, y, text, colour=INK if count else FAINT, middle=True)
        return sheet.svg(label=told)

    table = [
        [
            row,
            *(f"{counts.get(one, 0)}{' (stray)' if counts.get(one) and wrong(row, one) else ''}" for one in columns),
        ]
        for row, counts in rows.items()
    ]
    return Picture(title, told, [row_name, *(f"{column_name} {one}" for one in columns)], table, draw)
