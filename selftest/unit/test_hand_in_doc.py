"""What docs/hand-in.md shows works as it stands there."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from topicmark.submission import Answers, Submission, TopicCommand, TopicPlan, TopicTable, Values, load, names_default
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


def manifest(without: str) -> str:
    """The example of a submission.toml, less one of the two ways to name topics, of which it says "one of"."""
    lines = example("schema =").splitlines()
    (drop,) = [line for line in lines if line.startswith(without)]
    return "\n".join(line for line in lines if line != drop)


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


@pytest.mark.parametrize(("without", "topics"), [('file = "infra/', TopicCommand), ('command = "sh ', TopicTable)])
def test_the_example_of_a_submission(tmp_path: Path, without: str, topics: type) -> None:
    found = loaded(tmp_path, {**FILES, "submission.toml": manifest(without)})
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
    assert {name: set(table) for name, table in shown.items()} == {
        name: set(keys) - ({"files"} if name == "producer" else set()) for name, keys in TABLES.items()
    }


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
