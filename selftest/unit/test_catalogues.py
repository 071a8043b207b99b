"""The catalogues hold all that can be translated, and are compiled from their sources."""

from __future__ import annotations

import re

import pytest

from selftest import catalogues
from topicmark.model import TaskResult
from topicmark.reports.language import Language, languages
from topicmark.reports.page import to_html

EVERY = pytest.mark.parametrize("name", catalogues.files())
REMEDY = "run `python -m selftest.catalogues`, then translate what it adds to src/topicmark/locale"


def test_danish_is_shipped() -> None:
    assert languages() == ["da", "en"]


@EVERY
def test_every_text_is_translated_and_none_is_left_over(name: str) -> None:
    known = {str(one.id): one.string for one in catalogues.read(catalogues.files()[name]) if one.id}
    assert set(catalogues.texts()) - known.keys() == set(), REMEDY
    assert known.keys() - set(catalogues.texts()) == set(), REMEDY
    assert [text for text, told in known.items() if not told] == [], REMEDY


@EVERY
def test_places_for_numbers_are_kept(name: str) -> None:
    for one in catalogues.read(catalogues.files()[name]):
        if one.id:
            assert set(re.findall(r"{\w*}", str(one.id))) == set(re.findall(r"{\w*}", str(one.string))), one.id


@EVERY
def test_what_is_read_is_made_from_what_is_written(name: str) -> None:
    path = catalogues.files()[name]
    assert path.with_suffix(".mo").read_bytes() == catalogues.compiled(catalogues.read(path)), REMEDY


def test_a_report_in_danish(a_result: TaskResult) -> None:
    from selftest.pages import a_run

    html = to_html(a_run(a_result), language=Language("da")).decode()
    assert '<html lang="da">' in html
    assert "0 af 4 point" in html
    assert "<dt>Forventet</dt>" in html


def test_a_text_that_is_not_known_stays_as_it_is() -> None:
    assert Language("da").translate("no such text") == "no such text"
    assert Language("da").translate("") == ""


@pytest.fixture
def a_result() -> TaskResult:
    from selftest.pages import a_task
    from topicmark.model import Outcome

    return a_task("ex5.4", Outcome.FAILED, 0, expected="a", observed="b")
