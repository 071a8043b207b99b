"""The one way to wait: observe the world again and again under a deadline, on a monotonic clock.

No other module sleeps. ``eventually`` waits for something to become so, ``holds_for`` that something stays so.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import tenacity

T = TypeVar("T")

_FIRST_PAUSE_S = 0.02
_LONGEST_PAUSE_S = 0.25


class WaitExpired(Exception):
    """A wait ran out. ``last`` is what was seen last (or the exception that observing raised)."""

    def __init__(self, describe: str, waited_s: float, last: object) -> None:
        super().__init__(f"waited {waited_s:.1f} s for {describe}; last seen: {last!r}")
        self.describe = describe
        self.waited_s = waited_s
        self.last = last


@dataclass(frozen=True, slots=True)
class Deadline:
    """A moment on the monotonic clock. Several waits may share one budget."""

    at: float

    @classmethod
    def after(cls, seconds: float) -> Deadline:
        return cls(time.monotonic() + seconds)

    @property
    def left_s(self) -> float:
        return max(0.0, self.at - time.monotonic())

    @property
    def passed(self) -> bool:
        return time.monotonic() >= self.at


def eventually(
    observe: Callable[[], T],
    until: Callable[[T], bool],
    *,
    within: float | Deadline,
    describe: str,
    retry_on: tuple[type[BaseException], ...] = (),
    watch: Callable[[], None] | None = None,
    pause_s: float = _FIRST_PAUSE_S,
) -> T:
    """Observe until the value satisfies ``until``; return that value.

    ``within`` is seconds or a shared deadline. Exceptions of the types in ``retry_on`` count as "not yet".
    ``watch`` runs before each observation and raises if what is waited for can no longer happen
    (a service died, a program ended): that is never "not yet". Observes at least once. Raises ``WaitExpired`` at the
    deadline.
    """
    deadline = within if isinstance(within, Deadline) else Deadline.after(within)
    started = time.monotonic()
    last: list[object] = [None]

    def attempt() -> T:
        value = observe()
        last[0] = value
        if not until(value):
            raise _NotYet
        return value

    def stop(_: tenacity.RetryCallState) -> bool:
        return deadline.passed

    def pause(state: tenacity.RetryCallState) -> float:
        step = min(pause_s * 1.3 ** min(state.attempt_number - 1, 60), max(pause_s, _LONGEST_PAUSE_S))
        return min(step, deadline.left_s + 0.001)

    retrying = tenacity.Retrying(
        retry=tenacity.retry_if_exception_type((_NotYet, *retry_on)),
        stop=stop,
        wait=pause,
        sleep=tenacity.sleep_using_event(threading.Event()),
        before=lambda _: watch() if watch is not None else None,
    )
    try:
        return retrying(attempt)
    except tenacity.RetryError as error:
        cause = error.last_attempt.exception()
        seen = last[0] if isinstance(cause, _NotYet) else cause
        raise WaitExpired(describe, time.monotonic() - started, seen) from None


def holds_for(
    observe: Callable[[], T],
    holds: Callable[[T], bool],
    *,
    seconds: float,
    watch: Callable[[], None] | None = None,
    pause_s: float = 0.05,
) -> tuple[bool, T]:
    """Whether ``holds`` stays true of what is observed for ``seconds``; with it the value that decided.

    Returns at the first violation. ``watch`` as in ``eventually``.
    """
    deadline = Deadline.after(seconds)
    pause = threading.Event()
    while True:
        if watch is not None:
            watch()
        value = observe()
        if not holds(value):
            return False, value
        if deadline.passed:
            return True, value
        pause.wait(min(pause_s, deadline.left_s + 0.001))


class _NotYet(Exception):
    pass
