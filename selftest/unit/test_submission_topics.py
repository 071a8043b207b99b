"""Topic tables with their lines, and which script or program is taken for making the topics."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from topicmark.submission import Missing, Problem, TopicCommand, TopicPlan, TopicTable, load
from topicmark.submission.topics import parse

REFERENCE = Path(__file__).parents[2] / "submissions" / "reference" / "topics.toml"
HEAD = "[topics.INGESTION]\npartitions = 3\nreplication_factor = 3\n"


def found(tmp_path: Path, files: Mapping[str, str]) -> TopicTable | TopicCommand | Problem | Missing:
    for name, text in files.items():
        path = tmp_path / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return load(tmp_path / "in", tmp_path / "out").topics


def test_reference() -> None:
    table = parse(REFERENCE.read_text(), "topics.toml")
    assert isinstance(table, TopicTable)
    assert table.topics == {
        "INGESTION": TopicPlan(
            3, 3, {"min.insync.replicas": "2", "retention.ms": "604800000", "retention.bytes": "1073741824"}
        )
    }
    assert table.remarks == ()


def test_dotted_keys_without_quotes_and_every_kind_of_value() -> None:
    table = parse(
        HEAD + "[topics.INGESTION.config]\nretention.ms = 1\n"
        "retention.bytes = '2'\nunclean.leader.election.enable = false\n",
        "topics.toml",
    )
    assert isinstance(table, TopicTable)
    assert table.topics["INGESTION"].config == {
        "retention.ms": "1",
        "retention.bytes": "2",
        "unclean.leader.election.enable": "false",
    }


@pytest.mark.parametrize(
    ("text", "line", "what", "remedy"),
    [
        ("[topics.INGESTION]\npartitions = 3\n", 1, "replication_factor", "Add the line"),
        ("\n[topics.INGESTION]\npartition = 3\nreplication_factor = 3\n", 2, "partitions", "Is partition meant"),
        ("[topics.INGESTION]\npartitions = 'three'\nreplication_factor = 3\n", 2, "whole number", "quotes"),
        ("[topics.INGESTION]\npartitions = 3.5\nreplication_factor = 3\n", 2, "whole number", ""),
        ("[topics.INGESTION]\npartitions = true\nreplication_factor = 3\n", 2, "whole number", ""),
        ("[topics.INGESTION]\npartitions = 3\nreplication_factor = 0\n", 3, "between 1", ""),
        ("[topics.INGESTION]\npartitions = 1000000\nreplication_factor = 3\n", 2, "between 1", ""),
        ("[topics]\nINGESTION = 3\n", 2, "table", ""),
        ("[topics.'IN GESTION']\npartitions = 3\n", 1, "no topic name", ""),
        ("x = 1\n", 1, "no topic", "[topics.INGESTION]"),
        ("", 1, "no topic", ""),
        (HEAD + "config = 3\n", 4, "config must be a table", ""),
        (HEAD + "[topics.INGESTION.config]\n'a.b' = [1]\n", 5, "a.b", ""),
        ("[topics.INGESTION]\npartitions = \n", 2, "not valid TOML", ""),
        ("[topics.INGESTION]\npartitions = 3\npartitions = 4\n", 3, "not valid TOML", ""),
        ("[topics.INGESTION\n", 1, "not valid TOML", ""),
        ("a = 1\n<<<<<<< HEAD\n", 2, "merge conflict", ""),
    ],
)
def test_errors_carry_the_line(text: str, line: int, what: str, remedy: str) -> None:
    problem = parse(text, "infra/topics.toml")
    assert isinstance(problem, Problem)
    assert problem.where == f"infra/topics.toml:{line}"
    assert what in problem.what
    assert remedy in problem.remedy


def test_other_keys_get_a_remark() -> None:
    table = parse('[topic]\n[topics.T]\npartitions=1\nreplication_factor=1\n"retention.ms" = 5\n', "t.toml")
    assert isinstance(table, TopicTable)
    assert table.remarks[0].startswith("line 1: topic is not read. Did you mean")
    assert "line 5: retention.ms is not read" in table.remarks[1]
    assert "[topics.T.config]" in table.remarks[1]


@pytest.mark.parametrize(
    "text",
    [
        "a = " + "[" * 50_000,
        "a" * 300_000,
        "a = " + "9" * 5000,
        "[a." + "a." * 5000 + "a]",
        "a." * 60_000 + "a=1",
        "[topics.T]\npartitions=1\nreplication_factor=1\n[topics.T.config." + "a." * 5000 + "a]",
    ],
)
def test_hostile_tables_end_in_words(text: str) -> None:
    assert isinstance(parse(text, "topics.toml"), Problem)


SCRIPT = (
    "#!/bin/sh\n# makes the topic\nkubectl exec kafka-client -- kafka-topics.sh --bootstrap-server kafka:9092 \\\n"
    "  --create --topic INGESTION\n"
)


def test_a_table_comes_before_a_script(tmp_path: Path) -> None:
    assert isinstance(found(tmp_path, {"a/Topics.TOML": HEAD, "create.sh": SCRIPT}), TopicTable)


def test_a_script_with_windows_line_ends(tmp_path: Path) -> None:
    topics = found(tmp_path, {"infra/Create.SH": SCRIPT.replace("\n", "\r\n"), "topic.py": "x()"})
    assert topics == TopicCommand(("sh", "Create.SH"), "infra", kind="script")
    assert (tmp_path / "out/infra/Create.SH").read_bytes() == SCRIPT.encode()


def test_a_script_without_a_first_line_runs_in_bash(tmp_path: Path) -> None:
    topics = found(tmp_path, {"x.sh": "T=kafka-topics\nfor t in A INGESTION; do $T --create --topic $t; done\n"})
    assert isinstance(topics, TopicCommand)
    assert topics.argv == ("bash", "x.sh")
    assert topics.command().workdir == "."


def test_comments_make_no_topics(tmp_path: Path) -> None:
    topics = found(tmp_path, {"run.sh": "# kafka-topics.sh --create --topic x\necho kafka-topics # --create\n"})
    assert isinstance(topics, Missing)


def test_the_script_that_makes_ingestion_is_preferred(tmp_path: Path) -> None:
    other = SCRIPT.replace("INGESTION", "test")
    topics = found(tmp_path, {"a.sh": other, "b/b.sh": SCRIPT})
    assert isinstance(topics, TopicCommand)
    assert topics.workdir == "b"


def test_a_program_that_makes_topics(tmp_path: Path) -> None:
    topics = found(
        tmp_path,
        {
            "ex4/create_topic.py": "from kafka.admin import NewTopic\nmake()\n",
            "topics.py": "NAME = 'INGESTION'\n",
            "ex4/list_topics.py": "print('x')\n",
            "topic_consumer.py": "x()\n",
            "main.py": "import topics\n",
        },
    )
    assert topics == TopicCommand(("python", "create_topic.py"), "ex4", kind="program")


def test_two_tables_at_one_depth_are_ambiguous(tmp_path: Path) -> None:
    topics = found(tmp_path, {"a/topics.toml": HEAD, "b/topics.toml": HEAD.replace("3", "2")})
    assert isinstance(topics, Problem)
    assert "submission.toml" in topics.remedy


def test_two_tables_with_one_content_are_one(tmp_path: Path) -> None:
    assert isinstance(found(tmp_path, {"a/topics.toml": HEAD, "b/topics.toml": HEAD}), TopicTable)


def test_nothing(tmp_path: Path) -> None:
    topics = found(tmp_path, {"readme.md": "x"})
    assert isinstance(topics, Missing)
    assert "kafka-topics.sh" in str(topics)
