"""The one way to wait: what it returns, when it gives up, and what it then says."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable

import pytest

from topicmark.waiting import Deadline, WaitExpired, eventually, holds_for

SHORT_S = 0.05
AMPLE_S = 10.0


class _Flaky(Exception):
    pass


class _Died(Exception):
    pass


def counter() -> Callable[[], int]:
    """1, 2, 3, … with every look."""
    return itertools.count(1).__next__


def is_never(value: object) -> bool:
    return False


@pytest.mark.parametrize("wanted", [1, 2, 5])
def test_the_value_that_satisfies_is_returned(wanted: int) -> None:
    assert eventually(counter(), lambda n: n == wanted, within=AMPLE_S, describe="a number", pause_s=0.001) == wanted


def test_the_value_is_returned_as_it_is() -> None:
    value = {"offset": 7}
    assert eventually(lambda: value, lambda seen: "offset" in seen, within=AMPLE_S, describe="an offset") is value


def test_it_returns_at_once_when_it_is_so() -> None:
    began = time.monotonic()
    eventually(lambda: True, bool, within=AMPLE_S, describe="true")
    assert time.monotonic() - began < AMPLE_S / 2


def test_exceptions_to_retry_on_count_as_not_yet() -> None:
    look = counter()

    def observe() -> int:
        number = look()
        if number < 3:
            raise _Flaky(number)
        return number

    assert eventually(observe, bool, within=AMPLE_S, describe="calm", retry_on=(_Flaky,), pause_s=0.001) == 3


def test_subclasses_of_exceptions_to_retry_on_count_too() -> None:
    looks = iter([ConnectionRefusedError(), "up"])

    def observe() -> str:
        seen = next(looks)
        if isinstance(seen, Exception):
            raise seen
        return str(seen)

    found = eventually(observe, bool, within=AMPLE_S, describe="up", retry_on=(OSError,), pause_s=0.001)
    assert found == "up"


def test_any_other_exception_goes_through_at_once() -> None:
    look = counter()

    def observe() -> int:
        look()
        raise _Died

    with pytest.raises(_Died):
        eventually(observe, bool, within=AMPLE_S, describe="never", retry_on=(_Flaky,))
    assert look() == 2


def test_an_exception_of_until_goes_through() -> None:
    def until(value: int) -> bool:
        raise _Died(value)

    with pytest.raises(_Died):
        eventually(lambda: 1, until, within=AMPLE_S, describe="never")


def test_expiry_says_what_for_how_long_and_what_was_seen_last() -> None:
    look = counter()
    with pytest.raises(WaitExpired) as expired:
        eventually(look, is_never, within=SHORT_S, describe="six sensors", pause_s=0.005)
    looks = look() - 1
    assert looks > 1
    assert expired.value.last == looks
    assert expired.value.describe == "six sensors"
    assert SHORT_S <= expired.value.waited_s < AMPLE_S
    assert f"s for six sensors; last seen: {looks}" in str(expired.value)
    assert str(expired.value).startswith("waited ")


def test_expiry_shows_the_exception_that_was_seen_last() -> None:
    looks = iter([3])

    def observe() -> int:
        for value in looks:
            return value
        raise _Flaky("no leader")

    with pytest.raises(WaitExpired) as expired:
        eventually(observe, is_never, within=SHORT_S, describe="a leader", retry_on=(_Flaky,), pause_s=0.005)
    assert isinstance(expired.value.last, _Flaky)
    assert "no leader" in str(expired.value)


def test_expiry_shows_the_value_if_it_came_after_an_exception() -> None:
    errors = iter([_Flaky("first")])

    def observe() -> str:
        for error in errors:
            raise error
        return "half"

    with pytest.raises(WaitExpired) as expired:
        eventually(observe, is_never, within=SHORT_S, describe="all", retry_on=(_Flaky,), pause_s=0.005)
    assert expired.value.last == "half"


def test_expiry_hides_how_it_waited() -> None:
    with pytest.raises(WaitExpired) as expired:
        eventually(lambda: 0, bool, within=0, describe="one")
    assert expired.value.__suppress_context__
    assert expired.value.__cause__ is None


@pytest.mark.parametrize("within", [0, 0.0, -1.0, Deadline(0.0)])
def test_without_a_budget_it_looks_once(within: float | Deadline) -> None:
    look = counter()
    with pytest.raises(WaitExpired) as expired:
        eventually(look, is_never, within=within, describe="never")
    assert look() == 2
    assert expired.value.last == 1
    assert expired.value.waited_s < AMPLE_S / 2


def test_without_a_budget_what_is_so_is_still_seen() -> None:
    assert eventually(lambda: "there", bool, within=0, describe="it") == "there"


def test_watch_aborts_the_wait() -> None:
    look, watched = counter(), counter()

    def watch() -> None:
        if watched() == 3:
            raise _Died("broker 2")

    began = time.monotonic()
    with pytest.raises(_Died, match="broker 2"):
        eventually(look, is_never, within=AMPLE_S, describe="a record", watch=watch, pause_s=0.001)
    assert time.monotonic() - began < AMPLE_S / 2
    assert look() == 3  # twice observed, the third time the watch came first


def test_what_watch_raises_is_never_not_yet() -> None:
    def watch() -> None:
        raise _Died("killed by signal 9")

    with pytest.raises(_Died, match="signal 9"):
        eventually(lambda: 1, is_never, within=AMPLE_S, describe="a miracle", retry_on=(_Died,), watch=watch)


def test_watch_comes_before_the_first_look() -> None:
    look = counter()

    def watch() -> None:
        raise _Died

    with pytest.raises(_Died):
        eventually(look, bool, within=0, describe="it", watch=watch)
    assert look() == 1


def test_several_waits_share_one_deadline() -> None:
    deadline = Deadline.after(0.1)
    began = time.monotonic()
    for what in ("first", "second", "third"):
        with pytest.raises(WaitExpired, match=what):
            eventually(lambda: 0, bool, within=deadline, describe=what)
    assert 0.1 <= time.monotonic() - began < AMPLE_S / 2
    assert deadline.passed


def test_the_last_pause_does_not_overrun_the_deadline() -> None:
    with pytest.raises(WaitExpired) as expired:
        eventually(lambda: 0, bool, within=SHORT_S, describe="it", pause_s=AMPLE_S)
    assert expired.value.waited_s < AMPLE_S / 2


def test_a_long_wait_survives_thousands_of_looks() -> None:
    wanted = 4000  # as many as a wait of a quarter of an hour has
    assert eventually(counter(), lambda n: n == wanted, within=AMPLE_S, describe="it", pause_s=0.0) == wanted


def test_a_wait_within_a_wait_can_be_retried() -> None:
    look = counter()

    def observe() -> int:
        return eventually(look, lambda n: n >= 3, within=0, describe="inner")

    assert eventually(observe, bool, within=AMPLE_S, describe="outer", retry_on=(WaitExpired,), pause_s=0.001) == 3


def test_a_deadline_counts_down_to_zero() -> None:
    deadline = Deadline.after(AMPLE_S)
    assert not deadline.passed
    assert AMPLE_S - 1 < deadline.left_s <= AMPLE_S
    past = Deadline.after(-1.0)
    assert past.passed
    assert past.left_s == 0.0


def test_what_holds_is_looked_at_for_the_whole_time() -> None:
    look = counter()
    began = time.monotonic()
    held, last = holds_for(look, lambda n: n > 0, seconds=SHORT_S, pause_s=0.01)
    assert held
    assert time.monotonic() - began >= SHORT_S
    assert last == look() - 1
    assert last > 1


def test_the_first_violation_ends_it_with_what_was_seen() -> None:
    began = time.monotonic()
    assert holds_for(counter(), lambda n: n < 3, seconds=AMPLE_S, pause_s=0.001) == (False, 3)
    assert time.monotonic() - began < AMPLE_S / 2


@pytest.mark.parametrize("so", [True, False])
def test_what_holds_for_no_time_is_looked_at_once(so: bool) -> None:
    look = counter()
    assert holds_for(look, lambda _: so, seconds=0) == (so, 1)
    assert look() == 2


def test_watch_aborts_what_must_hold() -> None:
    watched = counter()

    def watch() -> None:
        if watched() == 2:
            raise _Died

    with pytest.raises(_Died):
        holds_for(lambda: 1, bool, seconds=AMPLE_S, watch=watch, pause_s=0.001)


def test_an_exception_while_it_must_hold_goes_through() -> None:
    def observe() -> int:
        raise _Flaky

    with pytest.raises(_Flaky):
        holds_for(observe, bool, seconds=AMPLE_S)
