"""What can be told of a component's environment without starting its container: where no two backends may differ."""

from __future__ import annotations

from topicmark.backends.needs import Wanted
from topicmark.backends.plan import Plan
from topicmark.services.connect_spec import ConnectSpec
from topicmark.services.ksqldb_env import KsqlSettings
from topicmark.services.refusal import Refusal
from topicmark.services.registry_spec import RegistrySpec


def refused(wanted: Wanted, plan: Plan) -> Refusal | None:
    """Why the container would end at once, never be reached or never find a broker; None if it is to be tried.

    Raises ``UnusableHere`` for what a lab of ours must not run.
    """
    names = plan.host_names()
    spec: ConnectSpec | KsqlSettings | RegistrySpec | Refusal
    if wanted.name == "connect":
        spec = ConnectSpec.from_environment(wanted.env, plan.subnet, host_names=names, rest_port=wanted.port)
    elif wanted.name == "ksqldb":
        spec = KsqlSettings.from_environment(wanted.env, names)
    else:
        spec = RegistrySpec.from_environment(wanted.env, plan.subnet, host_names=names, port=wanted.port)
    if isinstance(spec, Refusal):
        return spec
    port = spec.listen_port if isinstance(spec, ConnectSpec) else spec.listener.port
    if port != wanted.port:
        return Refusal(wanted.name, f"it listens on port {port}; nothing answers on port {wanted.port}")
    return None
