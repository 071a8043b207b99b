"""The picture for the README: the same every time, nothing fetched from anywhere, well-formed."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import pytest

from topicmark.model import Outcome, RunResult, TaskResult
from topicmark.reports.picture import svg

HOSTILE = "</text><script>alert(1)</script>]]>&{{unique_id}}{styles} \x1b[31m\x00\u202e\ud800 [bold]x[/]"
RUN = RunResult(
    submission="team-07",
    backend="embedded",
    finished=True,
    tasks=(
        TaskResult("ex5.1", "ex5", "Shows every record", Outcome.PASSED, 4, 4),
        TaskResult("ex5.4", "ex5", HOSTILE, Outcome.FAILED, 0, 4, observed=HOSTILE, hint="Why?", look="ls"),
    ),
)


def test_it_is_the_summary_with_the_command_as_title() -> None:
    text = "".join(ET.fromstring(svg(RUN, "./topicmark grade -k ex5")).itertext()).replace("\u00a0", " ")
    assert "./topicmark grade -k ex5" in text
    assert "Shows every record" in text
    assert "Score 4 of 8" in text


def test_it_names_no_host_and_no_font_file() -> None:
    picture = svg(RUN, "c")
    assert re.findall(r"https?://[^\"' <]*", picture) == ["http://www.w3.org/2000/svg"]
    for forbidden in ("@font-face", "@import", "src:", "href", "<script", "url(http"):
        assert forbidden not in picture


@pytest.mark.parametrize("variable", ["NO_COLOR", "FORCE_COLOR", "COLUMNS", "TERM"])
def test_it_does_not_depend_on_the_environment(variable: str, monkeypatch: pytest.MonkeyPatch) -> None:
    first = svg(RUN, "c")
    monkeypatch.setenv(variable, "dumb" if variable == "TERM" else "40")
    assert svg(RUN, "c") == first


def test_ids_are_of_the_command_so_that_two_pictures_fit_on_one_page() -> None:
    ids = [set(re.findall(r'id="(topicmark-[0-9a-f]{8})', svg(RUN, command))) for command in ("a", "b")]
    assert len(ids[0]) == len(ids[1]) == 1
    assert ids[0] != ids[1]


def test_hostile_text_is_text() -> None:
    picture = svg(RUN, HOSTILE * 10)
    root = ET.fromstring(picture.encode("utf-8"))
    assert not [each for each in root.iter() if each.tag.endswith("script")]
    assert "\u202e" not in picture
