"""A Redpanda Console that runs, asked over HTTP.

Facts: console v2.7.0, backend/pkg/api/routes.go (paths) and backend/pkg/console/brokers.go (``brokerId``, ``address``).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any
from urllib.parse import urlsplit

import requests

_REQUEST_S = 10.0
_OK = 200
_SERVERS_FAULT = 500
_SHOWN = 120


class ConsoleView:
    """The console at ``http://host:port``. Raises ``requests.RequestException`` if nobody answers there."""

    def __init__(self, url: str, *, request_s: float = _REQUEST_S) -> None:
        self.url = url.rstrip("/")
        self._request_s = request_s

    def ailment(self) -> str:
        """Why it does not serve as far as it says itself; empty if it finds its Kafka."""
        for path in ("/admin/startup", "/api/brokers"):  # the first may go on saying OK when brokers have gone
            answer = self._get(path)
            if answer.status_code >= _SERVERS_FAULT or (path == "/admin/startup" and not _says_ok(answer)):
                return f"GET {path} answers {answer.status_code}: {answer.text.strip()[:_SHOWN]}"
        return ""

    def stranger(self, brokers: Mapping[int, tuple[str, int]], topics: Collection[str]) -> str:
        """Why it belongs to another cluster than the one with these brokers (by id, as they advertise themselves to us)
        and topics; empty if it does not.

        It may be told other host names than we are, by another listener. Then the topics decide.
        """
        listed = self._brokers()
        if listed is None:
            return ""
        ids, hosts = set(listed), set(listed.values())
        told = ", ".join(f"{number} at {host}" for number, host in sorted(listed.items()))
        if not ids <= set(brokers):
            return f"it shows the brokers {told}; the cluster has {', '.join(map(str, sorted(brokers)))}"
        if hosts & {host for host, _ in brokers.values()}:
            return ""
        shown = self._topics()
        if shown is None or shown == set(topics):
            return ""
        only = sorted(shown ^ set(topics))
        return f"it shows the brokers {told}, and other topics than the cluster has: {', '.join(only[:5])}"

    def _brokers(self) -> dict[int, str] | None:
        """Host by broker id; None if it does not tell."""
        found = self._json("/api/brokers")
        listed = found.get("brokers") if isinstance(found, Mapping) else found
        try:
            return {int(one["brokerId"]): _host(str(one.get("address", ""))) for one in listed or ()} or None
        except (TypeError, KeyError, ValueError, AttributeError):
            return None

    def _topics(self) -> set[str] | None:
        """Names, Kafka's internal ones left out; None if it does not tell."""
        found = self._json("/api/topics")
        try:
            return {str(one["topicName"]) for one in found["topics"] if not one.get("isInternal")}
        except (TypeError, KeyError, AttributeError):
            return None

    def _json(self, path: str) -> Any:
        answer = self._get(path)
        try:
            return answer.json() if answer.status_code == _OK else None
        except ValueError:
            return None

    def _get(self, path: str) -> requests.Response:
        with requests.Session() as session:
            session.trust_env = False
            return session.get(self.url + path, timeout=self._request_s)


def _says_ok(answer: requests.Response) -> bool:
    try:
        said = answer.json() if answer.status_code == _OK else None
    except ValueError:
        return False
    return isinstance(said, Mapping) and said.get("isKafkaOk") is not False


def _host(address: str) -> str:
    """Without the port, which some versions tell and some do not."""
    return urlsplit(f"//{address}").hostname or ""
