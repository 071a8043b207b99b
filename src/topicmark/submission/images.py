"""What the name of a container image says: which component it is, and whether the HDFS 2 sink can be in it."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence

_REFERENCE = re.compile(r"(?P<path>[^@]*?)(?::(?P<tag>[^/@:]*))?(?:@.*)?")
_OWNERS: tuple[tuple[str, frozenset[str]], ...] = (
    (r"(?:cp-)?schema-registry|karapace|apicurio-registry.*", frozenset({"registry"})),
    (r"(?:cp-kafka|cp-server|kafka)-connect(?:-base)?", frozenset({"connect"})),
    (r"(?:cp-)?ksqldb-server|cp-ksql-server", frozenset({"ksqldb"})),
    (r"(?:cp-)?ksqldb-cli|cp-ksql-cli", frozenset()),
    (r"(?:redpanda-)?console|kowl", frozenset({"redpanda"})),
    (r"cp-zookeeper|zookeeper|cp-kafka-rest|kafka-rest", frozenset()),
)
_BROKERS = re.compile(r"(?:.*/)?(?:apache|bitnami\w*|confluentinc|strimzi|ubuntu)/(?:kafka|cp-kafka|cp-server)")
_WITHOUT_SINK = re.compile(
    r"(?:.*/)?(?:confluentinc/cp-(?:kafka|server)-connect(?:-base)?|debezium/connect(?:-base)?|strimzi/kafka)"
)
_SINK = re.compile(r"kafka-connect-hdfs(?![0-9])")
_CONFLUENTS = (
    "cp-schema-registry", "cp-kafka-connect", "cp-kafka-connect-base", "cp-server-connect", "cp-server-connect-base",
    "cp-ksqldb-server", "ksqldb-server", "cp-ksqldb-cli", "ksqldb-cli", "cp-kafka", "cp-server",
)  # fmt: skip
_NAMES = {
    "registry": "the Schema Registry",
    "connect": "Kafka Connect",
    "ksqldb": "the ksqlDB server",
    "redpanda": "Redpanda Console",
}
_CONSOLES = re.compile(r"(?:.*[/-])?(?:console|kowl)")
_OLD_CONSOLES = re.compile(r"(?:.*/)?(?:vectorized/console|cloudhut/kowl\w*)")
_ENTRY = r"docker/(?:run|launch)\b|entrypoint|"
_STARTS = {
    "registry": re.compile(_ENTRY + r"schema-registry-start|SchemaRegistryMain|karapace|apicurio|run-java", re.I),
    "connect": re.compile(_ENTRY + r"connect-distributed|ConnectDistributed|connect_run|connect/run", re.I),
    "ksqldb": re.compile(_ENTRY + r"ksql-server-start|KsqlServerMain", re.I),
    "redpanda": re.compile(_ENTRY + r"(?:^|[/\s;&])(?:console|kowl)(?=$|[\s;&\"'])"),
}
"""How commands are called by which images of them start the component."""
_CLIENT = re.compile(r"(?:cp-)?ksql(?:db)?-cli")


def parts(image: str) -> tuple[str, str]:
    """The repository with its host, and the tag (empty if there is none): ``confluentinc/cp-kafka``, ``7.3.1``."""
    match = _REFERENCE.fullmatch(image.strip())
    return (match["path"], match["tag"] or "") if match else (image, "")


def why_not_this(role: str, image: str, commands: Iterable[str] = ()) -> str:
    """Why an image is surely not that of the component ``role`` (a key of ``kubernetes.ROLES``); empty if it may be.

    Images that nobody knows may be anything, only the console's is always called so. A broker's image holds Connect
    too: with a command of its own it may be.
    """
    repository, _ = parts(image)
    base = repository.rpartition("/")[2].lower()
    for pattern, roles in _OWNERS:
        if re.fullmatch(pattern, base) and role not in roles:
            (other,) = roles or {""}
            client = "ksqlDB's command-line client" if _CLIENT.fullmatch(base) else "another program"
            return f"the image {image} is {_NAMES.get(other, client)}, not {_NAMES[role]}"
    if role == "redpanda" and not _CONSOLES.fullmatch(base):
        return f"the image {image} is not {_NAMES[role]}; redpandadata/console is"
    near = difflib.get_close_matches(base, _CONFLUENTS, 1, 0.85)
    if re.fullmatch(r"(?:docker\.io/)?confluentinc/[^/]+", repository.lower()) and near and near[0] != base:
        return f"there is no image {image}; {repository.rpartition('/')[0]}/{near[0]} is one"
    if _BROKERS.fullmatch(repository.lower()) and (role != "connect" or not any(commands)):
        return f"the image {image} is a Kafka broker, not {_NAMES[role]}"
    return ""


def why_not_started(role: str, command: Sequence[str], args: Sequence[str]) -> str:
    """Why a container is surely not the component ``role``, whatever its image is: its own ``command`` takes the place
    of the image's, and starts something else. Empty if it may be."""
    if not command or _STARTS[role].search(" ".join([*command, *args])):
        return ""
    told = " ".join(" ".join(command).split())
    return f"the container's command is {told[:60]}, and nothing in it starts {_NAMES[role]}"


def retired_console(image: str) -> str:
    """What to say of an image of the console from before it was called Redpanda Console; empty for any other."""
    if not _OLD_CONSOLES.fullmatch(parts(image)[0].lower()):
        return ""
    return f"The image {image} is no longer kept up; redpandadata/console took its place."


def why_no_sink(image: str, commands: Iterable[str] = ()) -> str:
    """Why an image of Connect has no HDFS 2 sink connector; empty if it may have it.

    ``commands`` are the texts of command and arguments, those of init containers too: they may install it. Confluent's
    own images have come without connectors since 6.0 (confluentinc/kafka-images); the HDFS 3 sink is another one.
    """
    if any(_SINK.search(text) for text in commands):
        return ""
    repository, tag = parts(image)
    name = repository.lower()
    if re.fullmatch(r"(?:.*/)?confluentinc/cp-kafka-connect", name) and re.match(r"[345]\.", tag):
        return ""
    if _WITHOUT_SINK.fullmatch(name) or _BROKERS.fullmatch(name):
        return f"the image {image} comes without the HDFS 2 sink connector, and nothing in the manifest installs it"
    return ""
