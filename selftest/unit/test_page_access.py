"""``report.html`` in a browser: axe-core finds nothing, in light and dark, on paper and on a phone."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from selftest.pages import RUNS
from topicmark.reports.page import Section, to_html

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed (the dev extra has it)")
Axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed").Axe
CHROMIUM = next(
    (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), ""
)
pytestmark = pytest.mark.skipif(not CHROMIUM, reason="there is no Chromium on this machine: apt-get install chromium")
SECTIONS = {"ex5": Section("Exercise 5 - Consume", "https://example.org/lecture#ex5", "2027-01-01 12:00 UTC")}


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


def opened(browser: Any, folder: Path, run: str, **more: Any) -> Any:
    """The page of a run, all folds opened; fails if it asks for anything else."""
    path = folder / "report.html"
    path.write_bytes(to_html(RUNS[run], sections=SECTIONS))
    page = browser.new_page(bypass_csp=True, **more)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(path.as_uri())
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    assert asked == [path.as_uri()]
    return page


@pytest.mark.parametrize("run", ["pictures", "infra", "hostile", "nothing"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(browser: Any, tmp_path: Path, run: str, scheme: str) -> None:
    page = opened(browser, tmp_path, run, color_scheme=scheme, viewport={"width": 1000, "height": 800})
    found = Axe().run(page).response["violations"]
    assert [(one["id"], one["nodes"][0]["html"][:200]) for one in found] == []


@pytest.mark.parametrize("run", ["pictures", "infra", "hostile"])
def test_on_a_phone_the_page_does_not_scroll_sideways(browser: Any, tmp_path: Path, run: str) -> None:
    page = opened(browser, tmp_path, run, viewport={"width": 360, "height": 700})
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= 360


def test_on_paper_it_is_black_on_white_though_the_screen_is_dark(browser: Any, tmp_path: Path) -> None:
    page = opened(browser, tmp_path, "pictures", color_scheme="dark")
    page.emulate_media(media="print")
    colours = page.evaluate("[getComputedStyle(document.body).color, getComputedStyle(document.body).backgroundColor]")
    assert colours == ["rgb(0, 0, 0)", "rgb(255, 255, 255)"]


def test_the_first_stop_of_the_keyboard_leads_to_the_result(browser: Any, tmp_path: Path) -> None:
    page = opened(browser, tmp_path, "pictures")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "#result"
