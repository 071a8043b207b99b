"""Who was in a consumer group, and owned which partition, when."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from topicmark.reports.pictures.drawing import FAINT, INK, SERIES, Sheet
from topicmark.reports.pictures.picture import Picture
from topicmark.reports.text import one_line

_SHORTEST_S, _LAST = 0.5, 0.15
_LETTER = 0.011
"""The width of a letter, as a part of the picture's."""


@dataclass(frozen=True, slots=True)
class _Spell:
    """A member's time with one assignment. ``settled``: the group was stable, so that no partition means idle."""

    member: str
    start_s: float
    end_s: float
    partitions: tuple[int, ...]
    settled: bool

    @property
    def told(self) -> str:
        if self.partitions:
            return ", ".join(map(str, self.partitions))
        return "idle" if self.settled else "joining"


def of_timelines(seen: Mapping[str, Any]) -> list[Picture]:
    """From ``timeline``: by group, its ``changes``: ``s``, ``state``, and the partitions of each of ``members``."""
    return [picture for group in seen["timeline"] for picture in _of_group(group)]


def _of_group(group: Mapping[str, Any]) -> Iterator[Picture]:
    spells = list(_spells(group["changes"]))
    if not spells:
        return
    name = one_line(str(group["group"]))
    members = sorted({spell.member for spell in spells}, key=lambda one: (len(one), one))
    until_s = max(spell.end_s for spell in spells)
    last = [spell for spell in spells if spell.end_s == until_s]
    each = "; ".join(f"{spell.member}: {spell.told}" for spell in last)
    told = f"Partitions at the end, by member: {each}."

    def draw() -> str:
        sheet = Sheet(len(members) + 0.3)
        sheet.rows_named(members)
        for spell in spells:
            _bar(sheet, spell, members.index(spell.member), until_s)
        sheet.axes.set_xlim(0, until_s)
        sheet.axes.set_xlabel("seconds since the consumers were started; in a bar: the partitions that the member owns")
        return sheet.svg(label=f"{name} {told}")

    rows = [[one.member, f"{one.start_s:.1f} s", f"{one.end_s:.1f} s", one.told] for one in spells]
    columns = ["member", "from", "until", "partitions"]
    yield Picture(f"Members of the group {name}", told, columns, rows, draw)


def _bar(sheet: Sheet, spell: _Spell, row: int, until_s: float) -> None:
    width = max(spell.end_s - spell.start_s, 0.02)
    box = (row - 0.36, 0.72)
    if spell.partitions:
        colour = SERIES[spell.partitions[0] % len(SERIES)]
        sheet.axes.broken_barh([(spell.start_s, width)], box, facecolor=colour, edgecolor=colour, alpha=0.4)
    else:
        hatch = "...." if spell.settled else ""
        sheet.axes.broken_barh(
            [(spell.start_s, width)], box, facecolor="none", edgecolor=FAINT, hatch=hatch, linestyle=":", alpha=0.7
        )
    if width / until_s > _LETTER * (len(spell.told) + 2):
        sheet.axes.annotate(
            spell.told, (spell.start_s, row), (4, 0), textcoords="offset points", va="center", color=INK
        )


def _spells(changes: Sequence[Mapping[str, Any]]) -> Iterator[_Spell]:
    """Observations side by side become spells; those of one assignment are joined. How long the last one lasted is
    not known: it is given some room."""
    open_spells: dict[str, _Spell] = {}
    if not changes:
        return
    last_s = float(changes[-1]["s"])
    for now, then in pairwise([*changes, {"s": last_s + max(_SHORTEST_S, _LAST * last_s)}]):
        settled = now["state"] == "Stable"
        for member in list(open_spells):
            if member not in now["members"]:
                yield open_spells.pop(member)
        for member, owned in now["members"].items():
            spell = _Spell(str(member), float(now["s"]), float(then["s"]), tuple(map(int, owned)), settled)
            before = open_spells.get(spell.member)
            if before is not None and (before.partitions, before.settled) == (spell.partitions, settled):
                spell = _Spell(spell.member, before.start_s, spell.end_s, spell.partitions, settled)
            elif before is not None:
                yield before
            open_spells[spell.member] = spell
    yield from open_spells.values()
