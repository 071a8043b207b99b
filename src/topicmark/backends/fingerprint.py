"""What there is in a lab, in few words: enough to tell whether anybody did something in it since."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import Any

from kafka.errors import KafkaError

from topicmark.model import LabFault
from topicmark.observe.cluster import ClusterView
from topicmark.observe.connect import ConnectView
from topicmark.observe.connect import Refused as ConnectRefused
from topicmark.observe.hdfs import HdfsView
from topicmark.observe.ksqldb import Declined, KsqlView
from topicmark.observe.registry import RegistryView, Rejected
from topicmark.waiting import Deadline, WaitExpired, eventually

Fingerprint = Mapping[str, Any]
"""As JSON. ``topics``: by name, the topic's id and the offset behind the last record of each partition; ``files``: by
path, length and time of change; ``groups``, ``connectors``, ``streams``, ``queries``, ``subjects``: names."""

_REQUEST_S = 5.0
_FILES_S = 10.0
_AGREE_S = 10.0
_HDFS_LEVELS = 6
_WORDS = {
    "topics": "topic",
    "groups": "consumer group",
    "connectors": "connector",
    "streams": "stream or table",
    "queries": "query",
    "subjects": "schema",
    "files": "path in HDFS",
}
_SHOWN = 3


def take(brokers: ClusterView, components: Mapping[str, str], webhdfs_url: str | None) -> Fingerprint:
    """Of what answers there, ``components`` by their URLs. Raises ``LabFault`` if something does not tell."""
    return {
        **_kafka(brokers),
        "connectors": _connectors(components.get("connect")),
        **_ksqldb(components.get("ksqldb")),
        "subjects": _subjects(components.get("registry")),
        "files": _files(webhdfs_url),
    }


def differences(then: Fingerprint, now: Fingerprint) -> list[str]:
    """What somebody did between the two, in words. What a lab does by itself is none of it: old records go, groups
    without members are forgotten."""
    found = []
    for part, word in _WORDS.items():
        before, after = then.get(part, {}), now.get(part, {})
        if isinstance(before, Mapping) and isinstance(after, Mapping):
            changed = [name for name in before.keys() | after.keys() if before.get(name) != after.get(name)]
        else:
            gone = set(before) - set(after) if part != "groups" else set()
            changed = [*(set(after) - set(before)), *gone]
        found += [f"{word} {name}" for name in sorted(changed)]
    return found


def told(changed: list[str]) -> str:
    """The first few differences."""
    more = f" and {len(changed) - _SHOWN} more" if len(changed) > _SHOWN else ""
    return ", ".join(changed[:_SHOWN]) + more


def _kafka(view: ClusterView) -> dict[str, Any]:
    try:
        topics = eventually(
            lambda: _topics(view), lambda _: True, within=_AGREE_S, describe="their ends", retry_on=(KafkaError,)
        )
        groups = sorted(group for group in view.all_groups() if not _is_a_services(group))
    except (KafkaError, WaitExpired) as error:
        raise LabFault(f"the brokers do not tell what there is: {error!r}", service="kafka") from error
    return {"topics": topics, "groups": groups}


def _topics(view: ClusterView) -> dict[str, Any]:
    lives = {name: life for name, life in view.lives().items() if not _is_a_services(name)}
    ends = view.ends(lives.keys())
    return {
        name: [life, {str(p): end for p, end in sorted(ends.get(name, {}).items())}] for name, life in lives.items()
    }


def _is_a_services(name: str) -> bool:
    """Topics and groups of the registry, Connect and ksqlDB themselves begin with an underscore, but for these."""
    return name.startswith("_") or name.endswith("ksql_processing_log")


def _connectors(url: str | None) -> list[str]:
    if url is None:
        return []
    with contextlib.closing(ConnectView(url, request_s=_REQUEST_S, patience_s=_REQUEST_S)) as view:
        found = view.connectors()
    if isinstance(found, ConnectRefused):
        raise LabFault(f"Connect answers {found.status}: {found.message}", service="connect")
    return sorted(found)


def _ksqldb(url: str | None) -> dict[str, list[str]]:
    if url is None:
        return {"streams": [], "queries": []}
    with contextlib.closing(KsqlView(url, request_s=_REQUEST_S)) as view:
        streams, tables, queries = view.streams(), view.tables(), view.queries()
    if isinstance(streams, Declined) or isinstance(tables, Declined) or isinstance(queries, Declined):
        raise LabFault(f"ksqlDB does not tell what there is: {streams}, {tables}, {queries}", service="ksqldb")
    return {
        "streams": sorted([*(one.name for one in streams), *tables]),
        "queries": sorted(query.id for query in queries),
    }


def _subjects(url: str | None) -> list[str]:
    if url is None:
        return []
    with contextlib.closing(RegistryView(url, request_s=_REQUEST_S)) as view:
        found = view.subjects()
    if isinstance(found, Rejected):
        raise LabFault(f"the registry answers {found.status}: {found.message}", service="registry")
    return sorted(found)


def _files(webhdfs_url: str | None) -> dict[str, list[int]]:
    if webhdfs_url is None:
        return {}
    with contextlib.closing(HdfsView(webhdfs_url, within_s=_REQUEST_S)) as view:
        entries = view.tree(levels=_HDFS_LEVELS, within=Deadline.after(_FILES_S))
    return {entry.path: [entry.length_bytes, 0 if entry.is_folder else entry.modified_ms] for entry in entries}
