"""A sheet to draw on with matplotlib, and the SVG that comes of it: small, and in the colours of the page.

matplotlib is imported when the first sheet is made: it takes half a second, and only a finished run draws.
"""

from __future__ import annotations

import io
import logging
import re
import zlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

from topicmark.reports.text import clipped

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_WIDTH_IN = 7.4
_MARGIN_IN = 0.75
_POINTS = 9
_LONGEST_NAME = 40

INK, FAINT, GRID, PAPER, GOOD, BAD = (f"#0000{number:02x}" for number in range(1, 7))
"""Stand for the page's colours, which differ in light and dark."""
SERIES = tuple(f"#0001{number:02x}" for number in range(6))
"""Told apart by people who see few colours, too; never the only sign."""

_VARIABLES = {
    **dict(zip((INK, FAINT, GRID, PAPER, GOOD, BAD), ("ink", "faint", "grid", "paper", "good", "bad"), strict=True)),
    **{colour: f"series-{number}" for number, colour in enumerate(SERIES)},
}
_COLOUR = re.compile("|".join(_VARIABLES))
_HEAD = re.compile(r"\A.*?(?=<svg)", re.DOTALL)
_METADATA = re.compile(r"\s*<metadata>.*?</metadata>", re.DOTALL)
_GROUP_NAME = re.compile(r'<g id="[^"]*"')
_SIZE = re.compile(
    r'(<svg[^>]*?) width="[^"]*"([^>]*?) height="[^"]*"|(<svg[^>]*?) height="[^"]*"([^>]*?) width="[^"]*"'
)
_FONT = re.compile(r"font: [^;\"]*")


class Sheet:
    """One picture of ``rows`` lines (each a third of an inch); ``axes`` are matplotlib's."""

    def __init__(self, rows: float) -> None:
        logging.getLogger("matplotlib").setLevel(logging.ERROR)  # it remarks on home folders that cannot be written to
        import matplotlib
        from matplotlib.figure import Figure

        self._settings: dict[str, Any] = {
            "svg.fonttype": "none",
            "font.family": "sans-serif",
            "font.size": _POINTS,
            "text.color": INK,
            "text.parse_math": False,  # a sensor's name may hold a dollar
            "axes.labelcolor": INK,
            "axes.edgecolor": FAINT,
            "axes.facecolor": "none",
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.axisbelow": True,
            "xtick.color": FAINT,
            "ytick.color": FAINT,
            "xtick.labelcolor": INK,
            "ytick.labelcolor": INK,
            "grid.color": GRID,
            "hatch.linewidth": 0.8,
            "figure.facecolor": "none",
            "savefig.facecolor": "none",
        }
        self._matplotlib = matplotlib
        with matplotlib.rc_context(self._settings):
            self._figure = Figure(figsize=(_WIDTH_IN, rows / 3 + _MARGIN_IN), layout="constrained")
            self.axes: Axes = self._figure.add_subplot()

    def rows_named(self, names: Sequence[str]) -> None:
        """One row from the top for each name; long ones are cut."""
        self.axes.set_yticks(range(len(names)), [clipped(name, _LONGEST_NAME) for name in names])
        self.axes.set_ylim(len(names) - 0.4, -0.6)
        self.axes.tick_params(axis="y", length=0)

    def whole_numbers(self, axis: Literal["x", "y"]) -> None:
        """Marks on an axis at whole numbers only."""
        from matplotlib.ticker import MaxNLocator

        (self.axes.xaxis if axis == "x" else self.axes.yaxis).set_major_locator(MaxNLocator(integer=True))

    def write(self, x: float, y: float, text: str, *, colour: str = INK, middle: bool = False) -> None:
        """Text that begins, or has its middle, at a place, and is cut off at the edges."""
        self.axes.text(
            x, y, text, color=colour, va="center", ha="center" if middle else "left", clip_on=True, fontsize=_POINTS - 1
        )

    def svg(self, *, label: str) -> str:
        """The picture. ``label`` is what is read out in its place; the same drawing gives the same text."""
        out = io.StringIO()
        salt = f"{zlib.crc32(label.encode('utf-8', 'replace')):08x}"
        with self._matplotlib.rc_context({**self._settings, "svg.hashsalt": salt}):
            self._figure.savefig(out, format="svg", metadata={"Date": None})
        text = _METADATA.sub("", _HEAD.sub("", out.getvalue()))
        text = _GROUP_NAME.sub("<g", text)
        text = _SIZE.sub(lambda found: "".join(filter(None, found.groups())), text, count=1)
        text = _FONT.sub(f"font-size: {_POINTS}px", text)
        text = _COLOUR.sub(lambda found: f"var(--{_VARIABLES[found.group()]})", text)
        return text.replace("<svg", '<svg role="img" aria-hidden="true" focusable="false"', 1)
