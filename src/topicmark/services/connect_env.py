"""A Connect worker's settings, made from a container's environment as Confluent's images do.

The course's manifest runs ``cp-server-connect-base:7.3.1`` with a plugin added (FACTS 3.5); what it asks of the
environment is in its ``configure`` script.
"""

from __future__ import annotations

from collections.abc import Mapping

from topicmark.services.image_env import Listener, Unstartable, UnusableHere, first_listener, properties, require

PREFIX = "CONNECT_"
REQUIRED = (
    "CONNECT_BOOTSTRAP_SERVERS",
    "CONNECT_GROUP_ID",
    "CONNECT_CONFIG_STORAGE_TOPIC",
    "CONNECT_OFFSET_STORAGE_TOPIC",
    "CONNECT_STATUS_STORAGE_TOPIC",
    "CONNECT_KEY_CONVERTER",
    "CONNECT_VALUE_CONVERTER",
    "CONNECT_REST_ADVERTISED_HOST_NAME",
)
HUB_COMPONENTS = "/usr/share/confluent-hub-components"
_AVRO = "io.confluent.connect.avro.AvroConverter"
_JSON = "org.apache.kafka.connect.json.JsonConverter"
_DEFAULT_LISTENER = "http://:8083"
# What only costs time on a lab's one worker. Each gives way to a setting of the student's.
QUICK = {
    "offset.flush.interval.ms": "1000",
    "scheduled.rebalance.max.delay.ms": "0",
    "auto.include.jmx.reporter": "false",
    "reconnect.backoff.max.ms": "500",
}
# With these a manifest could read files of the machine that grades.
_UNUSABLE = ("config.providers",)


def worker_properties(environment: Mapping[str, str]) -> dict[str, str]:
    """What the image would write into the worker's properties file.

    Raises ``Unstartable`` with what the container would say and end: a required variable is missing.
    """
    require(environment, REQUIRED)
    made = dict(environment)
    for side in ("KEY", "VALUE"):
        if made[f"CONNECT_{side}_CONVERTER"] == _AVRO:
            require(made, [f"CONNECT_{side}_CONVERTER_SCHEMA_REGISTRY_URL"])
    made["CONNECT_REST_PORT"] = made.get("CONNECT_REST_PORT") or "8083"
    if _JSON in (made.get("CONNECT_INTERNAL_KEY_CONVERTER"), made.get("CONNECT_INTERNAL_VALUE_CONVERTER")):
        made["CONNECT_INTERNAL_KEY_CONVERTER_SCHEMAS_ENABLE"] = "false"
        made["CONNECT_INTERNAL_VALUE_CONVERTER_SCHEMAS_ENABLE"] = "false"
    return properties(made, PREFIX)


def rest_listener(settings: Mapping[str, str]) -> Listener:
    """Where a worker with these properties listens. ``rest.port`` has no say: Kafka 3.0 took it away (KAFKA-12482), so
    the image still writes it and the worker ignores it. Raises ``Unstartable``."""
    return first_listener(settings.get("listeners") or _DEFAULT_LISTENER)


def offers_hub_components(settings: Mapping[str, str]) -> bool:
    """Whether plugins that the image installed from Confluent's hub are on this ``plugin.path``. Unset it is the
    image's own default, which has them."""
    path = settings.get("plugin.path")
    if not path:
        return True
    entries = [entry.strip().rstrip("/") for entry in path.split(",")]
    return any(entry == HUB_COMPONENTS or HUB_COMPONENTS.startswith(f"{entry}/") for entry in entries if entry)


def lab_properties(
    settings: Mapping[str, str], address: str, plugin_path: tuple[str, ...], *, discovery: str
) -> dict[str, str]:
    """``settings`` as the lab runs them: bound to ``address``, with the lab's own plugins, and quick.

    Raises ``Unstartable`` for a listener that is none, ``UnusableHere`` for what a lab must not run.
    """
    for key in settings:
        if key.startswith(_UNUSABLE):
            raise UnusableHere(f"{key} cannot be used in a lab of ours: it reads files of the machine that grades")
    listener = rest_listener(settings)
    if listener.scheme != "http":
        raise UnusableHere(f"a listener of {listener.scheme}:// cannot be run in a lab of ours; http:// can")
    ours = {
        "listeners": f"http://{address}:{listener.port}",
        "plugin.discovery": discovery,
        "plugin.path": ",".join(plugin_path) if offers_hub_components(settings) else "",
    }
    made = {**QUICK, **settings, **ours}
    if not made["plugin.path"]:
        del made["plugin.path"]
    return made


__all__ = [
    "HUB_COMPONENTS", "PREFIX", "QUICK", "REQUIRED", "Listener", "Unstartable", "UnusableHere", "lab_properties",
    "offers_hub_components", "rest_listener", "worker_properties",
]  # fmt: skip
