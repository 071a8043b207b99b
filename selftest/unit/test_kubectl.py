"""What is made of kubectl's complaints."""

from __future__ import annotations

import pytest

from topicmark.services.kubectl import _failure

LOGGED = 'E1123 03:49:42.{at}    {pid} memcache.go:265] "Unhandled Error" err="dial tcp: connection refused"'
REFUSED = "The connection to the server localhost:8080 was refused - did you specify the right host or port?"


def said(at: int, pid: int) -> str:
    return "\n".join([LOGGED.format(at=at, pid=pid), LOGGED.format(at=at + 1, pid=pid), REFUSED])


def test_what_kubectl_logs_does_not_make_the_same_fault_another() -> None:
    first, second = (_failure(["get", "pods"], said(at, pid)) for at, pid in ((276227, 8910), (719844, 8974)))
    assert str(first) == str(second)
    assert REFUSED in str(first)
    assert "memcache" not in str(first)


@pytest.mark.parametrize("text", ["", LOGGED.format(at=1, pid=2)])
def test_something_is_told_even_if_kubectl_only_logs(text: str) -> None:
    assert text in str(_failure(["get", "pods"], text))
