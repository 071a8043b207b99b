"""What the flight recorder knows of a topic, for whoever asks a lab what was written to it."""

from __future__ import annotations

from topicmark.observe.segments import Written
from topicmark.recorder import tape
from topicmark.services.recorder import tape_of


def recorded(cluster: str, topic: str) -> Written | None:
    """Every record that passed through the topic since the cluster is recorded; None if it is not."""
    recording = tape.read(tape_of(cluster), topic)
    if recording.begun_at is None:
        return None
    return Written(recording.records, _told(recording))


def both(recording: Written | None, on_disk: Written) -> Written:
    """The records that the recorder saw and those on the brokers' disks, each once."""
    if recording is None:
        return on_disk
    found = {(one.partition, one.offset, one.key, one.value): one for one in (*recording.records, *on_disk.records)}
    complete = not recording.unreadable or len(found) > len(recording.records)
    return Written(tuple(found.values()), on_disk.unreadable if complete else recording.unreadable)


def _told(recording: tape.Recording) -> str:
    """Why there may be more records; empty if there are not."""
    if recording.full:
        return "the flight recorder keeps 32 MiB of a topic"
    if recording.missed:
        return f"{recording.missed} records were deleted before the flight recorder saw them"
    return ""
