"""A real PostgreSQL with a table, started and killed; who logs in to it is no superuser, and it sees little."""

from __future__ import annotations

import socket
import struct
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from selftest.processes import marked
from topicmark.model import LabFault
from topicmark.provision.toolchain import ensure
from topicmark.services.base import Service
from topicmark.services.employees import Employee, random_employees
from topicmark.services.postgresql import PORT, PostgreSql
from topicmark.services.subnet import claim
from topicmark.waiting import eventually

READY_S = 30
ROWS = random_employees(12)


@pytest.fixture(scope="module", autouse=True)
def binaries() -> None:
    ensure(["postgresql"])


@pytest.fixture
def server(tmp_path: Path) -> Iterator[PostgreSql]:
    """A server on a subnet of its own, ready."""
    with claim(range(40, 41), (PORT,)) as subnet:
        one = PostgreSql(subnet.address(40), ROWS, tmp_path / "postgresql", marker=str(tmp_path))
        one.start()
        try:
            one.await_ready(READY_S)
            yield one
        finally:
            one.stop()


def asked(server: PostgreSql, query: str) -> str:
    """The answer of a server that serves nobody else, on the data of one that was stopped."""
    return server._run(["postgres", "--single", "-D", str(server._data), "employees"], f"{query}\n")


def offered(server: PostgreSql, user: str) -> bytes:
    """How somebody who wants to log in is answered: the kind of the message and what it asks for."""
    with socket.create_connection((server.address, PORT), READY_S) as there:
        words = b"user\0" + user.encode() + b"\0database\0employees\0\0"
        there.sendall(struct.pack("!ii", len(words) + 8, 196608) + words)
        return there.recv(400)


def test_it_is_a_service_that_is_ready_when_it_says_so(server: PostgreSql) -> None:
    assert isinstance(server, Service)
    assert server.probe()
    assert server.died() is None
    assert server.rss_bytes() > 1 << 20
    assert "ready to accept connections" in server.logs()


def test_the_rows_are_there_also_after_a_restart(server: PostgreSql) -> None:
    server.stop()
    assert not server.probe() or server.died()
    for query in ("SELECT count(*), min(id), max(id) FROM employees",) * 2:
        told = asked(server, query)
        assert f'count = "{len(ROWS)}"' in told
        assert f'max = "{ROWS[-1].id}"' in told
    server.start()
    server.await_ready(READY_S)


def test_nobody_gets_in_without_a_password(server: PostgreSql) -> None:
    assert offered(server, "root").startswith(b"R")
    assert b"SCRAM-SHA-256" in offered(server, "root")
    assert b"SCRAM-SHA-256" in offered(server, "topicmark")  # the superuser, who has none


def test_who_logs_in_may_run_no_programs_and_only_read_the_table(server: PostgreSql) -> None:
    server.stop()
    superusers = asked(server, "SELECT rolname FROM pg_authid WHERE rolsuper AND rolpassword IS NOT NULL")
    assert "rolname = " not in superusers
    right = "has_table_privilege('root', 'employees', '{}')"
    may = f"SELECT {right.format('SELECT')} AS r, {right} AS w"
    for forbidden in ("INSERT", "UPDATE", "DELETE", "TRUNCATE"):
        told = asked(server, may.format(forbidden))
        assert 'r = "t"' in told
        assert 'w = "f"' in told
    programs = asked(server, "SELECT pg_has_role('root', 'pg_execute_server_program', 'MEMBER') m")
    assert 'm = "f"' in programs


def test_the_server_does_not_see_the_machine(server: PostgreSql, tmp_path: Path) -> None:
    server.stop()
    beside = tmp_path / "beside"
    beside.write_text("not yours")
    assert 'size = "' in asked(server, f"SELECT (pg_stat_file('{server.folder}/passwd')).size"), "what it does see"
    for path in (beside, Path("/etc/shadow"), Path(sys.prefix, "pyvenv.cfg"), Path(__file__)):
        assert path.exists()
        assert "No such file" in asked(server, f"SELECT (pg_stat_file('{path}')).size"), path


def test_a_death_is_told(server: PostgreSql) -> None:
    helper = psutil.Process(server.pid).children(recursive=True)[-1]
    helper.kill()
    assert eventually(server.died, lambda why: why is not None, within=10, describe="its death")
    assert not eventually(lambda: marked(server.marker), lambda left: not left, within=10, describe="nothing left")


def test_it_ends_with_whoever_started_it(server: PostgreSql, tmp_path: Path) -> None:
    server.stop()
    folder = tmp_path / "other"
    script = (
        "import sys; from pathlib import Path\n"
        "from topicmark.services.postgresql import PostgreSql\n"
        f"service = PostgreSql('{server.address}', (), Path('{folder}'), marker='{folder}')\n"
        f"service.start(); service.await_ready({READY_S}); print(service.pid, flush=True); sys.stdin.read()"
    )
    with subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline().strip()
        assert marked(str(folder))
        parent.kill()
    assert not eventually(lambda: marked(str(folder)), lambda left: not left, within=10, describe="nothing left")


def test_a_table_that_cannot_be_made_is_told_with_the_server_s_words(tmp_path: Path) -> None:
    twice = Employee(1, "Ada", "Sales", ROWS[0].salary)
    server = PostgreSql("127.0.0.1", (twice, twice), tmp_path / "postgresql", marker=str(tmp_path))
    with pytest.raises(LabFault, match="the table could not be made") as told:
        server.start()
    assert "duplicate key" in told.value.log
