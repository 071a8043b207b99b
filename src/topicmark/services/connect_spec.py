"""What a lab's Connect worker is, as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from topicmark.services import connect_env
from topicmark.services.connect_env import Unstartable
from topicmark.services.names import rendered
from topicmark.services.refusal import Refusal

REST_PORT = 8083
SERVICE_LOAD = "service_load"
HYBRID = "hybrid_warn"
_HOST = 30


@dataclass(frozen=True, slots=True)
class ConnectSpec:
    """A distributed worker at ``<subnet>.30``.

    ``properties``: the worker's, as the student set them; the lab adds what ``connect_env.lab_properties`` tells.
    ``host_names``: every name it can resolve, to an address (or several with spaces between). ``rest_port``: where
    its users look for it. ``plugin_path``: jars or folders of plugins that take the
    place of the lab's own. ``discovery``: ``service_load``, or
    ``hybrid_warn`` for plugins without service files. ``hadoop_user``: whom a Hadoop client in it acts as.
    Raises ``Unstartable`` and ``UnusableHere``.
    """

    subnet: str
    properties: Mapping[str, str]
    host_names: Mapping[str, str] = field(default_factory=dict)
    rest_port: int = REST_PORT
    plugin_path: tuple[str, ...] = ()
    discovery: str = SERVICE_LOAD
    hadoop_user: str = ""

    def __post_init__(self) -> None:
        if not self.hadoop_user.isprintable():
            raise ValueError(f"no user can be called {self.hadoop_user!r}")
        self.lab_properties()

    @classmethod
    def from_environment(
        cls,
        environment: Mapping[str, str],
        subnet: str,
        *,
        host_names: Mapping[str, str],
        rest_port: int = REST_PORT,
        plugin_path: tuple[str, ...] = (),
        discovery: str = SERVICE_LOAD,
    ) -> ConnectSpec | Refusal:
        """The worker that the image makes of a container's ``environment`` (field references replaced), or why its
        container would end at once or never be reached. Raises ``UnusableHere``."""
        try:
            settings = connect_env.worker_properties(environment)
            listener = connect_env.rest_listener(settings)
            if listener.pod_only:
                return Refusal("connect", f"it listens on {listener.host} only: nobody outside its pod can reach it")
            return cls(
                subnet, settings, host_names, rest_port, plugin_path, discovery,
                environment.get("HADOOP_USER_NAME", ""),
            )  # fmt: skip
        except Unstartable as reason:
            return Refusal("connect", str(reason))

    @property
    def has_own_plugins(self) -> bool:
        """Whether the lab's HDFS sink is on its class path: not if the manifest's ``plugin.path`` leaves out the folder
        in which the image has it, nor if others are to take its place."""
        return not self.plugin_path and connect_env.offers_hub_components(self.properties)

    @property
    def address(self) -> str:
        """The worker's loopback address."""
        return f"{self.subnet}.{_HOST}"

    @property
    def listen_port(self) -> int:
        """Where it listens by its own settings."""
        return connect_env.rest_listener(self.properties).port

    @property
    def url(self) -> str:
        """Where its users look for it."""
        return f"http://{self.address}:{self.rest_port}"

    def lab_properties(self) -> dict[str, str]:
        """The properties that it is started with."""
        return connect_env.lab_properties(self.properties, self.address, self.plugin_path, discovery=self.discovery)

    def render(self) -> str:
        """The worker's properties file."""
        return rendered(self.lab_properties())
