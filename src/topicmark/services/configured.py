"""What Connect and the registry have in common: they run with a student's settings, which may not work."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from topicmark.services.process import ProcessService
from topicmark.services.refusal import Refusal, SettingsJudge
from topicmark.waiting import Deadline, WaitExpired, eventually

T = TypeVar("T")


class ConfiguredService(ProcessService):
    """A ``ProcessService`` of which it may become plain that it will never serve with its settings."""

    def _await_serving(
        self,
        ready: Callable[[int], T | None],
        *,
        listens_at: int,
        wanted_at: int,
        within: float | Deadline,
        kafka_ready: Callable[[], bool],
        describe: str,
    ) -> T | Refusal:
        """What ``ready`` makes of the port ``listens_at``, or why there will be nothing at the port ``wanted_at``.

        ``kafka_ready`` tells whether the brokers that it should use serve; what happens before they do is not held
        against the settings. Raises ``LabFault`` for what is no fault of the settings: the process was killed or could
        not start, or ``within`` (seconds) passes and it has nothing to say for itself.
        """
        judge = SettingsJudge(self.name, self._log, kafka_ready)

        def seen() -> T | Refusal | None:
            if (process := self._process) is None:
                raise self._fault("was not started")
            if how := process.exit_reason():
                return judge.ended(how)
            return ready(listens_at) or judge.running()

        answer: T | Refusal | None
        try:
            answer = eventually(seen, lambda answer: answer is not None, within=within, describe=describe, pause_s=0.05)
        except WaitExpired as error:
            answer = judge.expired(str(error))
        assert answer is not None
        if listens_at != wanted_at and not isinstance(answer, Refusal):
            told = f"{describe} listens on port {listens_at}; nothing answers on port {wanted_at}"
            return Refusal(self.name, told, self.logs())
        return answer
