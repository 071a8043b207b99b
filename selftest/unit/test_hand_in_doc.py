"""What docs/hand-in.md shows works as it stands there."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from topicmark.submission import (
    Answers,
    Component,
    ConnectorConfig,
    ConnectorScript,
    Console,
    CurlCalls,
    FlumeAgent,
    Interaction,
    Statements,
    Submission,
    TableImport,
    TopicCommand,
    TopicPlan,
    TopicTable,
    Values,
    load,
    names_default,
)
from topicmark.submission.manifest import _TABLES as TABLES
from topicmark.submission.manifest import SCHEMA

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "hand-in.md").read_text()
BLOCKS = re.findall(r"^```toml\n(.*?)^```$", TEXT, re.DOTALL | re.MULTILINE)
REFERENCE = ROOT / "submissions" / "reference"

FILES = {
    "deploy/kafka-values.yaml": (REFERENCE / "kafka-values.yaml").read_text(),
    "infra/topics.toml": (REFERENCE / "topics.toml").read_text(),
    "create-topics.sh": "kafka-topics.sh --bootstrap-server kafka:9092 --create --topic INGESTION\n",
    "exercise-4/sensor.py": "import sys\nprint(sys.argv)\n",
    "exercise-5/app.py": "import sys\nprint(sys.argv)\n",
    "report/answers.toml": (REFERENCE / "answers.toml").read_text(),
    "requirements.txt": "kafka-python\n",
    "k8s/console.yaml": (REFERENCE / "redpanda.yaml").read_text(),
    "exercise-2/steps.sh": (REFERENCE / "exercise02.sh").read_text(),
    "exercise-2/steps.py": "print()\n",
    "k8s/registry.yaml": (REFERENCE / "kafka-schema-registry.yaml").read_text(),
    "k8s/connect.yaml": (REFERENCE / "kafka-connect.yaml").read_text(),
    "k8s/ksqldb.yaml": (REFERENCE / "kafka-ksqldb.yaml").read_text(),
    "exercise-3/console.sh": (REFERENCE / "exercise03.sh").read_text(),
    "ksql/streams.sql": "CREATE STREAM STREAM_INGESTION (x STRING) WITH (KAFKA_TOPIC = 'INGESTION');\n",
    "ksql/sensors.sql": "CREATE STREAM SENSOR_ID_1 AS SELECT * FROM STREAM_INGESTION;\n",
    "connect/sink.json": (REFERENCE / "hdfs-sink.json").read_text(),
    "connect/post-sink.sh": "curl -d @sink.json $CONNECT/connectors\n",
    "flume/agent.conf": (REFERENCE / "flume.conf").read_text(),
    "sqoop/import.sh": (REFERENCE / "exercise08.sh").read_text(),
    "sqoop/load.sh": "sqoop import --table $1\n",
}


def example(holding: str) -> str:
    """The one block of the page with this text in it."""
    (block,) = [block for block in BLOCKS if holding in block]
    return block


def loaded(tmp_path: Path, files: dict[str, str]) -> Submission:
    for name, text in files.items():
        path = tmp_path / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return load(tmp_path / "in", tmp_path / "staged")


def manifest(*without: str) -> str:
    """The example of a submission.toml, less one of two ways where it says "one of"."""
    lines = example("schema =").splitlines()
    dropped = [line for line in lines if line.startswith(without)]
    assert len(dropped) == len(without)
    return "\n".join(line for line in lines if line not in dropped)


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.splitlines()[0])
def test_every_example_is_toml(block: str) -> None:
    assert tomllib.loads(block)


def test_every_block_of_toml_was_found() -> None:
    assert len(BLOCKS) == TEXT.count("```toml") == 3


def test_the_example_of_topics(tmp_path: Path) -> None:
    found = loaded(tmp_path, {"topics.toml": example("[topics.INGESTION]")}).topics
    assert isinstance(found, TopicTable), found
    assert found.remarks == ()
    assert found.topics == {
        "INGESTION": TopicPlan(
            3, 3, {"min.insync.replicas": "2", "retention.ms": "604800000", "retention.bytes": "1073741824"}
        )
    }


def test_the_example_of_answers(tmp_path: Path) -> None:
    found = loaded(tmp_path, {"answers.toml": example("[ex4]")}).answers
    assert isinstance(found, Answers), found
    assert names_default("time", found.text("ex4", "retention_time"))
    assert names_default("size", found.text("ex4", "retention_size"))
    assert found.text("ex5", "lag")


@pytest.mark.parametrize(
    ("without", "topics"), [('file = "infra/', TopicCommand), ('command = "sh create', TopicTable)]
)
@pytest.mark.parametrize(
    ("other", "connector"), [('file = "connect/', ConnectorScript), ('command = "sh post', ConnectorConfig)]
)
@pytest.mark.parametrize(
    ("fourth", "load"),
    [('file = "sqoop/', ["bash", "load.sh", "employees"]), ('command = "bash load', ["sh", "import.sh"])],
)
@pytest.mark.parametrize(
    ("third", "steps"), [('file = "exercise-2', ["python", "steps.py"]), ('command = "python', ["bash", "steps.sh"])]
)
def test_the_example_of_a_submission(
    tmp_path: Path,
    without: str,
    topics: type,
    other: str,
    connector: type,
    third: str,
    steps: list[str],
    fourth: str,
    load: list[str],
) -> None:
    found = loaded(tmp_path, {**FILES, "submission.toml": manifest(without, other, third, fourth)})
    assert isinstance(found.flume, FlumeAgent), found.flume
    assert (found.flume.file, found.flume.workdir) == ("flume/agent.conf", "flume")
    assert isinstance(found.sqoop, TableImport), found.sqoop
    assert list(found.sqoop.command().argv) == load
    assert found.sqoop.workdir == "sqoop"
    assert found.sqoop.env == {"DATABASE": "employees"}
    roles = {"redpanda": "console", "registry": "registry", "connect": "connect", "ksqldb": "ksqldb"}
    for role, file in roles.items():
        component = getattr(found, role)
        assert isinstance(component, Component), component
        assert component.file == f"k8s/{file}.yaml"
    assert isinstance(found.interaction, Interaction), found.interaction
    assert list(found.interaction.command().argv) == steps
    assert found.interaction.workdir == "exercise-2"
    assert found.interaction.env == {"BOOTSTRAP": "kafka:9092"}
    assert found.console == Console(("bash", "console.sh"), "exercise-3", "exercise-3/console.sh")
    assert isinstance(found.statements, Statements), found.statements
    assert found.statements.files == ("ksql/streams.sql", "ksql/sensors.sql")
    assert isinstance(found.connector, connector), found.connector
    if isinstance(found.connector, ConnectorScript):
        assert list(found.connector.command().argv) == ["sh", "post-sink.sh"]
        assert found.connector.workdir == "connect"
        assert found.connector.env == {"CONNECT": "http://kafka-connect:8083"}
    assert isinstance(found.values, Values), found.values
    assert isinstance(found.topics, topics), found.topics
    assert found.producer_problem is None
    assert [(one.sensor, list(one.argv)) for one in found.producers] == [
        (str(n), ["python", "sensor.py", "--sensor-id", str(n)]) for n in range(1, 7)
    ]
    assert {one.workdir for one in found.producers} == {"exercise-4"}
    assert found.consumer_problem is None
    assert found.consumer is not None
    assert list(found.consumer.with_group("g.1-x").argv) == ["python", "app.py", "consume", "--group", "g.1-x"]
    assert found.consumer.with_group("g.1-x").files == {"settings.ini": "[kafka]\ngroup_id = g.1-x\n"}
    bare = found.consumer.without_group()
    assert bare is not None
    assert list(bare.argv) == ["python", "app.py", "consume"]
    assert isinstance(found.answers, Answers), found.answers
    assert found.answers.name == "report/answers.toml"
    assert found.requirements == "requirements.txt"
    assert found.requirements_text() == "kafka-python\n"
    assert found.aliases == ("my-kafka",)
    assert found.remarks == ()


def test_the_example_shows_everything_that_can_be_said() -> None:
    shown = tomllib.loads(example("schema ="))
    assert shown.pop("schema") == SCHEMA
    likewise = {"connect", "ksqldb"}  # the page says: likewise
    assert {name: set(table) for name, table in shown.items()} == {
        name: set(keys) - ({"files"} if name == "producer" else set())
        for name, keys in TABLES.items()
        if name not in likewise
    }
    assert all(f"[{name}]" in example("schema =") and TABLES[name] == TABLES["registry"] for name in likewise)


@pytest.mark.parametrize(
    "files",
    [
        ("KAFKA-VALUES.YAML", "Topics.toml", "my_producer.py", "my_consumer.py", "Answers.toml"),
        ("a/b/kafka-values.yml", "a/topics.toml", "a/sensor-producer.py", "b/consumer2.py", "c/answers.toml"),
        ("deploy/my-values.yaml", "topics.toml", "producer.py", "consumer.py", "answers.toml"),
    ],
)
def test_files_are_found_by_the_names_of_the_page(tmp_path: Path, files: tuple[str, ...]) -> None:
    texts = [FILES[name] for name in ("deploy/kafka-values.yaml", "infra/topics.toml", "exercise-4/sensor.py")]
    found = loaded(
        tmp_path, dict(zip(files, [*texts, FILES["exercise-5/app.py"], FILES["report/answers.toml"]], strict=True))
    )
    assert isinstance(found.values, Values), found.values
    assert isinstance(found.topics, TopicTable), found.topics
    assert len(found.producers) == 1
    assert found.consumer is not None
    assert isinstance(found.answers, Answers)
    assert found.answers.name == files[-1]


@pytest.mark.parametrize(
    "name", ["conftest.py", "pytest.ini", "x.pth", "sitecustomize.py", "usercustomize.py", ".venv/bin/activate"]
)
def test_what_the_page_says_is_left_out_is(tmp_path: Path, name: str) -> None:
    found = loaded(tmp_path, {name: "x", "producer.py": "print()\n"})
    assert name not in found.files
    assert not (found.tree / name).exists()
    assert "producer.py" in found.files


REFERENCE_FILES = {path.name: path.read_text() for path in REFERENCE.iterdir() if path.is_file()}


def test_the_reference_is_found_by_its_names(tmp_path: Path) -> None:
    found = loaded(tmp_path, REFERENCE_FILES)
    for role in ("redpanda", "registry", "connect", "ksqldb"):
        assert isinstance(getattr(found, role), Component)
    assert isinstance(found.interaction, Interaction)
    assert isinstance(found.console, Console)
    assert isinstance(found.statements, Statements)
    assert isinstance(found.connector, ConnectorConfig)
    assert isinstance(found.flume, FlumeAgent)
    assert isinstance(found.sqoop, TableImport)
    assert isinstance(found.topics, TopicTable)
    assert isinstance(found.values, Values)
    assert found.remarks == ()


@pytest.mark.parametrize(
    ("old", "new", "artefact", "kind"),
    [
        ("redpanda.yaml", "x/my-redpanda.yml", "redpanda", Component),
        ("redpanda.yaml", "k8s/Console.yaml", "redpanda", Component),
        ("redpanda.yaml", "lecture3.yaml", "redpanda", Component),
        ("exercise02.sh", "Lektion 3/steps.sh", "interaction", Interaction),
        ("exercise02.sh", "exercise2.py", "interaction", Interaction),
        ("kafka-schema-registry.yaml", "x/my-registry.yml", "registry", Component),
        ("kafka-connect.yaml", "KAFKA-CONNECT.YML", "connect", Component),
        ("kafka-connect.yaml", "a/our-connect-deploy.yaml", "connect", Component),
        ("kafka-connect.yaml", "lecture3.yaml", "connect", Component),
        ("kafka-ksqldb.yaml", "ksql.yml", "ksqldb", Component),
        ("exercise03.sh", "Lektion 3/terminals.sh", "console", Console),
        ("exercise06.sql", "q/streams.ksql", "statements", Statements),
        ("exercise06.sql", "streams.sql", "statements", Statements),
        ("hdfs-sink.json", "ex7/connector.json", "connector", ConnectorConfig),
        ("flume.conf", "ex8/Flume.properties", "flume", FlumeAgent),
        ("flume.conf", "my-flume-agent.conf", "flume", FlumeAgent),
        ("flume.conf", "ingest/agent.properties", "flume", FlumeAgent),
        ("exercise08.sh", "Lektion 3/import.sh", "sqoop", TableImport),
        ("exercise08.sh", "report.md", "sqoop", TableImport),
    ],
)
def test_artefacts_of_exercises_2_3_and_6_to_8_by_the_names_of_the_page(
    tmp_path: Path, old: str, new: str, artefact: str, kind: type
) -> None:
    files = {name: text for name, text in REFERENCE_FILES.items() if name != old}
    found = loaded(tmp_path, {**files, new: REFERENCE_FILES[old]})
    assert isinstance(getattr(found, artefact), kind), getattr(found, artefact)
    assert isinstance(found.topics, TopicTable)
    assert isinstance(found.values, Values)


@pytest.mark.parametrize(
    ("name", "text", "artefact", "kind"),
    [
        ("exercise06.md", "```\nksql> SHOW STREAMS;\n```\n", "statements", Statements),
        ("exercise06.sh", "ksql -e 'SHOW STREAMS;'\n", "statements", Statements),
        ("post.sh", "curl -d @x http://localhost:8083/connectors\n", "connector", ConnectorScript),
        ("post.bat", "curl -d @x ^\r\n http://localhost:8083/connectors\r\n", "connector", CurlCalls),
        ("post.cmd", 'curl -d "{\\"a\\": 1}" http://localhost:8083/connectors\n', "connector", CurlCalls),
        ("post.ps1", "curl.exe -d '@x' `\n http://localhost:8083/connectors\n", "connector", CurlCalls),
    ],
)
def test_the_other_forms_of_the_page(tmp_path: Path, name: str, text: str, artefact: str, kind: type) -> None:
    found = loaded(tmp_path, {name: text})
    assert isinstance(getattr(found, artefact), kind), getattr(found, artefact)
