"""The lab's PostgreSQL: a real server on a new database each time, closed in as the programs that use it are.

Sqoop hands statements of the student's to it. The login that they have is no superuser (who may run programs), and the
server sees nothing of the machine but the system's libraries and its own folder.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict
from decimal import Decimal
from pathlib import Path
from typing import Any

from topicmark.model import LabFault
from topicmark.provision import postgresql
from topicmark.sandbox import bubblewrap
from topicmark.services import leash
from topicmark.services.employees import DATABASE, PASSWORD, USER, Employee, statements
from topicmark.services.process import ProcessService
from topicmark.waiting import Deadline

PORT = 15432
"""Not the usual one, on which the machine may have a server of its own for every address."""
_OWNER = "topicmark"
_OTHER_USER = "postgres"  # what the server of Docker's image calls its superuser, for whoever logs in as that
_STATEMENTS_S = 60.0
_UID = "1000"
_ACCESS = "host all all all scram-sha-256\n"
_SETTINGS = {
    "unix_socket_directories": "",
    "fsync": "off",  # it never outlives the run
    "full_page_writes": "off",
    "shared_buffers": "16MB",
    "max_connections": "40",
    "autovacuum": "off",
    "restart_after_crash": "off",  # or an import would fail for a fault that nobody sees
    "log_timezone": "UTC",
}


class PostgreSql(ProcessService):
    """A ``Service`` at ``address``:15432, with one table of ``rows``. ``folder`` is its own: data and log.

    Started again after ``stop`` it has the same rows. ``marker`` and ``detached`` as for ``KafkaCluster``.
    """

    name = "postgresql"
    output = "postgresql.log"
    called = "PostgreSQL"

    def __init__(
        self, address: str, rows: Sequence[Employee], folder: Path, *, marker: str, detached: bool = False
    ) -> None:
        super().__init__(folder, marker=marker, detached=detached)
        self.address, self.rows = address, tuple(rows)

    def probe(self) -> bool:
        """Whether the server says in its lock file that it takes connections; nobody else has the address."""
        try:
            return (self._data / "postmaster.pid").read_text().splitlines()[-1].strip() == "ready"
        except (OSError, IndexError):
            return False

    def await_ready(
        self,
        within: float | Deadline,
        *,
        kafka_ready: Callable[[], bool] = lambda: True,  # noqa: ARG002
    ) -> None:
        """Block until it takes connections. Raises ``LabFault`` with the log if it dies or ``within`` (seconds) passes.

        ``kafka_ready`` has no say: it has nothing to do with brokers.
        """
        self._await(self.probe, bool, within=within, describe="PostgreSQL to take connections")

    def start(self) -> None:
        """Make the data folder if there is none, then start the server. Half a second. Raises ``LabFault``."""
        self.folder.mkdir(parents=True, exist_ok=True)
        if not self._data.is_dir():
            self._make_data()
        (self._data / "postmaster.pid").unlink(missing_ok=True)
        super().start()

    @property
    def _data(self) -> Path:
        return self.folder / "data"

    def _make_data(self) -> None:
        self._run(
            ["initdb", "-D", str(self._data), "-U", _OWNER, "--auth=reject", "--encoding=UTF8", "--no-locale",
             "--no-sync", "--no-instructions"]
        )  # fmt: skip
        (self._data / "pg_hba.conf").write_text(_ACCESS)
        logins = [f"CREATE ROLE {user} LOGIN PASSWORD '{PASSWORD}'" for user in (USER, _OTHER_USER)]
        self._tell("postgres", [*logins, f"CREATE DATABASE {DATABASE} OWNER {USER}"])
        self._tell(DATABASE, statements(self.rows))

    def _tell(self, database: str, lines: Iterable[str]) -> None:
        """Statements, by a server that serves nobody else and ends; it goes on after one that fails."""
        words = self._run(
            ["postgres", "--single", "-D", str(self._data), database], "".join(f"{one}\n" for one in lines)
        )
        if "ERROR:" in words or "FATAL:" in words:
            raise LabFault("the table could not be made", service=self.name, log=words[-2000:])

    def _run(self, command: Sequence[str], given: str = "") -> str:
        """What it printed."""
        try:
            done = subprocess.run(
                [*self._closed_in(), *self._program(*command)],
                input=given.encode(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                timeout=_STATEMENTS_S, check=False,
            )  # fmt: skip
        except (OSError, subprocess.TimeoutExpired) as error:
            raise LabFault(f"{command[0]}: {error}", service=self.name) from error
        words = done.stdout.decode("utf-8", "replace")
        if done.returncode:
            raise LabFault(f"{command[0]} ended with {done.returncode}", service=self.name, log=words[-2000:])
        return words

    @staticmethod
    def _program(name: str, *arguments: str) -> list[str]:
        return [str(postgresql.home() / "bin" / name), *arguments]

    def _closed_in(self) -> list[str]:
        """bubblewrap, up to the program: a user of its own (the server refuses to be root), the machine's network."""
        bwrap = bubblewrap.executable()
        if bwrap is None:
            raise LabFault("bubblewrap is not there", service=self.name, remedy="topicmark doctor tells more.")
        scratch = "/tmp"  # noqa: S108 — inside
        users = self._write("passwd", f"{_OWNER}:x:{_UID}:{_UID}::/:/bin/sh\n")  # a program without a name is refused
        home, folder = str(postgresql.home()), str(self.folder)
        return [
            str(bwrap), "--unshare-user", "--uid", _UID, "--gid", _UID, "--unshare-pid", "--unshare-ipc",
            "--die-with-parent", "--new-session", "--cap-drop", "ALL", *bubblewrap.system(),
            "--tmpfs", scratch, "--proc", "/proc", "--dev", "/dev", "--ro-bind", home, home, "--bind", folder, folder,
            "--ro-bind", str(users), "/etc/passwd", "--chdir", folder, "--",
        ]  # fmt: skip

    def _command(self) -> list[str]:
        settings = {"listen_addresses": self.address, "port": str(PORT), **_SETTINGS}
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        # the leash: it ends when we do, and bubblewrap with it, whichever thread of ours started it
        held = [sys.executable, "-I", str(leash.__file__)]
        return [*held, *self._closed_in(), *self._program("postgres", "-D", str(self._data), *options)]

    def _record(self) -> dict[str, Any]:
        return {"address": self.address, "rows": [{**asdict(row), "salary": str(row.salary)} for row in self.rows]}

    @classmethod
    def _recorded(cls, record: Mapping[str, Any], folder: Path) -> PostgreSql:
        rows = [Employee(**{**row, "salary": Decimal(row["salary"])}) for row in record["rows"]]
        return cls(record["address"], rows, folder, marker=record["marker"], detached=True)
