"""``class.html`` in a browser: axe-core finds nothing, in light and dark; it fits a phone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from selftest.made_up import a_run, a_task
from selftest.unit.test_page_access import Axe, browser, pytestmark
from topicmark.batch.class_page import to_html
from topicmark.batch.verdicts import State, Verdict
from topicmark.model import Outcome

__all__ = ["browser", "pytestmark"]


@pytest.fixture
def page(tmp_path: Path) -> str:
    """The address of a class with everything that the page has words for."""
    most = {Outcome.PASSED: 4, Outcome.FAILED: 2}
    runs = [
        a_run(
            *[
                a_task(f"ex{n}.{m}", one, most.get(one, 0), 4, observed="3 of 60")
                for n in range(1, 8)
                for m in (1, 2, 3, 4)
            ]
        )
        for one in Outcome
    ]
    verdicts = [
        Verdict(f"student {n}", State.GRADED, run, twin_of="student 1" if n == 2 else "") for n, run in enumerate(runs)
    ]
    verdicts += [Verdict("x", State.REFUSED, reason="no zip"), Verdict("y", State.FAULT, reason="a disk")]
    path = tmp_path / "class.html"
    path.write_bytes(to_html(verdicts, ["list.txt"]))
    return path.as_uri()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_the_page_of_a_class(browser: Any, page: str, scheme: str) -> None:
    shown = browser.new_page(bypass_csp=True, color_scheme=scheme)
    shown.goto(page)
    found = Axe().run(shown).response["violations"]
    assert [(one["id"], one["nodes"][0]["html"][:200]) for one in found] == []


def test_the_page_of_a_class_fits_a_phone(browser: Any, page: str) -> None:
    shown = browser.new_page(viewport={"width": 360, "height": 700})
    shown.goto(page)
    assert shown.evaluate("document.documentElement.scrollWidth") <= 360
