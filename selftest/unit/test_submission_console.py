"""The console lines of exercise 3: which script is taken, and what it must name."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from topicmark.submission import Console, Missing, Problem, Submission, TopicCommand, load

REFERENCE = Path(__file__).parents[2] / "submissions" / "reference" / "exercise03.sh"
PRODUCER = "kafka-console-producer.sh --bootstrap-server kafka:9092 --topic test\n"
CONSUMER = "kubectl exec -ti kafka-client -- kafka-console-consumer --topic test --from-beginning\n"
BOTH = PRODUCER + CONSUMER


def submission(tmp_path: Path, files: Mapping[str, str]) -> Submission:
    for name, text in files.items():
        path = tmp_path / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, newline="")
    return load(tmp_path / "in", tmp_path / "out")


def test_reference(tmp_path: Path) -> None:
    found = submission(tmp_path, {"exercise03.sh": REFERENCE.read_text()}).console
    assert found == Console(("bash", "exercise03.sh"), ".", "exercise03.sh")
    assert isinstance(found, Console)
    assert found.kind == "console"
    assert list(found.command().argv) == ["bash", "exercise03.sh"]


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"a/Exercise03.SH": "#!/bin/sh\r\n" + BOTH}, Console(("sh", "Exercise03.SH"), "a", "a/Exercise03.SH")),
        ({"exercise3.sh": BOTH, "x.sh": BOTH + " "}, Console(("bash", "exercise3.sh"), ".", "exercise3.sh")),
        ({"k/x.sh": BOTH, "p.sh": PRODUCER}, Console(("bash", "x.sh"), "k", "k/x.sh")),
        (
            {"x.sh": BOTH, "k/y.sh": CONSUMER + PRODUCER, "submission.toml": "[console]\nfile = 'k/y.sh'\n"},
            Console(("bash", "y.sh"), "k", "k/y.sh"),
        ),
        (
            {"x.sh": 'kubectl exec c -- bash -c "/opt/kafka/bin/kafka-console-producer.sh"\n' + CONSUMER},
            Console(("bash", "x.sh"), ".", "x.sh"),
        ),
    ],
)
def test_which_script_is_taken(tmp_path: Path, files: dict[str, str], expected: Console) -> None:
    assert submission(tmp_path, files).console == expected


@pytest.mark.parametrize(
    ("text", "what", "remedy"),
    [
        ("", "holds no command", "both terminals"),
        ("# nothing yet\n", "holds no command", "both terminals"),
        (PRODUCER, "names no kafka-console-consumer", "docs/hand-in.md"),
        (CONSUMER, "names no kafka-console-producer", ""),
        ("kcat -P\n", "names no kafka-console-producer and no kafka-console-consumer", ""),
        (PRODUCER + "# " + CONSUMER, "kafka-console-consumer in a comment only", "Take the # away"),
        ("#" + PRODUCER + "#" + CONSUMER, "in a comment only", ""),
        (PRODUCER.replace("producer", "producer-perf") + CONSUMER, "names no kafka-console-producer", ""),
    ],
)
def test_what_is_missing_is_said(tmp_path: Path, text: str, what: str, remedy: str) -> None:
    found = submission(tmp_path, {"exercise03.sh": text}).console
    assert isinstance(found, Problem), found
    assert found.where == "exercise03.sh"
    assert what in found.what
    assert remedy in found.remedy


def test_nothing(tmp_path: Path) -> None:
    found = submission(tmp_path, {"p.sh": PRODUCER}).console
    assert isinstance(found, Missing)
    assert "exercise03.sh" in str(found)


def test_several(tmp_path: Path) -> None:
    found = submission(tmp_path, {"a.sh": BOTH, "b.sh": BOTH + "\n"}).console
    assert isinstance(found, Problem)
    assert '[console] file = "a.sh"' in found.remedy


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    found = submission(tmp_path, {"exercise03.sh": BOTH, "submission.toml": "[console]\nfile = 'no.sh'\n"}).console
    assert isinstance(found, Problem)
    assert found.where == "submission.toml:2"


@pytest.mark.parametrize(
    ("create", "makes"),
    [
        ("kafka-topics.sh --create --topic test\n", False),
        ("kafka-topics.sh \\\n  --create --topic INGESTION\n", True),
        ("kafka-topics.sh --create --topic test\nkafka-topics.sh --describe --topic INGESTION\n", False),
        ("for t in test INGESTION; do kafka-topics.sh --create --topic $t; done\n", True),
    ],
)
def test_console_lines_make_topics_only_if_they_make_ingestion(tmp_path: Path, create: str, makes: bool) -> None:
    found = submission(tmp_path, {"exercise03.sh": create + BOTH})
    assert isinstance(found.topics, TopicCommand) is makes
    assert isinstance(found.console, Console)
