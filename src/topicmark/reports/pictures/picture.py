"""What a picture is to the page that shows it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Picture:
    """``told`` is a sentence, ``columns`` and ``rows`` a table: both say what is to be seen, to whoever sees nothing.

    ``draw`` makes the SVG. Two pictures of the same content are equal, and draw the same.
    """

    title: str
    told: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    draw: Callable[[], str] = field(compare=False, repr=False)
