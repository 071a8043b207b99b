"""How far a group is behind the end of the topic, over time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from topicmark.reports.pictures.drawing import FAINT, INK, SERIES, Sheet
from topicmark.reports.pictures.picture import Picture

_DASHES = ("-", "--", "-.", ":")


def of_restart(seen: Mapping[str, Any]) -> list[Picture]:
    """From ``lag_over_time``: ``s``, ``phase`` (``running``, ``stopped``, ``started again``), ``lag`` by partition."""
    looks = seen["lag_over_time"]
    if len(looks) < 2:
        return []
    partitions = sorted({int(partition) for look in looks for partition in look["lag"]})
    stopped = next((look for look in looks if look["phase"] == "stopped"), looks[-1])
    left = ", ".join(f"partition {p}: {_told(stopped['lag'].get(str(p)))}" for p in partitions)
    told = (
        f"When it was stopped its lag was {left}. While it was down {seen['fed_while_down']} records came; after the "
        f"restart {seen['lost']} of these were not shown, and {seen['repeated']} earlier ones were shown again."
    )

    def draw() -> str:
        sheet = Sheet(4)
        top = max((int(lag) for look in looks for lag in look["lag"].values() if lag is not None), default=0)
        for number, partition in enumerate(partitions):
            ending = {**looks[-1], "s": 1.1 * float(looks[-1]["s"])}
            known = [(float(one["s"]), one["lag"].get(str(partition))) for one in (*looks, ending)]
            sheet.axes.step(
                [at for at, lag in known if lag is not None],
                [int(lag) for _, lag in known if lag is not None],
                where="post",
                color=SERIES[number % len(SERIES)],
                linestyle=_DASHES[number % len(_DASHES)],
                linewidth=2,
                label=f"partition {partition}",
            )
        for look in looks:
            if look["phase"] != "running":
                sheet.axes.axvline(float(look["s"]), color=FAINT, linestyle=":")
                sheet.axes.annotate(
                    look["phase"], (float(look["s"]), max(top, 1)), (-3, 0), textcoords="offset points",
                    ha="right", va="top", color=INK, rotation=90,
                )  # fmt: skip
        sheet.axes.set_ylim(0, max(top, 1) * 1.1)
        sheet.whole_numbers("y")
        first_s, last_s = float(looks[0]["s"]), float(looks[-1]["s"])
        sheet.axes.set_xlim(first_s - 0.1 * (last_s - first_s), last_s + 0.1 * (last_s - first_s))
        sheet.axes.set_xlabel("seconds")
        sheet.axes.set_ylabel("lag (records)")
        sheet.axes.grid(axis="y")
        sheet.axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=3, frameon=False, labelcolor=INK)
        return sheet.svg(label=told)

    rows = [
        [f"{float(look['s']):.1f} s", str(look["phase"]), *(_told(look["lag"].get(str(p))) for p in partitions)]
        for look in looks
    ]
    columns = ["at", "consumer", *(f"lag of partition {partition}" for partition in partitions)]
    return [Picture("Lag until the consumer was stopped, and when it was started again", told, columns, rows, draw)]


def _told(lag: object) -> str:
    return "never committed" if lag is None else str(lag)
