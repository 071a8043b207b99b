"""Everything that labs are started with, by part: downloaded, compiled and archived on first use."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from concurrent.futures import ThreadPoolExecutor

from topicmark.provision import maven
from topicmark.provision.part import LEAN_OPTIONS, Part

CLIENT = "client"
"""The set of jars that programs in the sandbox find on their class path."""


def _train_kafka(command: Sequence[str]) -> None:
    from topicmark.provision.training import train  # kafka-python takes a while to import, and a warm call needs none

    train(command)


def _train_hdfs(command: Sequence[str]) -> None:
    from topicmark.provision.training_hdfs import train

    train(command)


def _train_registry(command: Sequence[str]) -> None:
    from topicmark.provision.training_registry import train

    train(command, KAFKA.command())


def _train_connect(command: Sequence[str]) -> None:
    from topicmark.provision.training_connect import train

    train(command, KAFKA.command(), HDFS.command())


KAFKA = Part(
    "kafka", ("kafka",), ("topicmark/lab",), options=("-Xms48m", "-Xmx384m", *LEAN_OPTIONS), train=_train_kafka
)
HDFS = Part("hdfs", ("hdfs",), ("topicmark/hdfs",), options=("-Xms32m", "-Xmx192m", *LEAN_OPTIONS), train=_train_hdfs)
CONNECT = Part(
    "connect",
    ("connect", "hadoop-client"),
    ("topicmark/connect", "converters", "hdfs-sink"),
    options=("-Xms48m", "-Xmx256m", *LEAN_OPTIONS),
    train=_train_connect,
    beside=(KAFKA, HDFS),
)
CONNECT_BARE = Part("connect-bare", ("connect",), ("topicmark/connect", "converters"), options=CONNECT.options)
"""Without the HDFS sink, for whoever brings plugins."""
REGISTRY = Part(
    "registry",
    ("registry",),
    ("topicmark/registry",),
    # Quarkus logs by JBoss's log manager, which must be there before anybody asks for another
    options=(
        "-Xms48m",
        "-Xmx160m",
        *LEAN_OPTIONS,
        "-Djava.util.logging.manager=org.jboss.logmanager.LogManager",
        "-Dquarkus.log.level=WARN",
        "-Dquarkus.vertx.prefer-native-transport=false",
        "-Dquarkus.http.io-threads=1",
    ),
    train=_train_registry,
    beside=(KAFKA,),
)
PARTS = {part.name: part for part in (KAFKA, HDFS, CONNECT, CONNECT_BARE, REGISTRY)}


def ensure(parts: Collection[str] = tuple(PARTS), progress: bool = False, *, rehash: bool = False) -> None:
    """Make the named parts ready. Idempotent; safe to call at once; with nothing missing it needs no network and some
    milliseconds. ``rehash`` checks every jar's content again. Raises ``LabFault`` with a remedy."""
    wanted = [PARTS[name] for name in PARTS if name in parts]
    maven.fetch(sets(parts), progress, rehash=rehash)
    missing = [part for part in wanted if not part.ready()]
    with ThreadPoolExecutor(max_workers=2) as pool:
        list(pool.map(Part.build, (part for part in missing if not part.beside)))
        list(pool.map(Part.build, (part for part in missing if part.beside)))


def complete(parts: Collection[str] = tuple(PARTS)) -> bool:
    """Whether the named parts are ready. Takes no lock, fetches nothing."""
    return all(PARTS[name].ready() for name in parts)


def sets(parts: Collection[str] = tuple(PARTS)) -> list[str]:
    """The sets of jars that these parts need, the client's among them."""
    return list(dict.fromkeys([*(name for part in parts for name in PARTS[part].sets), CLIENT]))
