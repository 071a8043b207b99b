"""The Flume agent of a hand-in: found, read, and what is wrong with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from topicmark.submission import FlumeAgent, Missing, Problem, Submission, load
from topicmark.submission.flume import parse
from topicmark.submission.properties import read

AGENT = """\
a.sources = s
a.channels = c
a.sinks = k
a.sources.s.type = http
a.sources.s.port = 12345
a.sinks.k.type = org.apache.flume.sink.kafka.KafkaSink
a.sinks.k.kafka.topic = flume-logs
"""


def loaded(tmp_path: Path, **files: str) -> Submission:
    for name, text in files.items():
        path = tmp_path / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return load(tmp_path / "in", tmp_path / "staged")


def config_map(text: str, more: str = "") -> str:
    lines = "".join(f"    {line}\n" for line in text.splitlines())
    return f"apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: flume\ndata:\n  agent.conf: |\n{lines}{more}"


@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        ("a = 1\nb: 2\nc 3\nd=4\n", {"a": "1", "b": "2", "c": "3", "d": "4"}),
        ("# a = 1\n! b = 2\n  c = 3\n", {"c": "3"}),
        ("a = 1,\\\n   2\nb = 3\\\\\nc = 4\n", {"a": "1,2", "b": "3\\", "c": "4"}),
        ("a = 1\r\nb = 2\rc = 3", {"a": "1", "b": "2", "c": "3"}),
        ("a = 1\na = 2\n", {"a": "2"}),
        ("key\\ with\\:signs = v\\u00e6\\t!\n", {"key with:signs": "væ\t!"}),
        ("alone\nempty =\n", {"alone": "", "empty": ""}),
        ("url = http://a:1/?b=c # no comment\n", {"url": "http://a:1/?b=c # no comment"}),
        ("last = 1\\", {"last": "1"}),
    ],
)
def test_properties_are_read_as_java_reads_them(text: str, pairs: dict[str, str]) -> None:
    assert read(text) == pairs


def test_an_agent_is_read() -> None:
    found = parse(AGENT, "flume.conf")
    assert isinstance(found, FlumeAgent), found
    assert (found.name, found.topics) == ("a", ("flume-logs",))
    assert [(one.name, one.kind, dict(one.settings)) for one in found.sources] == [
        ("s", "http", {"type": "http", "port": "12345"})
    ]
    assert [one.kind for one in found.sinks] == ["kafka"]


@pytest.mark.parametrize(
    ("old", "new", "topics"),
    [
        ("kafka.topic = flume-logs", "topic = old-key", ("old-key",)),
        ("a.sinks.k.kafka.topic = flume-logs", "", ("default-flume-topic",)),
        ("org.apache.flume.sink.kafka.KafkaSink", "logger", ()),
        ("sinks.k.type = org.apache.flume.sink.kafka.KafkaSink", "sinks.k.type = Kafka", ("flume-logs",)),
    ],
)
def test_the_topic_is_that_of_the_kafka_sink(old: str, new: str, topics: tuple[str, ...]) -> None:
    found = parse(AGENT.replace(old, new), "flume.conf")
    assert isinstance(found, FlumeAgent), found
    assert found.topics == topics


@pytest.mark.parametrize(
    ("text", "started_as", "told"),
    [
        ("x = 1\n", (), "flume.conf: holds no agent"),
        (AGENT.replace("a.sinks = k", ""), (), "the agent a has no sinks. Write a line `a.sinks = …`"),
        (AGENT.replace("a.channels = c", "a.channels ="), (), "the agent a has no channels"),
        (AGENT, ("b",), "configures the agent a, and what is started is b"),
    ],
)
def test_what_is_wrong_with_an_agent_is_told(text: str, started_as: tuple[str, ...], told: str) -> None:
    found = parse(text, "flume.conf", started_as)
    assert isinstance(found, Problem)
    assert told in str(found)


def test_the_agent_that_is_started_is_taken() -> None:
    both = AGENT + AGENT.replace("\na.", "\nb.").replace("a.sources = s", "b.sources = s").replace(
        "flume-logs", "other"
    )
    for name, topic in (("a", "flume-logs"), ("b", "other")):
        found = parse(both, "flume.conf", (name,))
        assert isinstance(found, FlumeAgent), found
        assert found.topics == (topic,)


STARTS = [
    "flume-ng agent --conf conf --conf-file flume.conf --name {}\n",
    "flume-ng agent -c conf -f flume.conf -n {} -Dflume.root.logger=INFO\n",
    "java org.apache.flume.node.Application --name={} --conf-file x\n",
    "export FLUME_AGENT_NAME={}\n",
]


@pytest.mark.parametrize("line", STARTS)
@pytest.mark.parametrize(("name", "right"), [("a", True), ("b", False)])
def test_a_script_says_which_agent_is_started(tmp_path: Path, line: str, name: str, right: bool) -> None:
    found = loaded(tmp_path, **{"flume.conf": AGENT, "start.sh": line.format(name)}).flume
    assert isinstance(found, FlumeAgent) == right, found


@pytest.mark.parametrize(
    "words",
    [
        '      command: ["flume-ng", "agent", "--name", "{}"]\n',
        "      command:\n        - flume-ng\n        - agent\n        - --name\n        - {}\n",
        "      args: [agent]\n      env:\n        - name: FLUME_AGENT_NAME\n          value: {}\n",
    ],
)
@pytest.mark.parametrize(("name", "right"), [("a", True), ("b", False)])
def test_a_pod_says_which_agent_is_started(tmp_path: Path, words: str, name: str, right: bool) -> None:
    pod = "---\napiVersion: v1\nkind: Pod\nmetadata:\n  name: f\nspec:\n  containers:\n    - name: f\n      image: i\n"
    found = loaded(tmp_path, **{"flume.yaml": config_map(AGENT, pod + words.format(name))}).flume
    assert isinstance(found, FlumeAgent) == right, found


@pytest.mark.parametrize("name", ["flume.yaml", "k8s/my-Flume.yml", "everything.yaml"])
def test_an_agent_is_found_in_a_config_map(tmp_path: Path, name: str) -> None:
    found = loaded(tmp_path, **{name: config_map(AGENT), "other.yaml": config_map("x = 1")}).flume
    assert isinstance(found, FlumeAgent), found
    assert (found.file, found.text) == (name, AGENT)


def test_a_manifest_that_cannot_be_read_is_told_by_its_line(tmp_path: Path) -> None:
    found = loaded(tmp_path, **{"flume.yaml": config_map(AGENT).replace("kind: ConfigMap", "kind: [")}).flume
    assert isinstance(found, Problem)
    assert found.where.startswith("flume.yaml:")


def test_two_agents_in_two_files_are_a_question(tmp_path: Path) -> None:
    found = loaded(tmp_path, **{"one.conf": AGENT, "two.conf": AGENT.replace("12345", "6666")}).flume
    assert isinstance(found, Problem)
    assert '[flume] file = "one.conf"' in str(found)


def test_an_agent_that_is_not_there_is_missing(tmp_path: Path) -> None:
    assert isinstance(loaded(tmp_path, **{"settings.conf": "[kafka]\ngroup_id = x\n"}).flume, Missing)
