"""A class on many machines that fail, without the machines: who is graded where and when, from measured seconds.

Pure: the same seed gives the same answer. A submission takes the same seconds whichever machine grades it, as often as
it is begun; one whose machine fails is the next to be begun elsewhere. So nothing ends earlier than it would without
failures.
"""

from __future__ import annotations

import heapq
import math
import random
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum, auto


@dataclass(frozen=True, slots=True)
class Fleet:
    """Machines that are alike. Each fails by itself, ``fails_every_s`` after it came up in the mean (exponentially
    distributed; infinite: never), with all that it is at, and is back ``repair_s`` later."""

    nodes: int
    workers: int
    fails_every_s: float = math.inf
    repair_s: float = 0.0

    def __post_init__(self) -> None:
        if self.nodes < 1 or self.workers < 1 or self.fails_every_s <= 0 or self.repair_s < 0:
            raise ValueError(f"no such fleet: {self}")


@dataclass(frozen=True, slots=True)
class Outcome:
    """``ended`` says of each submission how often it was graded to the end, ``begun`` how often it was begun."""

    makespan_s: float
    useful_s: float
    wasted_s: float
    ended: Sequence[int]
    begun: Sequence[int]

    @property
    def retries(self) -> int:
        return sum(self.begun) - len(self.begun)

    @property
    def lost(self) -> int:
        return sum(count != 1 for count in self.ended)

    def utilisation(self, fleet: Fleet) -> float:
        """Of all that the fleet's workers could do until the end, what led to a verdict; 0 to 1."""
        return self.useful_s / (fleet.nodes * fleet.workers * self.makespan_s)


def drawn(measured_s: Sequence[float], count: int, seed: int) -> list[float]:
    """So many service times, each one of those that were measured (a bootstrap)."""
    return random.Random(seed).choices(measured_s, k=count)


class _Kind(Enum):
    ENDS = auto()
    FAILS = auto()
    RETURNS = auto()


@dataclass
class _Node:
    """``lives`` counts its failures: what was to end in an earlier life does not."""

    chance: random.Random
    lives: int = 0
    running: dict[int, float] = field(default_factory=dict)
    """When each was begun."""


def simulate(service_s: Sequence[float], fleet: Fleet, seed: int = 0) -> Outcome:
    """Grade submissions that take ``service_s`` each, in this order, on as many workers as the fleet has."""
    if not service_s or min(service_s) <= 0:
        raise ValueError("every submission takes some time, and there must be one")
    return _Simulation(service_s, fleet, seed).run()


class _Simulation:
    def __init__(self, service_s: Sequence[float], fleet: Fleet, seed: int) -> None:
        self.service_s, self.fleet = service_s, fleet
        self.nodes = [_Node(random.Random(f"{seed}/{number}")) for number in range(fleet.nodes)]
        self.waiting = deque(range(len(service_s)))
        self.free = deque(number for _ in range(fleet.workers) for number in range(fleet.nodes))
        self.events: list[tuple[float, int, _Kind, int, int, int]] = []
        self.planned = 0
        self.ended, self.begun = [0] * len(service_s), [0] * len(service_s)
        self.wasted_s = 0.0

    def run(self) -> Outcome:
        for number in range(self.fleet.nodes):
            self._plan_failure(0.0, number)
        now, left = 0.0, len(self.service_s)
        while left:
            self._begin(now)
            now, _, kind, number, life, submission = heapq.heappop(self.events)
            node = self.nodes[number]
            if kind is _Kind.FAILS:
                self._fail(now, number)
            elif kind is _Kind.RETURNS:
                self.free.extend([number] * self.fleet.workers)
                self._plan_failure(now, number)
            elif life == node.lives:
                del node.running[submission]
                self.ended[submission] += 1
                self.free.append(number)
                left -= 1
        return Outcome(now, sum(self.service_s), self.wasted_s, self.ended, self.begun)

    def _begin(self, now: float) -> None:
        while self.waiting and self.free:
            submission, number = self.waiting.popleft(), self.free.popleft()
            self.nodes[number].running[submission] = now
            self.begun[submission] += 1
            self._plan(now + self.service_s[submission], _Kind.ENDS, number, submission)

    def _fail(self, now: float, number: int) -> None:
        node = self.nodes[number]
        self.wasted_s += sum(now - began for began in node.running.values())
        self.waiting.extendleft(sorted(node.running, reverse=True))
        node.running.clear()
        node.lives += 1
        self.free = deque(one for one in self.free if one != number)
        self._plan(now + self.fleet.repair_s, _Kind.RETURNS, number)

    def _plan_failure(self, now: float, number: int) -> None:
        if math.isfinite(self.fleet.fails_every_s):
            after_s = self.nodes[number].chance.expovariate(1 / self.fleet.fails_every_s)
            self._plan(now + after_s, _Kind.FAILS, number)

    def _plan(self, at: float, kind: _Kind, number: int, submission: int = -1) -> None:
        self.planned += 1  # events of one instant come in the order in which they were planned
        heapq.heappush(self.events, (at, self.planned, kind, number, self.nodes[number].lives, submission))
