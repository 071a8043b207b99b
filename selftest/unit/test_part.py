"""Tests that are divided are run all, in as many runs as there are parts."""

from __future__ import annotations

import pytest

from selftest.part import PART, is_chosen

NAMES = [f"selftest/system/test_corpus.py::test_it[{number}]" for number in range(600)]


def test_the_parts_make_up_the_whole_and_are_about_as_large() -> None:
    parts = [[name for name in NAMES if is_chosen(name, {PART: f"{part}/12"})] for part in range(1, 13)]
    assert sorted(name for part in parts for name in part) == sorted(NAMES)
    assert all(20 <= len(part) <= 80 for part in parts)


def test_without_a_part_it_is_the_whole() -> None:
    assert all(is_chosen(name, {}) for name in NAMES)


@pytest.mark.parametrize("told", ["0/12", "13/12", "twelve", "1/", ""])
def test_what_is_no_part_is_told(told: str) -> None:
    with pytest.raises(ValueError, match="the first of twelve parts is 1/12"):
        is_chosen("a", {PART: told})
