"""When a service does not come up: whether its settings do not work (a finding about the student) or we are at fault.

A service of a student's settings that ends, or never gets ready while Kafka is healthy, has usually said why in its
log. That line is what a student must read.
"""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from topicmark.model import LabFault
from topicmark.services.program_log import StartLog

_LOGGED = re.compile(r"^\d\d:\d\d:\d\d\.\d+ (\w+) \S+ (.*)$")
_THROWABLE = re.compile(r"^(?:Caused by: )?(?:[\w$]+\.)+[\w$]*(?:Exception|Error|Throwable)(?:: (.*))?$")
# A name that no DNS knows is logged as a warning; the error that follows only says that nothing was left to try.
_UNRESOLVED = re.compile(r"Couldn't resolve server .*")
_STUCK = re.compile(
    r".*(?:could not be established|Bootstrap broker .* disconnected|Cannot create topic|Expected 1 brokers).*"
)
_FATAL = re.compile(
    r"^.* ERROR .*(?:work thread, exiting|Stopping due to error|Failed to start Connect|died unexpectedly).*$",
    re.MULTILINE,
)
_CLIENT = re.compile(r"^\[[^\]]*clientId=[^\]]*\] ")
_OURS = re.compile(r"NoClassDefFoundError|UnsupportedClassVersionError|Address already in use|No space left on device")
# A client tries again within a second: by then it has found brokers that serve, if it ever will.
_GRACE_S = 4.0
_THRICE = 3
_OUT_OF_MEMORY = "ended with code 3"
"""How a JVM ends with ``ExitOnOutOfMemoryError``."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """``service`` will not serve with these settings. ``reason``: one line, the service's own words where it has
    any. ``log``: the end of its log."""

    service: str
    reason: str
    log: str = ""

    def __str__(self) -> str:
        return f"{self.service}: {self.reason}"


@dataclass(slots=True)
class SettingsJudge:
    """Judges one start of ``service`` by its log. ``kafka_ready``: whether the brokers serve; asked until they do."""

    service: str
    log: StartLog
    kafka_ready: Callable[[], bool]
    _ready_since: float | None = field(default=None, init=False)
    _stuck_before: int = field(default=0, init=False)

    def running(self) -> Refusal | None:
        """A refusal once the service has given up, though its process may linger, or when the brokers have served for
        a while and it still cannot reach them or make its topics there."""
        serves = self._kafka_serves()
        text = self.log.since_start()
        if serves and not _OURS.search(text) and (fatal := _FATAL.search(text)):
            return self._refusal(telling_line(text) or fatal.group(0))
        stuck = _STUCK.findall(text)
        if self._ready_since is None or time.monotonic() - self._ready_since < _GRACE_S:
            self._stuck_before = len(stuck)
        elif again := Counter(map(_message, stuck[self._stuck_before :])).most_common(1):
            message, times = again[0]
            # one of several addresses may be wrong: a client that complains thrice has found no other
            if times >= _THRICE:
                return self._refusal(message)
        return None

    def ended(self, how: str) -> Refusal:
        """The refusal of a service whose process ended. ``how``: ``ended with code 2``. Raises ``LabFault``."""
        text = self.log.since_start()
        reason = telling_line(text)
        if how == _OUT_OF_MEMORY and self._kafka_serves():
            # what answers there is no broker: a greeting of another protocol, read as a length, asks for gigabytes
            return self._refusal(reason or "it ran out of memory. Do its settings lead to a Kafka broker?")
        if "signal" in how or not reason or _OURS.search(text) or not self._kafka_serves():
            raise self._fault(f"the JVM {how}")
        return self._refusal(reason)

    def expired(self, waited: str) -> Refusal:
        """The refusal of a service that runs and is not ready in time. Raises ``LabFault`` if it does not complain."""
        complaint = telling_line(self.log.since_start()) or _last_complaint(self.log.since_start())
        if not complaint or not self._kafka_serves():
            raise self._fault(waited)
        return self._refusal(complaint)

    def _kafka_serves(self) -> bool:
        if self._ready_since is None and self.kafka_ready():
            self._ready_since = time.monotonic()
        return self._ready_since is not None

    def _refusal(self, reason: str) -> Refusal:
        return Refusal(self.service, _CLIENT.sub("", _message(reason)), self.log.tail())

    def _fault(self, reason: str) -> LabFault:
        return LabFault(
            reason, service=self.service, log=self.log.tail(), remedy="topicmark doctor tells what is missing."
        )


def telling_line(log: str) -> str:
    """The line of a log (``HH:mm:ss.SSS LEVEL logger: message``) that tells why the program gave up: an address that
    cannot be resolved, else the root cause of the error that ended it, or of its first one. Empty if there is none."""
    if found := _UNRESOLVED.search(log):
        return found.group(0).strip()
    fatal = _FATAL.search(log)
    message, cause = "", ""
    for line in log[fatal.start() if fatal else 0 :].splitlines():
        if logged := _LOGGED.match(line):
            if cause:
                break
            if logged.group(1) in ("ERROR", "FATAL") and not message:
                message = logged.group(2)
        elif message and (thrown := _THROWABLE.match(line)) and thrown.group(1):
            cause = thrown.group(1)
    return (cause or message).strip()


def _message(line: str) -> str:
    logged = _LOGGED.match(line)
    return logged.group(2) if logged else line


def _last_complaint(log: str) -> str:
    found = [line for line in map(_LOGGED.match, log.splitlines()) if line and line.group(1) in ("WARN", "ERROR")]
    return found[-1].group(2).strip() if found else ""
