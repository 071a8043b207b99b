"""Whether a client without any authentication can talk to a broker."""

from __future__ import annotations

from collections.abc import Sequence

from kafka import KafkaAdminClient
from kafka.errors import KafkaError

_WITHIN_MS = 5000


def can_talk(addresses: Sequence[tuple[str, int]], proxy_url: str | None = None) -> str | None:
    """None if a plain client learns the brokers from one of these addresses, else why it cannot.

    Only the first contact is made: the brokers advertise names that resolve where students' programs run.
    """
    try:
        admin = KafkaAdminClient(
            bootstrap_servers=[f"{host}:{port}" for host, port in addresses],
            client_id="topicmark-plain-client",
            proxy_url=proxy_url,
            bootstrap_timeout_ms=_WITHIN_MS,
            request_timeout_ms=_WITHIN_MS,
        )
    except KafkaError as error:
        return f"{type(error).__name__}: {error}"
    try:
        return None if admin.describe_cluster is not None else ""
    finally:
        admin.close()
