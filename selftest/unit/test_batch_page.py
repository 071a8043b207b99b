"""What a teacher reads of a class: tables, the page, reasons, progress; whatever students are called or wrote."""

from __future__ import annotations

import csv
import io
import re
from html.parser import HTMLParser

import pytest
from rich.console import Console

from selftest.made_up import HOSTILE, a_run, a_task, runs
from topicmark.batch import class_page, reasons, tables
from topicmark.batch.hand_ins import HandIn
from topicmark.batch.progress import ClassProgress
from topicmark.batch.verdicts import State, Verdict
from topicmark.model import Outcome


def graded(name: str, points: int, seen: str = "", **more: object) -> Verdict:
    outcome = Outcome.PASSED if points == 4 else Outcome.FAILED
    tasks = [a_task("ex1.1", outcome, points, 4, observed=seen), a_task("ex10.1", Outcome.PASSED, 2, 2)]
    return Verdict(name, State.GRADED, a_run(*tasks, submission=name, duration_s=30.0), **more)  # type: ignore[arg-type]


FAULT = Verdict(
    "di", State.FAULT, a_run(a_task("ex1.1", Outcome.INFRA, 0, 4), a_task("ex10.1", Outcome.PASSED, 2, 2)), "a disk"
)


class _Page(HTMLParser):
    """Tags, and the text of each cell of the map."""

    def __init__(self, page: bytes) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.kinds: list[str] = []
        self.targets: list[str] = []
        self.feed(page.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        self.tags.append(tag)
        if tag == "td" and (told.get("class") or "").startswith("cell "):
            self.kinds.append((told["class"] or "").removeprefix("cell "))
        if tag == "a":
            self.targets.append(told.get("href") or "")


def test_the_page_has_a_cell_for_each_hand_in_and_task() -> None:
    verdicts = [graded("anna", 4), graded("b o#", 1, "1 of 60"), FAULT, Verdict("ed", State.REFUSED, reason="no zip")]
    page = class_page.to_html(verdicts)
    seen = _Page(page)
    assert seen.kinds == ["passed", "passed", "partly", "passed", "infra", "passed", "not_run", "not_run"]
    assert "b%20o%23/report.html" in seen.targets
    assert not any(target.startswith(("di/", "ed/")) for target in seen.targets)
    text = page.decode()
    assert "2 of 4 hand-ins graded" in text
    assert "Median score 75 %" in text
    assert "To be run again: 1" in text
    assert "Cannot be read: 1" in text
    assert class_page.to_html(verdicts) == page


def test_scores_are_counted_in_tenths_and_bonus_is_none() -> None:
    bonus = a_run(a_task("ex1.1", Outcome.FAILED, 0, 4), a_task("ex8.1", Outcome.PASSED, 5, 5, bonus=True))
    verdicts = [graded("a", 4), graded("b", 4), graded("c", 1), Verdict("d", State.GRADED, bonus), FAULT]
    found = re.findall(r'<th scope="row">([^<]*%)</th><td class="number">(\d+)', class_page.to_html(verdicts).decode())
    assert [(label, count) for label, count in found if count != "0"] == [
        ("0 to 9 %", "1"), ("50 to 59 %", "1"), ("90 to 100 %", "2"),
    ]  # fmt: skip
    assert len(found) == 10


def test_nothing_that_a_student_wrote_is_markup_or_a_formula() -> None:
    verdicts = [
        Verdict(HOSTILE + str(number), State.GRADED, run, HOSTILE, twin_of=HOSTILE)
        for number, run in enumerate(runs(40))
    ]
    verdicts += [Verdict("=1+1", State.FAULT, reason=HOSTILE), Verdict("@x", State.REFUSED, reason=HOSTILE)]
    page = class_page.to_html(verdicts, [HOSTILE])
    assert not {"script", "img"} & set(_Page(page).tags)
    assert "\x1b" not in page.decode()
    assert "\u202e" not in page.decode()
    rows = list(csv.reader(io.StringIO(tables.class_csv(verdicts).decode(), newline="")))
    rows += csv.reader(
        io.StringIO(tables.review_csv([HandIn("=a", None, "", {"=e": {"+k": "-1"}})]).decode(), newline="")
    )  # type: ignore[arg-type]
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
    assert len({len(row) for row in rows[: len(verdicts) + 1]}) == 1


def test_an_empty_or_ungraded_class_has_a_page() -> None:
    assert "0 of 1 hand-ins graded" in class_page.to_html([Verdict("a", State.REFUSED, reason="x")]).decode()
    assert tables.class_csv([Verdict("a", State.REFUSED, reason="x")]).decode().count("\r\n") == 2


@pytest.mark.parametrize(
    ("seen", "masked"),
    [
        ("lost 3 of 60 records", "lost N of N records"),
        ("consumer.py ended with 1: “no broker”", "FILE ended with N: “…”"),
        ("src/mine/run.sh: it said 'x' at kafka:9092", "PATH: it said “…” at ADDRESS"),
        ("group g-4711a-bo9 has 2 members", "group NAME has N members"),
        ("members p1aaaaa, p2bbbbb, p3ccccc", "members …"),
        ("the topic's records don't arrive", "the topic's records don't arrive"),
        ("no leader", "no leader"),
    ],
)
def test_names_and_numbers_are_masked(seen: str, masked: str) -> None:
    assert reasons.masked(seen) == masked


def test_the_commonest_reason_comes_first() -> None:
    verdicts = [
        graded("a", 0, "no leader"),
        graded("b", 0, "3 of 60"),
        graded("c", 0, "9 of 60"),
        graded("d", 4),
        FAULT,
    ]
    first, second = reasons.commonest(verdicts)
    assert (first.task, first.masked, first.example, list(first.names)) == ("ex1.1", "N of N", "3 of 60", ["b", "c"])
    assert list(second.names) == ["a"]


def test_masking_takes_no_time_on_long_texts() -> None:
    for text in ("a/" * 50_000, "'" * 99_999, "1-" * 50_000, "x" * 100_000, "1, " * 40_000):
        assert len(reasons.masked(text)) < 400


@pytest.mark.parametrize("live", [False, True])
def test_progress_says_how_many_are_done_running_and_left(live: bool) -> None:
    said = io.StringIO()
    console = Console(file=said, width=120, force_terminal=live, highlight=False, markup=False)
    with ClassProgress(4, 2, console, live=live) as progress:
        progress.started(HandIn("anna", None))  # type: ignore[arg-type]
        progress.started(HandIn("bo", None))  # type: ignore[arg-type]
        assert progress.counted() == "0 of 4 done, 2 running, 2 left"
        progress.ended(graded("anna", 1))
        assert progress.counted().startswith("1 of 4 done, 1 running, 2 left, about ")
        progress.ended(Verdict("bo", State.FAULT, reason="\x1b[31ma disk"))
    lines = said.getvalue()
    assert "anna: Score 3 of 6" in lines
    assert "bo: not graded: a disk" in lines
    assert live or "\x1b" not in lines
