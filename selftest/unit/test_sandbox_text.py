"""Text from programs is safe to show, and nothing that matters is lost."""

from __future__ import annotations

import pytest

from topicmark.sandbox.text import plain


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ('{"id":1,"status":"it works"}', '{"id":1,"status":"it works"}'),
        ("\x1b[1;31mred\x1b[0m plain", "red plain"),
        ("\x1b]0;title\x07after", "after"),
        ("\x1b]8;;http://evil\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x1bP1$r\x1b\\x\x1b_apc\x1b\\y", "xy"),
        ("\x9b31mred", "red"),
        ("\x1b(Bx\x1bcy\x1b", "xy"),
        ("a\r\nb\rc\r\r\nd", "a\nb\nc\nd"),
        ("tab\tkept\x00\x07\x08", "tab\tkept"),
        ("\u202egnp.exe\u2066\u200b\u2028", "gnp.exe"),
        ("\x1b\x1b[31m[31mx", "[31mx"),
        ("é 日本 🎉", "é 日本 🎉"),
    ],
)
def test_plain(raw: str, shown: str) -> None:
    assert plain(raw) == shown


def test_an_unfinished_escape_takes_no_line_with_it() -> None:
    assert plain("\x1b]0;never closed\nnext line") == "\nnext line"


@pytest.mark.parametrize("piece", ["\x1b]0;", "\x1b[", "\x1b", "\x1b[1;", "\r", "\x9d" + "x" * 10])
def test_plain_takes_linear_time_and_leaves_no_escape(piece: str) -> None:
    assert "\x1b" not in plain(piece * 100_000)
