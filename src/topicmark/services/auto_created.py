"""Which topics a client's mere use created, told from what brokers and controllers log: Kafka keeps no trace of it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from topicmark.waiting import WaitExpired, eventually

LOGGERS = ("kafka.server.DefaultAutoTopicCreationManager", "org.apache.kafka.controller.ReplicationControlManager")
"""What must be logged at INFO: the brokers' requests, and the controllers' answers."""
_ANSWERED_S = 3.0
_SENT = re.compile(r"Sent auto-creation request for \w*Set\(([^)]*)\)")
_MADE = re.compile(r"CreatableTopic\(name='([\w.-]+)'[^\n]*?: (SUCCESS|[A-Z_]+ \()")


@dataclass(slots=True)
class _Life:
    """A topic from its creation on. Every request of a broker gets one answer, a success or a refusal."""

    asked_before: bool
    """Whether a broker's request was unanswered when the topic was made."""
    asked: int = 0
    refused: int = 0

    @property
    def by_use(self) -> bool:
        """A request that was not refused is the one that made the topic."""
        return self.asked_before or self.asked > self.refused


@dataclass(frozen=True, slots=True)
class Creations:
    """``by_use``: topics whose latest creation answers a broker's own request, Kafka's internal ones left out.
    ``pending``: whether a request is unanswered yet, so that this may change."""

    by_use: frozenset[str]
    pending: bool


def creations(lines: Iterable[str]) -> Creations:
    """What ``lines``, in the order of time, tell.

    A broker asks for a topic that it does not know yet even if somebody has just made it: that request is refused, and
    does not count. It logs its request once it is sent, so the line may come after that of the controller's answer.
    """
    unanswered: Counter[str] = Counter()
    lives: dict[str, _Life] = {}
    for line in lines:
        for group in _SENT.findall(line):
            for name in map(str.strip, group.split(",")):
                unanswered[name] += 1
                if name in lives:
                    lives[name].asked += 1
        for name, result in _MADE.findall(line):
            if result == "SUCCESS":
                lives[name] = _Life(asked_before=unanswered[name] > 0)
            elif name in lives:
                lives[name].refused += 1
            unanswered[name] -= 1
    by_use = {name for name, life in lives.items() if life.by_use and not name.startswith("__")}
    return Creations(frozenset(by_use), any(count > 0 for count in unanswered.values()))


def settled(read: Callable[[], Creations]) -> set[str]:
    """Topics that a client's mere use created, once every request is answered, or has been given time to be."""
    try:
        found = eventually(read, lambda seen: not seen.pending, within=_ANSWERED_S, describe="the controller's answer")
    except WaitExpired:
        found = read()
    return set(found.by_use)
