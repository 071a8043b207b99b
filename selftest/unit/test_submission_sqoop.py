"""The import of a hand-in: found in a script or a report, and what is wrong with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from topicmark.submission import Missing, Problem, TableImport, TopicCommand, load

LINE = "sqoop import --connect jdbc:postgresql://postgresql/employees --table employees\n"


def loaded(tmp_path: Path, files: dict[str, str]) -> TableImport | Problem | Missing:
    for name, text in files.items():
        path = tmp_path / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return load(tmp_path / "in", tmp_path / "staged").sqoop


@pytest.mark.parametrize(
    ("files", "argv", "workdir"),
    [
        ({"exercise08.sh": LINE}, ("bash", "exercise08.sh"), "."),
        ({"ex/Exercise8.sh": f"#!/bin/sh\n{LINE}", "other.sh": LINE}, ("sh", "Exercise8.sh"), "ex"),
        ({"load.sh": LINE, "notes.md": LINE}, ("bash", "load.sh"), "."),
        ({"load.sh": "sqoop \\\n  import --table x\n"}, ("bash", "load.sh"), "."),
        ({"load.sh": "sqoop import-all-tables -m 1\n"}, ("bash", "load.sh"), "."),
    ],
)
def test_a_script_is_found(tmp_path: Path, files: dict[str, str], argv: tuple[str, ...], workdir: str) -> None:
    found = loaded(tmp_path, files)
    assert isinstance(found, TableImport), found
    assert (tuple(found.argv), found.workdir) == (argv, workdir)


def test_of_a_report_only_what_was_typed_is_run(tmp_path: Path) -> None:
    report = """# Import
Then I ran sqoop import in the pod:
```
$ rm -rf /
root@sqoop-0:/# sqoop import --table employees \\
  -m 1
INFO mapreduce.Job: sqoop import done
```
- sqoop import is slow
"""
    found = loaded(tmp_path, {"report.md": report})
    assert isinstance(found, TableImport), found
    assert tuple(found.argv) == ("bash", "-c", "sqoop import --table employees \\\n  -m 1")


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ({"exercise08.sh": "# sqoop import\necho done\n"}, "exercise08.sh: has no line with `sqoop import`"),
        ({"a.sh": LINE, "b.sh": f"{LINE}echo\n"}, '[sqoop] file = "a.sh"'),
        ({"submission.toml": '[sqoop]\nfile = "x.sh"\n'}, "submission.toml:2: the file x.sh is not in the submission"),
    ],
)
def test_what_is_wrong_is_told(tmp_path: Path, files: dict[str, str], told: str) -> None:
    found = loaded(tmp_path, files)
    assert isinstance(found, Problem), found
    assert told in str(found)


def test_what_is_not_there_is_missing(tmp_path: Path) -> None:
    assert isinstance(loaded(tmp_path, {"x.sh": "echo 'sqoop export'\n"}), Missing)


def test_a_script_may_be_started_elsewhere_with_an_environment(tmp_path: Path) -> None:
    given = '[sqoop]\nfile = "sh/load.sh"\nworkdir = "data"\nenv = { A = "1" }\n'
    found = loaded(tmp_path, {"submission.toml": given, "sh/load.sh": LINE, "data/x.txt": ""})
    assert isinstance(found, TableImport), found
    assert (tuple(found.argv), found.workdir, found.env) == (("bash", "../sh/load.sh"), "data", {"A": "1"})


def test_a_script_that_makes_the_topic_of_an_agent_is_no_script_for_ingestion(tmp_path: Path) -> None:
    create = "kafka-topics.sh --bootstrap-server kafka:9092 --create --topic {}\n"
    for number, (topic, taken) in enumerate([("flume-logs", False), ("INGESTION", True)]):
        loaded(tmp_path / str(number), {"exercise08.sh": create.format(topic) + LINE})
        topics = load(tmp_path / str(number) / "in", tmp_path / f"again-{number}").topics
        assert isinstance(topics, TopicCommand) == taken, topics
