"""A lab in which somebody worked by hand, for a run that judges what was done there: it is only looked at."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from topicmark.backends.attached import AttachedLab
from topicmark.backends.attachment import Attachment
from topicmark.backends.base import Ability
from topicmark.backends.by_hand import HandsOnLab, labs
from topicmark.backends.endpoints import brokers_behind
from topicmark.backends.hands import Whose
from topicmark.backends.needs import Needs
from topicmark.backends.recorded import both, recorded
from topicmark.model import LabFault, Unable
from topicmark.observe import segments
from topicmark.observe.segments import Written
from topicmark.sandbox import Level
from topicmark.services.kafka import KafkaCluster
from topicmark.services.kafka_spec import GRADER_PORT, KafkaSpec

_WHY = "your lab is only looked at"


@dataclass
class ObservedLab(AttachedLab):
    """One that ``up`` made and somebody worked in. Its brokers' disks and logs tell what was done there."""

    by_hand: HandsOnLab | None = None
    kafka: KafkaCluster | None = field(default=None, repr=False)

    def unable(self, ability: Ability) -> Unable | None:
        if ability is Ability.WRITE:
            return Unable(_WHY, "Hand in exercise02.sh to have the steps replayed in a lab of the run's own")
        if ability is Ability.TELL_AUTO_CREATED:
            return None
        return super().unable(ability)

    def written(self, topic: str) -> Written:
        seen = recorded(self.cluster_id, topic)
        if self.kafka is not None:
            return both(seen, segments.written(self.kafka.data_folders(), topic))
        return seen or Written(unreadable=f"what was deleted from {topic} was not recorded")

    def auto_created(self) -> set[str]:
        if self.kafka is not None:
            return self.kafka.auto_created()
        from topicmark.services.docker.kafka import KafkaContainers  # takes a while to import

        assert self.by_hand is not None
        return KafkaContainers.auto_created_in(self.by_hand.marker)

    def brokers_behind(self, host: str, port: int, aliases: Sequence[str]) -> Sequence[tuple[str, int]]:
        assert self.by_hand is not None
        return brokers_behind(self.by_hand.plan, host, port, aliases)


def worked_in(level: Level, topic: str) -> ObservedLab | None:
    """The lab in which somebody did something by hand, embedded or in containers, opened; None if there is none.

    A ``topic`` that was there already when a run of the grader left the lab is not of anybody's hand: such a lab is
    none. Raises ``LabFault`` if it does not answer.
    """
    found = [lab for lab in labs() if lab.whose is Whose.YOURS and topic not in _left_there(lab)]
    return _opened(max(found, key=lambda lab: lab.since), level) if found else None


def _left_there(lab: HandsOnLab) -> Collection[str]:
    left: dict[str, Any] = lab.folder.left() or {}
    return left["fingerprint"]["topics"] if left else ()


def _opened(lab: HandsOnLab, level: Level) -> ObservedLab:
    spec: KafkaSpec = lab.plan.kafka
    addresses = tuple((spec.inner_address(broker), GRADER_PORT) for broker in spec.brokers)
    kafka = KafkaCluster.reattach(lab.folder.kafka) if lab.backend == "embedded" else None
    opened = ObservedLab(
        Attachment(addresses), level=level, needs=Needs(), allow_writes=False, by_hand=lab, kafka=kafka
    )
    opened.name = lab.backend
    try:
        opened.start()
    except LabFault:
        opened.close()
        raise
    return opened
