"""The image of Connect with Confluent's HDFS 2 sink: made once, from the plain one and Confluent's hub."""

from __future__ import annotations

import io
from collections.abc import Callable

from topicmark.containers import engine
from topicmark.model import LabFault
from topicmark.services.docker.component import IMAGES

PLUGIN = "confluentinc/kafka-connect-hdfs:10.2.4"
WITH_SINK = "topicmark/kafka-connect-hdfs:7.3.1-10.2.4"


def ensure(say: Callable[[str], None]) -> str:
    """The image's name; it is built if it is not there, with the network that building takes. Raises ``LabFault``."""
    if engine.missing([WITH_SINK]):
        say(f"installing {PLUGIN} into an image of its own, once")
        text = f"FROM {IMAGES['connect']}\nRUN confluent-hub install --no-prompt {PLUGIN}\n"
        said: list[str] = []
        with engine.told(f"{PLUGIN} cannot be installed"):
            for step in engine.client().api.build(
                fileobj=io.BytesIO(text.encode()), tag=WITH_SINK, rm=True, decode=True
            ):
                said.append(str(step.get("stream", "")))
                if "error" in step:
                    remedy = "Give an unpacked plugin instead: --connect-plugins DIR."
                    reason = f"{PLUGIN} cannot be installed: {step['error']}"
                    raise LabFault(reason, service="docker", log="".join(said)[-2000:], remedy=remedy)
    return WITH_SINK
