"""Hostile text made safe, and shell commands broken over lines."""

from __future__ import annotations

import re
import subprocess
import sys
import time
import unicodedata

import pytest

from topicmark.reports.text import clipped, one_line, shell_lines, visible

XML_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain é 界 🙂", "plain é 界 🙂"),
        ("\x1b[1;31mred\x1b[0m", "red"),
        ("\x1b]0;title\x07a\x1b]8;;http://x\x1b\\link", "alink"),
        ("\x1b[2J\x1b[H\x1bcgone", "gone"),
        ("\x1b\x1b[0m[31mtwice", "\\x1b[31mtwice"),
        ("\x1b]0;never ends", "\\x1b]0;never ends"),
        ("a\r\nb\rc\td\x00\x7f", "a\nb\nc    d\\x00\\x7f"),
        ("\u202egnp.exe\u2066\u200b\ufeff", "\\u202egnp.exe\\u2066\\u200b\\ufeff"),
        ("\udcff\ufffe", "\\udcff\\ufffe"),
        ("a" + "\u0301" * 50, "a\u0301\u0301"),
        ("##[error]x ##vso[task]", "# #[error]x # #vso[task]"),
        ("#\x1b[0m#[error]", "# #[error]"),
    ],
)
def test_visible(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_no_character_at_all_comes_through_that_acts_or_that_xml_forbids() -> None:
    shown = visible("".join(map(chr, range(sys.maxunicode + 1))))
    assert not XML_ILLEGAL.search(shown)
    kinds = {unicodedata.category(character) for character in set(shown) - {"\n"}}
    assert not kinds & {"Cc", "Cf", "Cs", "Cn", "Co", "Zl", "Zp"}


@pytest.mark.parametrize("piece", ["\x1b]", "\x1bP", "\x1b[", "\u0301", "\x9b0", "##["])
def test_visible_takes_linear_time(piece: str) -> None:
    started_s = time.perf_counter()
    visible(piece * 300_000)
    assert time.perf_counter() - started_s < 5


def test_one_line() -> None:
    assert one_line(" a\n\t b\u2028c \x1b[0m") == "a b\\u2028c"


def test_clipped_keeps_both_ends() -> None:
    assert clipped("short", 5) == "short"
    assert clipped("abcdefghij", 4) == "ab … 6 characters … ij"
    assert clipped("abc", 0) == " … 3 characters … "


COMMAND = (
    "kafka-consumer-groups.sh --bootstrap-server kafka:9092 --describe --group 'a b' --members --verbose -x \"c d\" "
    "e\\ f --not 'it is a rather long thing'"
)


def words_of_a_shell(command: str) -> str:
    """The words that a real shell makes of ``command``, one to a line."""
    script = f"set -- {command}\nprintf '%s\\n' \"$@\""
    return subprocess.run(["/bin/sh", "-c", script], capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize("width", [30, 40, 62, 200])
def test_a_command_on_several_lines_is_the_same_command(width: int) -> None:
    lines = shell_lines(COMMAND, width)
    assert all(len(line) <= width for line in lines)
    assert all(line.endswith(" \\") for line in lines[:-1])
    assert words_of_a_shell("\n".join(lines)) == words_of_a_shell(COMMAND)


def test_an_option_keeps_its_value_beside_it() -> None:
    assert shell_lines("consume --topic INGESTION --property print.key=true", 32) == [
        "consume --topic INGESTION \\",
        "  --property print.key=true",
    ]


def test_a_word_that_is_too_long_stays_whole() -> None:
    assert shell_lines("a " + "b" * 50 + " c", 20) == ["a \\", "  " + "b" * 50 + " \\", "  c"]
    assert shell_lines("  ", 20) == []
