"""Text that came from a submission or a log, made safe to show: what it holds is data, never instructions.

Terminal escapes are taken out, every other invisible character (controls, bidirectional overrides, zero-width
characters, lone surrogates) is spelled out as ``\\x1b`` or ``\\u202e``, so that it can neither act nor hide.
"""

from __future__ import annotations

import re
import unicodedata

_ESCAPE_SEQUENCE = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]{0,64}[ -/]{0,8}[@-~]"  # CSI: colours, cursor
    r"|(?:\x1b\]|\x9d)[^\x07\x1b\x9c\n]{0,512}(?:\x07|\x1b\\|\x9c)"  # OSC: window titles, links, clipboard
    r"|\x1b[PX^_][^\x1b\n]{0,512}\x1b\\"  # DCS, SOS, PM, APC
    r"|\x1b[ -/]{1,4}[0-~]"  # character sets
    r"|\x1b[0-OQ-WYZ\\`-~]"  # two-character escapes
)
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_MARK = r"[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"
_STACKED_MARKS = re.compile(rf"({_MARK}{{2}}){_MARK}+")
_SPACES = re.compile(r"\s+")


class _Visible(dict[int, str]):
    """A table for ``str.translate`` that fills itself: code point to what is shown for it."""

    def __missing__(self, code_point: int) -> str:
        character = chr(code_point)
        shown = character
        if unicodedata.category(character) in _INVISIBLE:
            shown = character.encode("unicode_escape").decode("ascii")
        self[code_point] = shown
        return shown


_VISIBLE = _Visible({ord("\n"): "\n", ord("\t"): "    "})


def visible(text: str) -> str:
    """``text`` without terminal escapes and with every invisible character spelled out; lines end in ``\\n``.

    The result holds no character that XML 1.0 forbids, no command to a terminal, and none that Azure or GitHub
    runners look for anywhere in a line (``##[``, ``##vso[``). Those that only act at the beginning of a line
    (``::error::``) are the caller's: nothing of a submission may begin a line.
    """
    text = _ESCAPE_SEQUENCE.sub("", text).replace("\r\n", "\n").replace("\r", "\n")
    text = _STACKED_MARKS.sub(r"\1", text.translate(_VISIBLE))
    return text.replace("##[", "# #[").replace("##vso[", "# #vso[")


def one_line(text: str) -> str:
    """``visible`` text on one line, every run of white space a single space."""
    return _SPACES.sub(" ", visible(text)).strip()


def clipped(text: str, max_chars: int) -> str:
    """``text``, or its first and last part with a note in between of how many characters were left out.

    The end of a program's output says why it ended, so it is kept as well as the beginning.
    """
    if len(text) <= max_chars:
        return text
    head, tail = (max_chars + 1) // 2, max_chars // 2
    return f"{text[:head]} … {len(text) - head - tail} characters … {text[len(text) - tail :]}"


def shell_lines(command: str, width: int) -> list[str]:
    """A shell command over lines of at most ``width`` characters that can be copied as they are.

    Breaks only at blanks outside quotes and ends such a line with a backslash. A word that is longer than
    ``width`` stays whole.
    """
    lines: list[str] = []
    line = ""
    for word in _with_their_values(_words(command), width - 4):
        if not line:
            line = word
        elif len(line) + 1 + len(word) <= width - 2:
            line = f"{line} {word}"
        else:
            lines.append(f"{line} \\")
            line = f"  {word}"
    return [*lines, line] if line else lines


def _with_their_values(words: list[str], width: int) -> list[str]:
    """``--topic`` and ``INGESTION`` as one, so that no line ends between an option and its value."""
    joined: list[str] = []
    for word in words:
        option = joined[-1] if joined else ""
        is_value = option.startswith("-") and " " not in option and "=" not in option and not word.startswith("-")
        if is_value and len(option) + 1 + len(word) <= width:
            joined[-1] = f"{option} {word}"
        else:
            joined.append(word)
    return joined


def _words(command: str) -> list[str]:
    """The words of a command with their quotes, split at blanks outside quotes."""
    words: list[str] = []
    word, quote, escaped = "", "", False
    for character in command:
        if character.isspace() and not quote and not escaped:
            if word:
                words.append(word)
            word = ""
            continue
        word += character
        if escaped:
            escaped = False
        elif character == "\\" and quote != "'":
            escaped = True
        elif quote:
            quote = "" if character == quote else quote
        elif character in "'\"":
            quote = character
    return [*words, word] if word else words
