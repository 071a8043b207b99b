"""Which topics a client's mere use created, told from what brokers and controllers log: Kafka keeps no trace of it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

LOGGERS = ("kafka.server.DefaultAutoTopicCreationManager", "org.apache.kafka.controller.ReplicationControlManager")
"""What must be logged at INFO: the brokers' requests, and the controllers' answers."""
_SENT = re.compile(r"Sent auto-creation request for \w*Set\(([^)]*)\)")
_MADE = re.compile(r"CreatableTopic\(name='([\w.-]+)'[^\n]*?: (SUCCESS|[A-Z_]+ \()")


def made_by_use(lines: Iterable[str]) -> set[str]:
    """Topics whose latest creation answers a broker's own request, Kafka's internal ones left out; ``lines`` in the
    order of time.

    A broker asks for a topic that it does not know yet even if somebody has just made it: that request is refused, and
    does not count. It logs its request about when it sends it, so the line may come after the controller's; but each
    request gets one answer, a success or a refusal.
    """
    open_requests: Counter[str] = Counter()
    by_use: dict[str, bool] = {}
    for line in lines:
        for group in _SENT.findall(line):
            open_requests.update(name.strip() for name in group.split(","))
        for name, result in _MADE.findall(line):
            if result == "SUCCESS":
                by_use[name] = open_requests[name] > 0
            open_requests[name] = max(0, open_requests[name] - 1)
    return {name for name, so in by_use.items() if (so or open_requests[name]) and not name.startswith("__")}
