"""The terminal summary as a picture, for the README. Nothing in it is fetched from anywhere."""

from __future__ import annotations

import io
import zlib

from rich.console import Console
from rich.terminal_theme import TerminalTheme

from topicmark.model import RunResult
from topicmark.reports.terminal import WIDTH, summary
from topicmark.reports.text import clipped, one_line

_LONGEST_TITLE = 72

_THEME = TerminalTheme(
    background=(22, 24, 29),
    foreground=(220, 223, 228),
    normal=[
        (22, 24, 29),
        (255, 123, 114),
        (126, 211, 133),
        (240, 190, 90),
        (121, 184, 255),
        (210, 168, 255),
        (118, 214, 222),
        (220, 223, 228),
    ],
)

# rich's own template names a font on a foreign host; this one takes what the reader has.
_TEMPLATE = """\
<svg class="rich-terminal" role="img" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">
    <style>
    .{unique_id}-matrix {{
        font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", "Liberation Mono", monospace;
        font-size: {char_height}px;
        line-height: {line_height}px;
        font-variant-east-asian: full-width;
    }}
    .{unique_id}-title {{
        font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", "Liberation Mono", monospace;
        font-size: 17px;
    }}
    {styles}
    </style>
    <defs>
    <clipPath id="{unique_id}-clip-terminal">
      <rect x="0" y="0" width="{terminal_width}" height="{terminal_height}" />
    </clipPath>
    {lines}
    </defs>
    {chrome}
    <g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
    {backgrounds}
    <g class="{unique_id}-matrix">
    {matrix}
    </g>
    </g>
</svg>
"""


def svg(run: RunResult, command: str, *, verbose: int = 0) -> str:
    """The summary of ``run`` as an SVG of a terminal of 80 columns, titled with the ``command`` that was typed.

    The same run and command give the same text, whatever terminal and environment this runs in.
    """
    console = Console(
        record=True,
        width=WIDTH,
        file=io.StringIO(),
        force_terminal=True,
        color_system="truecolor",
        no_color=False,
        legacy_windows=False,
        _environ={},
    )
    console.print(summary(run, verbose=verbose))
    title = clipped(one_line(command), _LONGEST_TITLE)
    return console.export_svg(
        title=title,
        theme=_THEME,
        code_format=_TEMPLATE,
        unique_id=f"topicmark-{zlib.crc32(command.encode('utf-8', 'replace')):08x}",
    )
