"""Records as they arrive, by partition; and the same while a broker is down."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from topicmark.reports.pictures.drawing import BAD, FAINT, GOOD, INK, SERIES, Sheet
from topicmark.reports.pictures.picture import Picture
from topicmark.reports.text import one_line

_MOST_SENSORS = 12
_MARKERS = "os^DvP"


def of_arrivals(seen: Mapping[str, Any]) -> list[Picture]:
    """From ``arrivals``: ``s``, ``partition`` and ``sensor`` of each record."""
    arrivals = seen["arrivals"]
    if not arrivals:
        return []
    partitions = sorted({int(one["partition"]) for one in arrivals})
    counts = Counter((_sensor(one), int(one["partition"])) for one in arrivals)
    sensors = sorted({sensor for sensor, _ in counts}, key=_by_number)
    last_s = max(float(one["s"]) for one in arrivals)
    told = (
        f"{len(arrivals)} records in {last_s:.1f} s, in partitions {', '.join(map(str, partitions))}, "
        f"of {len(sensors)} sensors."
    )

    def draw() -> str:
        sheet = Sheet(len(partitions) + 1.2)
        sheet.rows_named([f"partition {partition}" for partition in partitions])
        _dots(sheet, arrivals, {partition: row for row, partition in enumerate(partitions)}, sensors)
        sheet.axes.set_xlabel("seconds since the first record")
        sheet.axes.grid(axis="x")
        sheet.axes.legend(
            loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=6, frameon=False, title="sensor", labelcolor=INK
        )
        return sheet.svg(label=told)

    rows = [
        [sensor, *(str(counts[sensor, partition]) for partition in partitions)] for sensor in sensors[:_MOST_SENSORS]
    ]
    columns = ["sensor", *(f"partition {partition}" for partition in partitions)]
    return [Picture("Records as they arrived, by partition", told, columns, rows, draw)]


def of_outage(seen: Mapping[str, Any]) -> list[Picture]:
    """From ``brokers``, ``broker``, ``down_s``, ``up_again_s``, ``in_sync_s``, ``partitions`` and ``arrivals``."""
    broker, brokers = int(seen["broker"]), [int(one) for one in seen["brokers"]]
    down_s, up_s, sync_s = (float(seen[name]) for name in ("down_s", "up_again_s", "in_sync_s"))
    partitions, arrivals = [int(one) for one in seen["partitions"]], seen["arrivals"]
    refused = {int(partition): one_line(str(why)) for partition, why in seen["refused"].items()}
    meanwhile = Counter(int(one["partition"]) for one in arrivals if down_s < float(one["s"]) < up_s)
    told = f"Broker {broker} was down for {up_s - down_s:.1f} s. Meanwhile {sum(meanwhile.values())} records arrived."
    if refused:
        told += f" Writes to {len(refused)} of {len(partitions)} partitions were refused."

    def draw() -> str:
        names = [f"broker {one}" for one in brokers] + [f"partition {one}" for one in partitions]
        sheet = Sheet(len(names) + 0.2)
        sheet.rows_named(names)
        for row, one in enumerate(brokers):
            parts = [(0.0, sync_s)] if one != broker else [(0.0, down_s), (up_s, sync_s - up_s)]
            sheet.axes.broken_barh(parts, (row - 0.32, 0.64), color=GOOD, alpha=0.35)
            if one == broker:
                sheet.axes.broken_barh(
                    [(down_s, up_s - down_s)], (row - 0.32, 0.64), facecolor="none", edgecolor=BAD, hatch="////"
                )
                sheet.write(up_s, row, " back")
                sheet.axes.annotate(
                    "down", (down_s, row), (4, 0), textcoords="offset points", va="center", color=INK,
                    bbox={"facecolor": "#000004", "edgecolor": "none", "pad": 1.5},
                )  # fmt: skip
        rows = {partition: len(brokers) + row for row, partition in enumerate(partitions)}
        _dots(sheet, arrivals, rows, None)
        for partition in refused:
            sheet.write(down_s, rows[partition], "\N{BALLOT X} writes refused", colour=BAD)
        for at in (down_s, up_s):
            sheet.axes.axvline(at, color=FAINT, linestyle=":", linewidth=1)
        sheet.axes.set_xlim(0, sync_s)
        sheet.axes.set_xlabel("seconds; a mark is a record that arrived")
        return sheet.svg(label=told)

    table = [[f"partition {one}", str(meanwhile[one]), refused.get(one, "taken")] for one in partitions]
    columns = ["", "records while it was down", "a write of the grader's"]
    return [Picture("Brokers and records during the outage", told, columns, table, draw)]


def _dots(
    sheet: Sheet, arrivals: Sequence[Mapping[str, Any]], rows: Mapping[int, int], sensors: Sequence[str] | None
) -> None:
    """A mark for each record; with ``sensors``, a kind of mark and a place in the row for each of them."""
    if sensors is None:
        known = [one for one in arrivals if int(one["partition"]) in rows]
        heights = [rows[int(one["partition"])] for one in known]
        sheet.axes.scatter([float(one["s"]) for one in known], heights, marker="|", s=70, color=SERIES[0])
        return
    for number, sensor in enumerate(sensors[:_MOST_SENSORS]):
        mine = [one for one in arrivals if _sensor(one) == sensor]
        offset = (number % _MOST_SENSORS - (min(len(sensors), _MOST_SENSORS) - 1) / 2) * 0.1
        sheet.axes.scatter(
            [float(one["s"]) for one in mine],
            [rows[int(one["partition"])] + offset for one in mine],
            marker=_MARKERS[number % len(_MARKERS)],
            s=16,
            color=SERIES[number % len(SERIES)],
            label=sensor,
        )


def _sensor(arrival: Mapping[str, Any]) -> str:
    sensor = arrival.get("sensor")
    return "?" if sensor is None else one_line(str(sensor))[:20]


def _by_number(sensor: str) -> tuple[int, str]:
    return (int(sensor), "") if sensor.isdecimal() and len(sensor) < 10 else (10**10, sensor)
