"""Which files are taken for producers and the consumer, and how they are started."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from selftest.effort import little_effort
from topicmark.submission import Missing, Problem, Submission, load

RUN = "from kafka import KafkaProducer\nKafkaProducer()\n"
GUARD = "def main():\n    pass\nif __name__ == '__main__':\n    main()\n"
DEFS = "def f():\n    pass\n"


@pytest.fixture
def submission(tmp_path: Path) -> Callable[[dict[str, str]], Submission]:
    def of(files: dict[str, str]) -> Submission:
        for name, text in files.items():
            path = tmp_path / "in" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return load(tmp_path / "in", tmp_path / "out")

    return of


Make = Callable[[dict[str, str]], Submission]


def started(found: Submission) -> list[tuple[str, str, str]]:
    return [(program.label, program.workdir, " ".join(program.argv)) for program in found.producers]


def test_names_in_any_case_and_folder(submission: Make) -> None:
    found = submission({"Exercise 4/Simple-Producer.PY".replace("PY", "py"): RUN, "ex5/My_CONSUMER.py": RUN})
    assert started(found) == [("producer", "Exercise 4", "python Simple-Producer.py")]
    assert found.consumer is not None
    assert found.consumer.with_group("g").argv == ("python", "My_CONSUMER.py", "g")
    assert found.consumer.workdir == "ex5"
    assert found.producers[0].command().workdir == "Exercise 4"


def test_the_courses_own_hints(submission: Make) -> None:
    found = submission(
        {
            "hints/client.py": "import data_model\nfrom kafka import KafkaConsumer\ndef get_consumer(t, g): pass\n",
            "hints/data_model.py": DEFS,
            "hints/simple-producer.py": "from client import x\nfrom data_model import y\n" + GUARD,
            "hints/simple-consumer.py": "import sys\nfrom client import get_consumer\n"
            "group_id = 'DEFAULT_CONSUMER'\nif len(sys.argv) > 1:\n    group_id = sys.argv[1]\n" + GUARD,
        }
    )
    assert started(found) == [("producer", "hints", "python simple-producer.py")]
    assert found.consumer is not None
    assert found.consumer.argv == ("python", "simple-consumer.py", "{group}")
    assert found.remarks == ()


@pytest.mark.parametrize("line", ["import producer", "from producer import x", "import producer as p"])
def test_an_imported_file_is_a_module(submission: Make, line: str) -> None:
    found = submission({"producer.py": DEFS, "run_producer.py": f"{line}\nproducer()\n"})
    assert started(found) == [("producer", ".", "python run_producer.py")]
    assert found.remarks == ()


@pytest.mark.parametrize("line", ["from .producer import x", "from . import producer", "from app.producer import x"])
def test_an_imported_file_of_a_package_is_a_module(submission: Make, line: str) -> None:
    found = submission({"app/__init__.py": "", "app/producer.py": RUN, "app/my_producer_main.py": f"{line}\n{GUARD}"})
    assert [program.label for program in found.producers] == ["producer"]
    assert "my_producer_main" in found.producers[0].argv[-1]


def test_a_module_only_is_a_problem_with_the_lines_to_write(submission: Make) -> None:
    found = submission({"producer.py": DEFS, "main.py": "import producer\nproducer.f()\n"})
    assert found.producers == ()
    assert isinstance(found.producer_problem, Problem)
    assert "module" in found.producer_problem.what
    assert "[producer]" in found.producer_problem.remedy


def test_an_imported_file_with_a_guard_is_taken_when_there_is_no_other(submission: Make) -> None:
    found = submission({"producer.py": GUARD, "consumer.py": "from producer import TOPIC\n" + GUARD})
    assert started(found) == [("producer", ".", "python producer.py")]
    assert any("imported" in remark for remark in found.remarks)


def test_what_tests_import_is_still_a_program(submission: Make) -> None:
    found = submission({"producer.py": DEFS, "test_producer.py": "import producer\n"})
    assert started(found) == [("producer", ".", "python producer.py")]


@pytest.mark.parametrize(
    "names",
    [
        ["producer1.py", "producer2.py", "producer10.py"],
        ["producer_a.py", "producer_b.py"],
        ["sensor_1_producer.py", "sensor_2_producer.py"],
        ["producer-sensor1.py", "producer-sensor2.py"],
        ["producer_one.py", "producer_two.py"],
        ["sensor1/producer.py", "sensor2/producer.py"],
    ],
)
def test_families_are_run_together(submission: Make, names: list[str]) -> None:
    found = submission(dict.fromkeys(names, RUN))
    labels = [program.label for program in found.producers]
    assert len(labels) == len(set(labels)) == len(names)
    assert all(label.startswith("producer-") for label in labels)
    assert [program.argv[-1].rpartition("/")[2] for program in found.producers] == [
        name.rpartition("/")[2] for name in names
    ]


@pytest.mark.parametrize(
    ("files", "chosen"),
    [
        ({"producer.py": RUN, "producer_v2.py": RUN}, "producer.py"),
        ({"producer_v1.py": RUN, "producer_v2.py": RUN}, "producer_v1.py"),
        ({"producer.py": RUN, "producer (1).py": RUN, "producer (2).py": RUN}, "producer.py"),
        ({"producer.py": DEFS, "deep/er/the_producer_program.py": GUARD}, "the_producer_program.py"),
        ({"a/producer.py": RUN, "my_long_producer.py": RUN}, "my_long_producer.py"),
        ({"producer_utils.py": RUN, "producer.py": RUN}, "producer.py"),
        (
            {
                "producer.py": "import subprocess\nsubprocess.Popen(['python', 'producer1.py'])\n",
                "producer1.py": RUN,
                "producer2.py": RUN,
                "producer3.py": RUN,
            },
            "producer.py",
        ),
        ({"ex4/producer.py": RUN, "ex5/producer.py": RUN}, "producer.py"),
    ],
)
def test_one_of_several_with_a_remark(submission: Make, files: dict[str, str], chosen: str) -> None:
    found = submission(files)
    assert len(found.producers) == 1
    assert found.producers[0].argv[-1] == chosen
    assert any("several producers" in remark for remark in found.remarks)


def test_a_family_beside_another_file(submission: Make) -> None:
    found = submission({f"producer{n}.py": RUN for n in range(1, 7)} | {"old_producer.py": RUN})
    assert len(found.producers) == 6
    assert any("old_producer.py" in remark for remark in found.remarks)


CLIENT = "from kafka import KafkaConsumer, KafkaProducer\n" + DEFS
OTHER_NAMES = {
    "lib/client.py": CLIENT,
    "lib/data-source.py": "from client import get_producer\n" + GUARD,
    "lib/watch.py": "import sys\nfrom client import get_consumer\n" + GUARD,
    "lib/plot.py": "import json\n# of what the consumer wrote\n" + GUARD,
}


def test_programs_of_other_names_are_known_by_what_they_do(submission: Make) -> None:
    found = submission(OTHER_NAMES)
    assert started(found) == [("producer", "lib", "python data-source.py")]
    assert found.consumer is not None
    assert found.consumer.argv[:2] == ("python", "watch.py")
    assert "no file is named *producer*.py; lib/data-source.py is taken for the producer." in found.remarks


def test_a_name_goes_before_what_others_do(submission: Make) -> None:
    found = submission({**OTHER_NAMES, "producer.py": RUN})
    assert started(found) == [("producer", ".", "python producer.py")]


@pytest.mark.parametrize(
    ("files", "what"),
    [
        (
            {"app.py": "from lib.client import get_consumer, get_producer\n" + GUARD, "lib/client.py": CLIENT},
            "talks to Kafka, but neither its name nor its words say that it is the producer alone",
        ),
        (
            {
                "sensor1.py": "from kafka import KafkaProducer\n" + GUARD,
                "b.py": "import confluent_kafka # producer\n" + GUARD,
            },
            "is one of 2 programs that may be the producer: b.py, sensor1.py",
        ),
    ],
)
def test_programs_that_may_be_meant_are_named(submission: Make, files: dict[str, str], what: str) -> None:
    problem = submission(files).producer_problem
    assert isinstance(problem, Problem), problem
    assert what in problem.what
    assert '[producer] command = ["python", ' in problem.remedy


def test_a_file_named_as_both_is_ambiguous(submission: Make) -> None:
    found = submission({"producer_consumer.py": RUN})
    assert isinstance(found.producer_problem, Problem)
    assert isinstance(found.consumer_problem, Problem)
    assert '[consumer] command = ["python", "producer_consumer.py"' in found.consumer_problem.remedy


@pytest.mark.parametrize(
    ("name", "line"),
    [("src/Producer.java", "javac"), ("producer.js", '["node", "producer.js"]'), ("producer.rs", "command = [")],
)
def test_other_languages_need_a_line(submission: Make, name: str, line: str) -> None:
    found = submission({name: "x"})
    assert isinstance(found.producer_problem, Problem)
    assert found.producer_problem.where == name
    assert line in found.producer_problem.remedy
    assert isinstance(found.consumer_problem, Missing)


def test_python_that_does_not_parse(submission: Make) -> None:
    found = submission({"producer.py": "x = 1\nprint 'hello'\n", "consumer.py": "\x00"})
    assert isinstance(found.producer_problem, Problem)
    assert found.producer_problem.where == "producer.py:2"
    assert isinstance(found.consumer_problem, Problem)


def test_files_of_other_people_are_not_looked_at(submission: Make) -> None:
    found = submission({"node_modules/kafka/producer.js": "x", ".vscode/producer.py": RUN, "a.md": "x"})
    assert isinstance(found.producer_problem, Missing)


def test_relative_imports_run_as_a_module(submission: Make) -> None:
    found = submission(
        {"ex5/app/consumer.py": "from .lib import x\nimport sys\ng = sys.argv[1]\n", "ex5/app/lib.py": DEFS}
    )
    assert found.consumer is not None
    assert found.consumer.with_group("g").argv == ("python", "-m", "app.consumer", "g")
    assert found.consumer.workdir == "ex5"


def test_imports_from_above_get_their_folder(submission: Make) -> None:
    found = submission({"src/producer.py": "from common.records import x\n" + RUN, "common/records.py": DEFS})
    assert found.producers[0].workdir == "src"
    assert found.producers[0].env == {"PYTHONPATH": ".."}


def test_data_files_named_from_above_set_the_folder(submission: Make) -> None:
    found = submission({"src/producer.py": "open('conf/kafka.ini')\n", "conf/kafka.ini": "[a]\n"})
    assert started(found) == [("producer", ".", "python src/producer.py")]


@pytest.mark.parametrize(
    "text",
    ["(" * 100_000, "-" * 200_000 + "1", "1" + "+1" * 100_000, "a" + ".a" * 100_000, "x = 1\n" * 80_000, "x" * 600_000],
)
def test_hostile_python_ends_in_words(submission: Make, text: str) -> None:
    with little_effort(60):
        found = submission({"producer.py": text, "consumer.py": text})
    assert found.producers or isinstance(found.producer_problem, Problem)


def test_loading_runs_nothing(submission: Make, tmp_path: Path) -> None:
    trap = f"open({str(tmp_path / 'ran')!r}, 'w')\n"
    submission({"producer.py": trap, "consumer.py": trap, "kafka.py": trap, "yaml.py": trap, "__init__.py": trap})
    assert not (tmp_path / "ran").exists()


def test_artefacts_do_not_concern_one_another(submission: Make) -> None:
    found = submission(
        {
            "kafka-values.yaml": "a: [",
            "topics.toml": "a = ",
            "answers.toml": "=",
            "producer.py": "(",
            "consumer.py": RUN,
            "b/Requirements.TXT": "kafka-python\n",
        }
    )
    assert isinstance(found.values, Problem)
    assert found.values.where.startswith("kafka-values.yaml:")
    assert isinstance(found.topics, Problem)
    assert isinstance(found.answers, Problem)
    assert isinstance(found.producer_problem, Problem)
    assert found.consumer is not None
    assert found.requirements == "b/Requirements.TXT"
    assert found.requirements_text() == "kafka-python\n"
    assert found.name == "in"


@pytest.mark.parametrize(
    ("files", "kind"),
    [
        ({"my-values.yml": ""}, "Values"),
        ({"my-values.yml": "a: 1", "other-values.yaml": ""}, "Problem"),
        ({"deploy/Kafka-Values.YAML": "", "redpanda-values.yaml": "a: 1"}, "Values"),
        ({"a/kafka-values.yaml": "a: 1", "kafka-values.yaml": ""}, "Values"),
        ({"a/kafka-values.yaml": "a: 1", "b/kafka-values.yaml": ""}, "Problem"),
        ({"readme.md": "x"}, "Missing"),
    ],
)
def test_which_values_are_read(submission: Make, files: dict[str, str], kind: str) -> None:
    assert type(submission(files).values).__name__ == kind
