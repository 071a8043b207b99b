"""The steps of exercise 2: which script or program is taken, and that other exercises leave it alone."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from topicmark.submission import Console, Interaction, Missing, Problem, Submission, load

REFERENCE = Path(__file__).parents[2] / "submissions" / "reference" / "exercise02.sh"
LINE = "kafka-topics.sh --bootstrap-server kafka:9092 --create --topic test-redpanda\n"
PRODUCER = "kafka-console-producer.sh --bootstrap-server kafka:9092 --topic {}\n"
CONSUMER = "kafka-console-consumer.sh --bootstrap-server kafka:9092 --topic {}\n"


def submission(tmp_path: Path, files: Mapping[str, str]) -> Submission:
    for name, text in files.items():
        path = tmp_path / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, newline="")
    return load(tmp_path / "in", tmp_path / "out")


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"exercise02.sh": REFERENCE.read_text()}, Interaction(("bash", "exercise02.sh"), ".", "exercise02.sh")),
        ({"a/Exercise2.SH": "#!/bin/sh\r\nls\r\n"}, Interaction(("sh", "Exercise2.SH"), "a", "a/Exercise2.SH")),
        ({"exercise02.sh": LINE, "x.sh": LINE + "ls\n"}, Interaction(("bash", "exercise02.sh"), ".", "exercise02.sh")),
        ({"k/x.sh": LINE, "p.sh": "ls\n"}, Interaction(("bash", "x.sh"), "k", "k/x.sh")),
        (
            {"exercise02.py": "print()\n", "p.sh": "# test-redpanda\nls\n"},
            Interaction(("python", "exercise02.py"), ".", "exercise02.py", {}, "program"),
        ),
        (
            {"k/y.sh": LINE, "x.sh": LINE + "ls\n", "submission.toml": "[interaction]\nfile = 'k/y.sh'\nworkdir='.'\n"},
            Interaction(("bash", "k/y.sh"), ".", "k/y.sh"),
        ),
        (
            {"y.py": "", "submission.toml": "[interaction]\ncommand = 'python y.py 1'\nenv = { A = 'b' }\n"},
            Interaction(("python", "y.py", "1"), ".", "", {"A": "b"}, "program"),
        ),
    ],
)
def test_what_is_taken(tmp_path: Path, files: dict[str, str], expected: Interaction) -> None:
    assert submission(tmp_path, files).interaction == expected


def test_nothing_and_nothing_in_it(tmp_path: Path) -> None:
    found = submission(tmp_path / "a", {"p.sh": PRODUCER.format("test")}).interaction
    assert isinstance(found, Missing)
    assert "exercise02.sh" in str(found)
    assert "docs/hand-in.md" in str(found)
    found = submission(tmp_path / "b", {"exercise02.sh": "# nothing yet\n"}).interaction
    assert isinstance(found, Problem)
    assert "holds no command" in found.what


def test_several(tmp_path: Path) -> None:
    found = submission(tmp_path, {"a.sh": LINE, "b.sh": LINE + "\n\nls"}).interaction
    assert isinstance(found, Problem)
    assert '[interaction] file = "a.sh"' in found.remedy


def test_it_makes_no_ingestion_and_is_no_console_script(tmp_path: Path) -> None:
    steps = LINE + PRODUCER.format("test-redpanda") + CONSUMER.format("test-redpanda")
    terminals = PRODUCER.format("test") + CONSUMER.format("test")
    found = submission(tmp_path, {"exercise02.sh": steps, "terminals.sh": terminals})
    assert isinstance(found.topics, Missing)
    assert isinstance(found.console, Console)
    assert found.console.file == "terminals.sh"


def test_one_script_for_both_exercises(tmp_path: Path) -> None:
    text = LINE + PRODUCER.format("test-redpanda") + PRODUCER.format("test") + CONSUMER.format("test")
    found = submission(tmp_path, {"all.sh": text})
    assert isinstance(found.console, Console)
    assert isinstance(found.interaction, Interaction)
    assert found.console.file == found.interaction.file == "all.sh"
