"""Registers the grading plugin and the fixtures."""

_FIXTURES = (
    "lab pods submission values services console redpanda topic broadcast outage rehearsal sink streams agent imported "
    "course"
)

pytest_plugins = ["topicmark.plugin", *(f"fixtures.{name}" for name in _FIXTURES.split())]
