"""Whose a lab is that stays up: nobody works in one that a run may take, and make as new."""

from __future__ import annotations

import socket
from collections.abc import Collection
from contextlib import closing
from enum import StrEnum
from typing import Any

from topicmark.backends import fingerprint
from topicmark.backends.fingerprint import Fingerprint
from topicmark.backends.folder import LabFolder
from topicmark.backends.residents import Residents
from topicmark.model import LabFault
from topicmark.observe.cluster import ClusterView
from topicmark.services.hdfs import HdfsCluster
from topicmark.services.kafka import KafkaCluster

_CONNECT_S = 2.0


class Whose(StrEnum):
    """Of a lab that stays up."""

    FREE = "free"
    """Nobody did anything in it since it was left: a run may take it."""
    YOURS = "yours"
    """Somebody did something in it by hand: it is left alone."""
    IN_USE = "in use"
    """A run has it."""
    DEAD = "dead"


def whose(folder: LabFolder) -> tuple[Whose, str]:
    """Whose the lab is, and what was done in it by hand. The caller holds its lease."""
    if folder.visited():
        return Whose.YOURS, "a shell is open in it"
    about, left = folder.about() or {}, folder.left()
    if about.get("backend") == "docker":
        bootstrap, urls, webhdfs_url = str(about["bootstrap"]), dict(about["urls"]), str(about["webhdfs_url"])
        if not _answers(bootstrap):
            return Whose.DEAD, ""
    else:
        try:
            kafka, hdfs = KafkaCluster.reattach(folder.kafka), HdfsCluster.reattach(folder.hdfs)
        except LabFault:
            return Whose.DEAD, ""
        bootstrap, urls, webhdfs_url = kafka.bootstrap, Residents.of(folder).urls, hdfs.webhdfs_url
    if left is None:
        return Whose.FREE, ""  # a run had it and was killed
    try:
        with closing(ClusterView(bootstrap)) as view:
            now = fingerprint.take(view, urls, webhdfs_url)
    except LabFault as error:
        return Whose.YOURS, f"what was done in it cannot be told: {error}"
    changed = fingerprint.differences(_comparable(left["fingerprint"], urls), now)
    return (Whose.YOURS, fingerprint.told(changed)) if changed else (Whose.FREE, "")


def _answers(bootstrap: str) -> bool:
    """Whether a broker listens."""
    host, _, port = bootstrap.split(",")[0].rpartition(":")
    try:
        socket.create_connection((host, int(port)), _CONNECT_S).close()
    except OSError:
        return False
    return True


def _comparable(left: dict[str, Any], running: Collection[str]) -> Fingerprint:
    """Without what a component held that does not run any more."""
    parts = {"connect": ("connectors",), "ksqldb": ("streams", "queries"), "registry": ("subjects",)}
    gone = {part for name, those in parts.items() if name not in running for part in those}
    return {part: content for part, content in left.items() if part not in gone}
