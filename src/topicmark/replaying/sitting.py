"""The sandbox in which a course is carried out: one for all of it, since a step finds what those before it left."""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from topicmark.course.replay import Ending
from topicmark.model import LabFault
from topicmark.sandbox import Command, Limits, Mount, Sandbox, plain
from topicmark.waiting import WaitExpired, eventually

_HERE = Path(__file__).parent
_OPT = Path("/opt/replay")
MOUNTS: Sequence[Mount] = (
    Mount(_HERE / "errands.py", _OPT / "errands.py"),
    Mount(_HERE / "bin" / "kubectl", _OPT / "bin" / "kubectl"),
)
PATH = (str(_OPT / "bin"),)
_LIMITS = Limits(
    wall_s=3600.0, memory_bytes=4096 * 2**20, processes=512, output_bytes=64 * 2**20, scratch_bytes=512 * 2**20
)
_SLACK_S = 30.0
_MOST_TYPED = 2000
"""Of 4095 characters that wait in a terminal for whoever reads."""


class Sitting:
    """Runs commands in one sandbox, in the files of ``tree``. Close it at the end.

    If the sandbox is ended by one of its limits, everything from there on is ``lost``.
    """

    def __init__(self, sandbox: Sandbox, tree: Path) -> None:
        self._mark = f"replay-{secrets.token_hex(16)}"
        command = Command(["env", "python3", str(_OPT / "errands.py"), self._mark])  # a command that starts others
        self._program = sandbox.start(command, tree, "replay", limits=replace(_LIMITS))
        self._read = 0
        self._rest = ""
        self._later: dict[int, Ending] = {}
        self._answer(_SLACK_S)

    def run(self, number: int, text: str, folder: str | None, within_s: float) -> Ending:
        """As ``Stage.run``."""
        order = {"number": number, "text": text, "folder": folder, "within_s": within_s}
        return self._ask(order, within_s + _SLACK_S)

    def ended_since(self) -> Mapping[int, Ending]:
        """As ``Stage.ended_since``."""
        if self._program.running:
            self._ask({}, _SLACK_S)
        return self._later

    def close(self) -> None:
        """End everything that still runs."""
        self._program.kill()

    def _ask(self, order: Mapping[str, Any], within_s: float) -> Ending:
        if not self._program.running:
            return self._gone()
        *parts, last = _parts(json.dumps(order))
        for part in parts:
            self._program.type(f"{part}+\n")
            if self._answer(_SLACK_S) is None:
                return self._gone()
        self._program.type(f"{last}\n")
        answer = self._answer(within_s)
        if answer is None:
            return self._gone()
        self._later |= {int(each["number"]): _ending(each) for each in answer.get("later", ())}
        return _ending(answer)

    def _answer(self, within_s: float) -> dict[str, Any] | None:
        """The next answer; None if the sandbox ended instead. Raises ``LabFault`` if none comes."""
        try:
            return eventually(
                self._next,
                lambda got: got is not None or not self._program.running,
                within=within_s,
                describe="an answer",
            )
        except WaitExpired as error:
            raise LabFault(f"the sandbox of the replay does not answer: {error}", service="sandbox") from error

    def _next(self) -> dict[str, Any] | None:
        text, self._read = self._program.output_since(self._read)
        self._rest += text
        *whole, self._rest = self._rest.split("\n")
        for place, line in enumerate(whole):
            head, _, body = line.rstrip("\r").partition(" ")
            if head == self._mark:
                self._rest = "\n".join([*whole[place + 1 :], self._rest])
                answer: dict[str, Any] = json.loads(body)
                return answer
        return None

    def _gone(self) -> Ending:
        how = self._program.exit
        return Ending(None, "", f"the sandbox of the replay ended ({how}): what comes after is not tried")


def _parts(order: str) -> list[str]:
    """An order in pieces that a terminal takes at once, never none."""
    text = base64.urlsafe_b64encode(order.encode()).decode()
    return [text[start : start + _MOST_TYPED] for start in range(0, len(text), _MOST_TYPED)]


def _ending(answer: Mapping[str, Any]) -> Ending:
    code = answer.get("code")
    return Ending(int(code) if code is not None else None, plain(str(answer.get("output", ""))).strip())
