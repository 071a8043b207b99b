"""Workers of other machines: those of a Dask scheduler that somebody has started, each with a lab of its own.

Each run is pinned to the worker that is given it, so that who grades what, and what is tried again, is decided here as
it is for this machine; Dask brings bytes there and back, tells who is there, and shows it all on its dashboard.
"""

from __future__ import annotations

import contextlib
import logging
import secrets
import tempfile
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from topicmark.batch import remote
from topicmark.batch.hand_ins import HandIn
from topicmark.batch.remote import Introduction, Parcel, Returned, Rules
from topicmark.batch.store import Store
from topicmark.batch.turns import LONGEST_S, Ended
from topicmark.model import LabFault, SubmissionError, UsageError
from topicmark.submission.staging import stage
from topicmark.submission.unpacking import MAX_ARCHIVE_BYTES
from topicmark.waiting import Deadline, WaitExpired, eventually

if TYPE_CHECKING:
    from distributed import Client, Future

_ANSWER_S = 15.0
"""In which a scheduler answers, or a worker says who it is."""
_FIRST_WORKER_S = 30.0
_NEXT_WORKER_S = 300.0
"""How long a batch that has lost all workers waits for others."""
_RESULTS_S = 60.0
"""In which the files of a run come back."""
_ON_THE_WAY_S = 300.0
"""For a run's bytes, and for the worker to end one that takes too long."""
_LOOK_S = 0.25
_AGAIN = "What was graded is kept. Start it again; then the same command goes on where this ended."


@dataclass(frozen=True, slots=True)
class _Running:
    hand_in: HandIn
    worker: str
    future: Future
    remarks: Sequence[str]
    limit: Deadline


@contextlib.contextmanager
def connected(address: str) -> Iterator[Client]:
    """A client of the scheduler at ``tcp://HOST:PORT``. Raises ``UsageError`` if Dask is not installed or the address
    is none, ``LabFault`` if nobody answers."""
    try:
        from distributed import Client  # only who has a scheduler has it installed
    except ModuleNotFoundError as error:
        raise UsageError(
            f"--scheduler: {error.name} is not installed. Run: .venv/bin/pip install -e '.[dask]'"
        ) from None
    _hush()
    scheme, slashes, rest = address.partition("://")
    if scheme not in ("tcp", "tls") or not slashes or not rest.rpartition(":")[2].isdecimal():
        raise UsageError(f"--scheduler {address}: an address looks like tcp://HOST:8786.")
    try:
        client = Client(address, timeout=_ANSWER_S, set_as_default=False)
    except (OSError, ValueError) as error:
        raise LabFault(
            f"nobody answers at {address} ({type(error).__name__})",
            service="scheduler",
            remedy="Start one there: dask scheduler",
        ) from None
    with client:
        yield client


@dataclass
class Cluster:
    """``rules`` are those of here: a worker with others is not used. ``needed`` are paths that the options of
    ``command`` name. ``tell`` is told what a human should know, in one line."""

    store: Store
    client: Client
    command: Sequence[str]
    rules: Rules
    needed: Sequence[str] = ()
    tell: Callable[[str], None] = lambda line: None  # noqa: ARG005
    longest_s: float = LONGEST_S
    _known: dict[str, str] = field(default_factory=dict)
    """The process at each address that can be used; empty if it cannot."""
    _told: Sequence[str] = ()
    _running: list[_Running] = field(default_factory=list)

    def require_workers(self) -> None:
        """Raises ``UsageError`` if any of them grades otherwise than is done here, ``LabFault`` if nobody is there."""
        with contextlib.suppress(WaitExpired):
            eventually(
                self._addresses, bool, within=_FIRST_WORKER_S, describe="a worker", watch=self._require_scheduler,
                pause_s=_LOOK_S,
            )  # fmt: skip
        addresses = self._addresses()
        if not addresses:
            remedy = "Start some, on each machine: dask worker ADDRESS --nthreads 1"
            raise LabFault("it has no workers", service="scheduler", remedy=remedy)
        complaints = [complaint for address in addresses if (complaint := self._meet(address))]
        if complaints:
            raise UsageError("; ".join(complaints))

    def present(self) -> Sequence[str]:
        self._told = self._usable()
        return self._told

    def begin(self, hand_in: HandIn, worker: str) -> None:
        try:
            files, remarks = _packed(hand_in)
        except (SubmissionError, OSError):
            files, remarks = {}, ()  # the run is to say what is wrong
        parcel = Parcel(
            self._known[worker], hand_in.path.resolve().name, hand_in.path.is_dir(), files, self.command, self.longest_s
        )
        key = f"grade-{secrets.token_hex(8)}"  # its first word is what the dashboard calls it
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Sending large graph", UserWarning)  # a hand-in is one piece
            future = self.client.submit(remote.grade, parcel, key=key, workers=[worker], pure=False)
        limit = Deadline.after(self.longest_s + _ON_THE_WAY_S)
        self._running.append(_Running(hand_in, worker, future, remarks, limit))

    def await_some(self) -> Sequence[Ended]:
        within_s = max(one.limit.left_s for one in self._running) if self._running else _NEXT_WORKER_S
        ended: list[Ended] = []

        def looked() -> bool:
            came = set(self._usable()) - set(self._told)
            ended.extend(self._over())
            return bool(ended or came)

        try:
            eventually(
                looked, bool, within=within_s, describe="a run or a worker", watch=self._require_scheduler,
                pause_s=_LOOK_S,
            )  # fmt: skip
        except WaitExpired:
            if not self._running:
                raise LabFault("it has lost all its workers", service="scheduler", remedy=_AGAIN) from None
        return ended

    def end(self) -> None:
        """Workers see by themselves that nobody wants their runs any more, and end them."""
        with contextlib.suppress(Exception):  # the scheduler may be what was lost
            self.client.cancel([one.future for one in self._running], force=True)
        self._running = []

    def _over(self) -> list[Ended]:
        told: list[Ended] = []
        for one in list(self._running):
            ended = self._returned(one) if one.future.status in ("finished", "error") else None
            if ended is None and one.worker not in self._known:
                ended = Ended(one.worker, None, f"its worker {one.worker} was lost")
            elif ended is None and one.limit.passed:
                ended = Ended(one.worker, None, f"{one.worker} did not give it back in time")
            if ended is not None:
                self._running.remove(one)
                one.future.release()
                told.append(ended)
        return told

    def _returned(self, one: _Running) -> Ended | None:
        """None if its results are not there after all: whether that is for good is found out at the next look."""
        try:
            back = one.future.result(timeout=_RESULTS_S)
        except TimeoutError:
            return None
        except Exception as error:  # noqa: BLE001 — whatever broke on the worker, it is no fault of the hand-in
            self._require_scheduler()
            return Ended(one.worker, None, f"its worker {one.worker} failed: {type(error).__name__}: {error}")
        assert isinstance(back, Returned)
        self.store.receive(one.hand_in.name, back.files, one.remarks)
        if back.code is None:
            self._known.pop(one.worker, None)  # it may be another process by now
        return Ended(one.worker, back.code, back.why)

    def _usable(self) -> list[str]:
        """The addresses at which somebody works who can be used; whoever has come since is asked."""
        self._require_scheduler()
        there = self._addresses()
        for address in there:
            if address not in self._known and (complaint := self._meet(address)):
                self.tell(f"topicmark: {complaint}. It is not used.")
        self._known = {address: name for address, name in self._known.items() if address in there}
        return [address for address, name in self._known.items() if name]

    def _meet(self, address: str) -> str:
        """Find out who works there; why it cannot, if so."""
        self._known[address] = ""
        try:
            found = self.client.run(remote.introduce, self.needed, workers=[address], on_error="return").get(address)
        except Exception as error:  # noqa: BLE001 — it may go at any moment; then nobody asks for it any more
            self._require_scheduler()
            found = error
        if not isinstance(found, Introduction):
            if address not in self._addresses():
                return ""
            return f"worker {address} does not answer as one that has Topicmark {self.rules.version}: {found}"
        if found.rules.version != self.rules.version:
            return f"worker {address} has Topicmark {found.rules.version}, here it is {self.rules.version}"
        if found.rules != self.rules:
            return f"worker {address} has other tests, fixtures or another course.toml. Copy this folder there"
        if found.missing:
            return f"worker {address} does not have {', '.join(found.missing)}"
        self._known[address] = found.addressee
        return ""

    def _addresses(self) -> list[str]:
        """Of who is there. Not from ``scheduler_info``: a timer of the client's own replaces that by one of nobody."""
        try:
            return sorted(self.client.nthreads())
        except (OSError, AttributeError):  # the latter once the client has given up
            raise LabFault("it does not answer any more", service="scheduler", remedy=_AGAIN) from None

    def _require_scheduler(self) -> None:
        """Raises ``LabFault``. A client that finds its scheduler again has none of its runs any more."""
        if self.client.status != "running" or any(one.future.status == "cancelled" for one in self._running):
            raise LabFault("it does not answer any more", service="scheduler", remedy=_AGAIN)


def _hush() -> None:
    """What Dask says of connections that are lost is said here, in words for those who do not know Dask."""
    for name in [name for name in logging.Logger.manager.loggerDict if name.split(".")[0] == "distributed"]:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)


def _packed(hand_in: HandIn) -> tuple[dict[str, tuple[bytes, bool]], Sequence[str]]:
    """An archive as it is, a folder as it is staged, with remarks on what was left out. Of what is too large as much
    as the run needs to say so. Raises ``SubmissionError``, ``OSError``."""
    if not hand_in.path.is_dir():
        with hand_in.path.open("rb") as file:
            return {"": (file.read(MAX_ARCHIVE_BYTES + 1), False)}, ()
    with tempfile.TemporaryDirectory(prefix="topicmark-class-") as scratch:
        tree = Path(scratch) / "tree"
        staged = stage(hand_in.path, tree)
        return dict(remote.contents(tree)), staged.remarks
