"""``report.html``: complete, self-contained, and nothing of a submission in it is anything but text."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

import pytest

from selftest.pages import (
    EVERY_PICTURE,
    FILES,
    FULL_MARKS,
    HOSTILE_RUN,
    INFRA,
    LONG,
    NOTHING,
    RUNS,
    STREAMS,
    TIMELINE,
    ZERO,
    a_run,
    a_task,
)
from topicmark.model import Outcome, RunResult
from topicmark.reports.page import Section, to_html
from topicmark.reports.pictures import pictures_of
from topicmark.reports.pictures.hdfs import gaps_of, overlaps_of

EVERY_RUN = pytest.mark.parametrize("run", RUNS.values(), ids=RUNS)
_VOID = {"meta", "br", "img", "hr", "link", "input"}


class Page(HTMLParser):
    """The elements and the text of a page. Raises ``AssertionError`` where an end tag ends something else."""

    def __init__(self, html: bytes) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self._open: list[str] = []
        self.feed(html.decode())
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in _VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] != "style":
            self.text += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


@EVERY_RUN
def test_a_page_is_one_file_without_scripts(run: RunResult) -> None:
    html = to_html(run)
    page = Page(html)
    tags = {tag for tag, _ in page.elements}
    assert tags.isdisjoint({"script", "iframe", "object", "embed", "link", "img", "form", "base"})
    for tag, attributes in page.elements:
        assert not [name for name in attributes if name.startswith("on")], tag
        for name in ("href", "src", "xlink:href"):
            assert (attributes.get(name) or "#").startswith("#"), (tag, attributes)
    assert b"url(http" not in html
    assert b"@import" not in html
    assert len(html) < 1_000_000


@EVERY_RUN
def test_ids_are_unique_and_links_lead_somewhere(run: RunResult) -> None:
    page = Page(to_html(run))
    ids = Counter(attributes["id"] for _, attributes in page.elements if "id" in attributes)
    assert [name for name, times in ids.items() if times > 1] == []
    assert {(link["href"] or "")[1:] for link in page.all("a")} <= set(ids)


@EVERY_RUN
def test_nothing_invisible_is_in_it(run: RunResult) -> None:
    text = to_html(run).decode()
    invisible = {c for c in text if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")} - {"\n"}
    assert invisible == set()


def test_what_is_hostile_is_shown_as_text() -> None:
    page = Page(to_html(HOSTILE_RUN))
    assert "<script>alert(1)</script>" in page.text
    assert "{{7*7}}" in page.text
    assert "\\u202e" in page.text


@EVERY_RUN
def test_the_same_run_gives_the_same_bytes(run: RunResult) -> None:
    assert to_html(run) == to_html(run)


def test_a_lost_task_says_what_to_do() -> None:
    failed = a_task(
        "ex5.4", Outcome.FAILED, 1, expected="no record twice", observed="60 of 60 twice",
        hint="The same group id?", look="kafka-topics.sh --list",
    )  # fmt: skip
    section = Section("Exercise 5 - Consume", "https://example.org/lecture#ex5", "2027-01-01 12:00 UTC")
    html = to_html(a_run(failed, a_task("ex5.1")), sections={"ex5": section})
    page = Page(html)
    for told in (
        "5 of 8 points", "no record twice", "60 of 60 twice", "The same group id?", "kafka-topics.sh --list",
        "./topicmark grade team-07 -k ex5.4", "./topicmark grade team-07", "./topicmark explain ex5.4",
        "Exercise 5 - Consume", "2027-01-01 12:00 UTC",
    ):  # fmt: skip
        assert told in page.text, told
    assert {"href": "https://example.org/lecture#ex5"} in page.all("a")


def test_the_folder_is_quoted_for_the_shell() -> None:
    assert "./topicmark grade 'team 07; ls'" in Page(to_html(a_run(submission="team 07; ls"))).text


def test_a_remark_on_a_command_stands_below_it() -> None:
    look = (
        "kafka-topics.sh --bootstrap-server kafka:9092 --describe --topic INGESTION  # then: stop a broker, and watch"
    )
    html = to_html(a_run(a_task("ex4.2", Outcome.FAILED, 0, look=look))).decode()
    command = "kafka-topics.sh --bootstrap-server kafka:9092 --describe \\\n  --topic INGESTION"
    assert f"<code>{command}\n# then: stop a broker, and watch</code>" in html


@pytest.mark.parametrize(
    ("run", "score"),
    [(FULL_MARKS, "12 of 12 points"), (ZERO, "0 of 8 points"), (NOTHING, "No score: nothing was graded")],
)
def test_the_score_is_in_the_title_and_on_the_page(run: RunResult, score: str) -> None:
    html = to_html(run).decode()
    assert f"<title>team-07: {score}</title>" in html
    assert f'<p class="score">{score}</p>' in html


def test_faults_and_what_was_not_graded_are_told() -> None:
    text = Page(to_html(INFRA)).text
    for told in ("Not your fault", "datanode ended", "Give it more memory.", "line 49", "the datanode died",
                 "no Flume agent handed in", "incomplete through a fault"):  # fmt: skip
        assert told in text, told


def test_long_outputs_are_folded_and_capped() -> None:
    html = to_html(LONG)
    assert len(html) < 100_000
    assert "What the program printed" in Page(html).text


# Pictures


def test_every_kind_of_evidence_has_its_picture() -> None:
    titles = {picture.title for task in EVERY_PICTURE.tasks for picture in pictures_of(task)}
    assert titles == {
        "Brokers and records during the outage",
        "Records as they arrived, by partition",
        "Where each sensor's records lie",
        "Members of the group g-1",
        "Lag until the consumer was stopped, and when it was started again",
        "Which sensor's records are in which stream",
        "Files in HDFS by offset",
    }


@pytest.mark.parametrize("task", EVERY_PICTURE.tasks, ids=lambda task: task.id)
def test_a_picture_is_well_formed_and_in_the_page_s_colours(task) -> None:
    (picture,) = pictures_of(task)
    drawn = picture.draw()
    root = ET.fromstring(drawn)
    assert root.get("viewBox")
    assert root.get("width") is None
    assert root.get("height") is None
    assert "var(--ink)" in drawn
    assert not re.search(r"#0000\d\d|#0001\d\d", drawn)
    assert all(len(row) == len(picture.columns) for row in picture.rows)


def test_strays_are_marked_in_picture_sentence_and_table() -> None:
    (picture,) = pictures_of(a_task("ex6.2", evidence={"streams": STREAMS}))
    assert picture.told == "Strays: SENSOR_ID_2 holds 12 of sensor 1. Empty: SENSOR_ID_3."
    assert picture.rows[1][1:3] == ["12 (stray)", "12"]
    assert "12 \N{BALLOT X}" in picture.draw()


def test_who_owned_what_and_who_was_idle() -> None:
    (picture,) = pictures_of(a_task("ex5.6", evidence={"group": {"timeline": TIMELINE}}))
    assert picture.told == "Partitions at the end, by member: member 1: 0, 1; member 3: idle."
    assert ["member 2", "4.0 s", "6.0 s", "1"] in [list(row) for row in picture.rows]
    assert ["member 2", "2.0 s", "4.0 s", "joining"] in [list(row) for row in picture.rows]


def test_gaps_and_overlaps_of_files() -> None:
    (picture,) = pictures_of(a_task("ex7.2", evidence={"records": FILES}))
    assert "partition 0 lacks offsets 3-5" in picture.told
    assert "partition 0 has offsets 8 twice" in picture.told
    assert picture.rows[1] == ["1", "2", "6", "9", "none", "none"]


@pytest.mark.parametrize(
    ("files", "until", "gaps", "overlaps"),
    [
        ([], 0, [], []),
        ([], 3, [(0, 3)], []),
        ([(0, 3), (3, 6)], 6, [], []),
        ([(0, 3), (5, 8)], 8, [(3, 5)], []),
        ([(0, 3), (5, 8)], 4, [(3, 4)], []),
        ([(0, 6), (2, 4), (3, 8)], 8, [], [(2, 4), (3, 6)]),
    ],
)
def test_ranges(files, until, gaps, overlaps) -> None:
    assert gaps_of(files, until) == gaps
    assert overlaps_of(files) == overlaps


@pytest.mark.parametrize(
    "evidence",
    [
        {"a": {"arrivals": 3}}, {"a": {"arrivals": []}}, {"a": {"arrivals": [{}]}}, {"rows": {}}, {"a": "rows"},
        {"a": {"timeline": [{"group": "g"}]}}, {"a": {"timeline": [{"group": "g", "changes": []}]}},
        {"a": {"ranges": {"0": [[1]]}}},
        {"a": {"rows": {"S": 3}}}, {"a": {"lag_over_time": []}}, {"a": {"down_s": None}},
    ],
)  # fmt: skip
def test_evidence_of_another_shape_makes_no_picture_and_breaks_nothing(evidence) -> None:
    task = a_task("ex4.3", evidence=evidence)
    assert pictures_of(task) == []
    assert b"The title of ex4.3" in to_html(a_run(task))


def test_a_picture_that_tasks_share_stands_once_at_the_one_that_lost_most() -> None:
    html = to_html(EVERY_PICTURE).decode()
    assert html.count("<strong>Which sensor&#39;s records are in which stream</strong>") == 1
    assert html.index('id="ex6.2"') < html.index("<strong>Which sensor&#39;s records are in which stream</strong>")


@pytest.mark.parametrize(
    ("run", "score", "cell"),
    [
        (a_run(a_task("ex5.1"), a_task("ex8.1", bonus=True)), "4 of 4 points and 4 bonus", "+4 bonus"),
        (a_run(a_task("ex8.1", bonus=True)), "4 bonus", "+4 bonus"),
        (a_run(a_task("ex8.1", Outcome.FAILED, 0, bonus=True)), "0 bonus", "+0 bonus"),
        (a_run(a_task("ex8.1", Outcome.NOT_RUN, 0, bonus=True)), "No score: nothing was graded", "\N{EN DASH}"),
    ],
)
def test_bonus_is_told_as_bonus(run: RunResult, score: str, cell: str) -> None:
    html = to_html(run).decode()
    heading = re.search(r"<h1>.*?</h1>\s*<p[^>]*>(.*?)</p>", html, re.DOTALL)
    assert heading is not None
    assert heading[1].startswith(score)
    assert f"<td>{cell}</td></tr>" in html
    assert "of 0" not in html
