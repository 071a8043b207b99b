"""The student's program, asked for a sum in the sandbox."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from topicmark.plugin import RUN
from topicmark.sandbox import Command, Sandbox, plain
from topicmark.scoring import Unmet
from topicmark.waiting import WaitExpired

ENDS_WITHIN_S = 30.0


class Sum:
    """Two numbers that nobody knew before this run, and what the program prints when it is given them."""

    def __init__(self, a: int, b: int, printed: str) -> None:
        self.wanted = str(a + b)
        self.printed = printed
        self.asked = f"python solution.py {a} {b} prints their sum"


@pytest.fixture
def ask(pytestconfig: pytest.Config, tmp_path: Path) -> Iterator[Callable[[int, int], Sum]]:
    run = pytestconfig.stash[RUN]
    with Sandbox(level=run.level, endpoints=(), folder=tmp_path) as sandbox:

        def asked(a: int, b: int) -> Sum:
            command = Command(["python3", "solution.py", str(a), str(b)])
            program = sandbox.start(command, run.submission.tree, "solution")
            try:
                program.wait(ENDS_WITHIN_S)
            except WaitExpired as expired:
                raise Unmet("a program that ends by itself", plain(program.tail())) from expired
            return Sum(a, b, plain(program.output()).strip())

        yield asked


@pytest.fixture
def number() -> Callable[[], int]:
    """Another one at each call, so that none is guessed."""
    return lambda: 1_000_000 + secrets.randbelow(1_000_000)
