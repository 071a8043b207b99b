"""What ``topicmark course --replay`` does besides reading."""

from __future__ import annotations

import re
import sys
import tempfile
from pathlib import Path

from topicmark.course.findings import Finding
from topicmark.course.plan import Course
from topicmark.course.plan.cluster import cluster_of
from topicmark.course.replay import Replayed, actions, carry_out
from topicmark.course.replay.reach import forwards
from topicmark.course.replay.verdicts import findings
from topicmark.model import SubmissionError, UsageError
from topicmark.provision import runtimes
from topicmark.provision.runtimes import Runtime, RuntimeFailure
from topicmark.replaying.grading import graded
from topicmark.replaying.labs import Play, embedded, on_a_cluster
from topicmark.services.kubectl import Place
from topicmark.submission import Submission, load

_KAFKA_CLIENT = re.compile(r"^\s*(?:kafka-python(?:-ng)?|confluent-kafka|aiokafka)\b", re.MULTILINE | re.IGNORECASE)


def replay(course: Course, place: Place | None = None) -> tuple[list[Replayed], list[Finding]]:
    """The steps of a course, and the tasks on its own programs, with what came of each on the embedded lab, or on the
    cluster of ``place``; and what of it is the course's fault.

    Raises ``UsageError`` if nothing can be run here, ``LabFault`` if the lab breaks: then nothing is said.
    """
    with tempfile.TemporaryDirectory(prefix="topicmark-course-") as scratch:
        taken = _taken(course, Path(scratch) / "tree")
        play = Play(taken, _runtime(course), forwards(course))
        _say("starting a lab")
        with embedded(play) if place is None else on_a_cluster(play, place, _say) as stage:
            roles = {one.file: role for role, one in play.components.items()}
            todo = actions(course, stage.reach(cluster_of(course).ports), roles)
            _say(f"{len(todo)} steps")
            done = carry_out(course, todo, stage, lambda one: _say(f"{one.path}:{one.line} {one.verdict}"))
            stage.check()
    done += graded(course, _say, place)
    return done, list(findings(done))


def _taken(course: Course, tree: Path) -> Submission:
    """The repository, copied as a submission is: nothing that Python would pick up by itself, no links out of it."""
    try:
        return load(course.repository.root, tree)
    except SubmissionError as error:
        raise UsageError(f"{course.repository.root}: cannot be replayed: {error}") from error


def _runtime(course: Course) -> Runtime:
    """A Python with what the course's own requirements name, if one of them names a Kafka client and can be had."""
    texts = [course.repository.text(path) for path in course.repository.by_suffix("requirements.txt")]
    for text in (text for text in texts if _KAFKA_CLIENT.search(text)):
        made = runtimes.for_requirements(text, _say)
        if not isinstance(made, RuntimeFailure):
            return made
        _say(made.reason)
    return runtimes.default(_say)


def _say(text: str) -> None:
    print(f"topicmark: {text}", file=sys.stderr)  # noqa: T201
