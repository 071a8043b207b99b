"""Text from a program, made safe to show: no terminal escapes, no control characters, no bidi overrides."""

from __future__ import annotations

import re

_ESCAPES = re.compile(
    r"""
      (?: \x1b\] | \x9d ) [^\x07\x1b\x9c\n]{0,4096} (?: \x07 | \x1b\\ | \x9c )?        # OSC: titles, links, clipboard
    | (?: \x1b[PX^_] | [\x90\x98\x9e\x9f] ) [^\x1b\x9c\n]{0,4096} (?: \x1b\\ | \x9c )?  # DCS, SOS, PM, APC
    | (?: \x1b\[ | \x9b ) [0-?]{0,64} [\x20-/]{0,16} [@-~]?                             # CSI: colours, cursor
    | \x1b [\x20-/]{0,16} [0-~]?                                                        # everything else
    """,
    re.VERBOSE,
)
# Control characters but tab and newline; zero-width and bidi characters, tags, separators, lone surrogates.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\U000e0000-\U000e007f\ud800-\udfff]"
)
_LINE_ENDS = re.compile(r"\r+\n?")


def plain(text: str) -> str:
    """The text as a person would read it: line ends are ``\\n``, a lone carriage return begins a new line.

    Never longer than ``text``. Recognition of records works on plain text as well as on the original.
    """
    return _INVISIBLE.sub("", _LINE_ENDS.sub("\n", _ESCAPES.sub("", text)))
