"""Registers the grading plugin and the fixtures."""

pytest_plugins = [
    "topicmark.plugin",
    "fixtures.lab",
    "fixtures.pods",
    "fixtures.submission",
    "fixtures.values",
    "fixtures.services",
    "fixtures.console",
    "fixtures.redpanda",
    "fixtures.topic",
    "fixtures.broadcast",
    "fixtures.outage",
    "fixtures.rehearsal",
    "fixtures.sink",
    "fixtures.streams",
    "fixtures.course",
    "fixtures.agent",
    "fixtures.imported",
]
