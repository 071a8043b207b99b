"""A schema registry's settings, made from a container's environment as Confluent's image does.

The course's manifest runs ``cp-schema-registry:7.3.1``; what that asks of the environment is in its ``configure``
script.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from topicmark.services.image_env import Listener, Unstartable, UnusableHere, first_listener, properties, require
from topicmark.services.names import rendered
from topicmark.services.refusal import Refusal

PREFIX = "SCHEMA_REGISTRY_"
PORT = 8081
_HOST = 31
_BACKEND_PORT = 18081
_BOOTSTRAP = "SCHEMA_REGISTRY_KAFKASTORE_BOOTSTRAP_SERVERS"
_ZOOKEEPER = "SCHEMA_REGISTRY_KAFKASTORE_CONNECTION_URL"
_DEFAULT_LISTENER = "http://0.0.0.0:8081"
_LEVELS = frozenset({
    "NONE", "BACKWARD", "BACKWARD_TRANSITIVE", "FORWARD", "FORWARD_TRANSITIVE", "FULL", "FULL_TRANSITIVE",
})  # fmt: skip


def registry_properties(environment: Mapping[str, str]) -> dict[str, str]:
    """What the image would write into the registry's properties file.

    Raises ``Unstartable`` with what the container would say and end.
    """
    if not environment.get(_BOOTSTRAP) and not environment.get(_ZOOKEEPER):
        raise Unstartable(f"one of ({_ZOOKEEPER},{_BOOTSTRAP}) is required.")
    require(environment, ["SCHEMA_REGISTRY_HOST_NAME"])
    if environment.get("SCHEMA_REGISTRY_PORT"):
        raise Unstartable("PORT is deprecated. Please use SCHEMA_REGISTRY_LISTENERS instead.")
    if not environment.get(_BOOTSTRAP):
        raise Unstartable(f"{_ZOOKEEPER} names a ZooKeeper, and this cluster has none: {_BOOTSTRAP} is required.")
    return properties(environment, PREFIX)


@dataclass(frozen=True, slots=True)
class RegistrySpec:
    """A registry at ``<subnet>.31``.

    ``properties``: the registry's, as the student set them. ``host_names``: every name it can resolve, to an address
    (or several with spaces between). ``port``: where its users look for it.
    Raises ``Unstartable`` and ``UnusableHere``.
    """

    subnet: str
    properties: Mapping[str, str]
    host_names: Mapping[str, str] = field(default_factory=dict)
    port: int = PORT

    def __post_init__(self) -> None:
        if self.listener.scheme != "http":
            raise UnusableHere(f"a listener of {self.listener.scheme}:// cannot be run in a lab of ours; http:// can")
        factor = self.properties.get("kafkastore.topic.replication.factor", "3")
        if not factor.isdigit() or not 0 < int(factor) < 32768:
            raise Unstartable(f"Invalid value {factor} for configuration kafkastore.topic.replication.factor")
        level = self.properties.get("schema.compatibility.level", "BACKWARD")
        if level.upper() not in _LEVELS:
            raise Unstartable(f"Invalid value {level} for configuration schema.compatibility.level")

    @classmethod
    def from_environment(
        cls, environment: Mapping[str, str], subnet: str, *, host_names: Mapping[str, str], port: int = PORT
    ) -> RegistrySpec | Refusal:
        """The registry that the image makes of a container's ``environment`` (field references replaced), or why its
        container would end at once or never be reached. Raises ``UnusableHere``.

        A Service called ``schema-registry`` puts ``SCHEMA_REGISTRY_PORT`` into every container that starts after it;
        who reads the manifests has to add that variable.
        """
        try:
            spec = cls(subnet, registry_properties(environment), host_names, port)
        except Unstartable as reason:
            return Refusal("registry", str(reason))
        if spec.listener.pod_only:
            return Refusal("registry", f"it listens on {spec.listener.host} only: nobody outside its pod can reach it")
        return spec

    @property
    def address(self) -> str:
        """The registry's loopback address."""
        return f"{self.subnet}.{_HOST}"

    @property
    def listener(self) -> Listener:
        """Where it listens by its own settings."""
        return first_listener(self.properties.get("listeners") or _DEFAULT_LISTENER)

    @property
    def url(self) -> str:
        """Where its users look for it."""
        return f"http://{self.address}:{self.port}"

    def render(self, log: str) -> str:
        """The properties file of our launcher, which logs to the file ``log``."""
        ours = {
            "topicmark.log": log,
            "topicmark.host": self.address,
            "topicmark.port": str(self.listener.port),
            "topicmark.backend.port": str(_BACKEND_PORT),
        }
        return rendered({**self.properties, **ours})
