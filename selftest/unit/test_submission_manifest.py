"""submission.toml: what it can say, and that every complaint names its line and the way out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from topicmark.model import SubmissionError
from topicmark.submission import Answers, Problem, Submission, TopicCommand, TopicTable, Values, load
from topicmark.submission.manifest import parse
from topicmark.submission.placeholders import drop_option, escape, expand, holds, names

Make = Callable[..., Submission]


@pytest.fixture
def submission(tmp_path: Path) -> Make:
    def of(manifest: str, where: str = "", **files: str) -> Submission:
        every = {name.replace("__", "/"): text for name, text in files.items()}
        every[f"{where}submission.toml"] = manifest
        for name, text in every.items():
            path = tmp_path / "in" / (name if "." in name else f"{name}.py")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return load(tmp_path / "in", tmp_path / "out")

    return of


def contract() -> str:
    """The example of docs/hand-in.md, less one of two ways for topics, steps, connector and import."""
    text = (Path(__file__).parents[2] / "docs" / "hand-in.md").read_text()
    block = text.split("## `submission.toml`")[1].split("```toml")[1].split("```")[0]
    other_ways = ('file = "infra/', 'file = "exercise-2/', 'file = "connect/', 'file = "sqoop/')
    return "\n".join(line for line in block.splitlines() if not line.startswith(other_ways))


def test_the_example_of_the_contract(tmp_path: Path) -> None:
    manifest = parse(contract(), "submission.toml")
    assert manifest.values is not None
    assert manifest.values.path == "deploy/kafka-values.yaml"
    assert manifest.aliases == ("my-kafka",)
    root = tmp_path / "in"
    for name in ("deploy/kafka-values.yaml", "report/answers.toml", "requirements.txt", "exercise-4/sensor.py"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("")
    (root / "exercise-5").mkdir()
    (root / "exercise-5" / "app.py").write_text("main()")
    (root / "submission.toml").write_text(contract())
    found = load(root, tmp_path / "out")
    assert isinstance(found.values, Values)
    assert found.topics == TopicCommand(("sh", "create-topics.sh"), ".", kind="script")
    assert [program.label for program in found.producers] == [f"producer-{n}" for n in range(1, 7)]
    assert [program.sensor for program in found.producers] == list("123456")
    third = found.producers[2].command()
    assert list(third.argv) == ["python", "sensor.py", "--sensor-id", "3"]
    assert third.workdir == "exercise-4"
    assert third.env == {"KAFKA_SERVER": "kafka:9092"}
    assert found.consumer is not None
    with_group = found.consumer.with_group("g-1")
    assert list(with_group.argv) == ["python", "app.py", "consume", "--group", "g-1"]
    assert with_group.files == {"settings.ini": "[kafka]\ngroup_id = g-1\n"}
    assert with_group.env == {"LOG_LEVEL": "INFO"}
    bare = found.consumer.without_group()
    assert bare is not None
    assert list(bare.argv) == ["python", "app.py", "consume"]
    assert bare.files == {}
    assert isinstance(found.answers, Answers)
    assert found.requirements == "requirements.txt"
    assert found.aliases == ("my-kafka",)
    assert [(entry.path, entry.line) for entry in manifest.ksql] == [("ksql/streams.sql", 37), ("ksql/sensors.sql", 37)]
    assert manifest.connector is None
    assert manifest.connector_command is not None
    assert manifest.connector_command.argv == ("sh", "post-sink.sh")
    for table in ("registry", "console", "statements"):  # files that this folder lacks
        assert isinstance(getattr(found, table), Problem)


@pytest.mark.parametrize(
    ("text", "line", "problem", "remedy"),
    [
        ("[producer]\ncomand = 'x'\n", 2, "unknown key 'comand' in [producer]", 'Did you mean "command"?'),
        ("\n[produzer]\n", 2, "unknown key 'produzer'", 'Did you mean "producer"?'),
        ("[lab]\nzzz = 1\n", 2, "unknown key 'zzz' in [lab]", "aliases"),
        ("schema = 'topicmark/submission/2'\n", 1, "schema", "topicmark/submission/1"),
        ("values = 'x.yaml'\n", 1, "must be a table", "[values]"),
        ("[values]\nfile = 3\n", 2, "path of a file", ""),
        ("[values]\nfile = '../x.yaml'\n", 2, "leads out", ""),
        ("[values]\nfile = '/etc/passwd'\n", 2, "leads out", ""),
        ("[values]\nfile = 'C:\\x.yaml'\n", 2, "leads out", ""),
        ("[topics]\nfile = 'a'\ncommand = 'b'\n", 3, "both", ""),
        ("[connector]\nfile = 'a'\ncommand = 'b'\n", 3, "both", "Keep one"),
        ("[connector]\ncommand = []\n", 2, "empty", ""),
        ("[connector]\nworkdir = '..'\n", 2, "leads out", ""),
        ("[connector]\nenv = 3\n", 2, "table of texts", ""),
        ("[connector]\nfiles = []\n", 2, "unknown key 'files' in [connector]", 'Did you mean "file"?'),
        ("[console]\ncommand = 'x'\n", 2, "unknown key 'command' in [console]", "file"),
        ("[registry]\nfile = ''\n", 2, "path of a file", ""),
        ("[connect]\nfile = '../x'\n", 2, "leads out", ""),
        ("[ksqldb]\nfiles = ['a']\n", 2, "unknown key 'files' in [ksqldb]", 'Did you mean "file"?'),
        ("[ksql]\nfile = 'a'\n", 2, "unknown key 'file' in [ksql]", 'Did you mean "files"?'),
        ("[ksql]\nfiles = []\n", 2, "must name 1 to", ""),
        ("[ksql]\nfiles = [3]\n", 2, "list of paths", ""),
        ("[ksql]\nfiles = ['a', '/b']\n", 2, "leads out", ""),
        ("[kslq]\n", 1, "unknown key 'kslq'", 'Did you mean "ksql"?'),
        ("[consumer]\ncommand = []\n", 2, "empty", ""),
        ("[consumer]\ncommand = 3\n", 2, "list of texts", ""),
        ('[consumer]\ncommand = "sh -c \'a"\n', 2, "split into words", "quotes"),
        ("[consumer]\ncommand = 'a {sensor}'\n", 2, "known in [producer] only", "{{sensor}}"),
        ("[consumer]\ncommand = 'a {Group}'\n", 2, "no placeholder", "{group}"),
        ("[[producer]]\ncommand = 'a'\n[[producer]]\ncommand = 'a {sensr}'\n", 4, "no placeholder", "{sensor}"),
        ("[consumer]\ncommand='a'\ncommand_without_group = 'a {group}'\n", 3, "command_without_group", ""),
        ("[consumer]\nworkdir = '..'\n", 2, "leads out", ""),
        ("[consumer]\nworkdir = 'a'\nfiles = { '../../b' = 'x' }\n", 3, "leads out", ""),
        ("[consumer]\nenv = 3\n", 2, "table of texts", ""),
        ("[consumer.env]\nA = 'x'\n'B C' = 'x'\n", 3, "environment variable", ""),
        ("[consumer]\nfiles = { a.ini = 'x' }\n", 2, "must be a text", "Quote the key"),
        ("[[consumer]]\ncommand = 'a'\n", 1, "once only", "[consumer]"),
        ("[lab]\naliases = ['a:9092']\n", 2, "no host name", "without port"),
        ("[lab]\naliases = ['localhost']\n", 2, "own machine", ""),
        ("[lab]\naliases = ['127.0.0.1']\n", 2, "no host name", ""),
        ("[lab]\naliases = 'kafka'\n", 2, "list", ""),
        ("[lab]\naliases = [\n", 2, "not valid TOML", "docs/hand-in.md"),
        ("a = 1\na = 2\n", 2, "not valid TOML", ""),
        ("producer = 3\n", 1, "must be a table", ""),
        ("[[producer]]\n" * 30, 1, "more than", ""),
        ("x = 1\n" * 50_000, 1, "longer than", ""),
    ],
)
def test_errors_carry_line_and_remedy(submission: Make, text: str, line: int, problem: str, remedy: str) -> None:
    with pytest.raises(SubmissionError) as caught:
        submission(text)
    assert caught.value.where == f"submission.toml:{line}"
    assert problem in caught.value.problem
    assert remedy in caught.value.remedy


def test_lines_past_multi_line_values(submission: Make) -> None:
    text = 'x = """\n[lab]\nfoo = [\n"""\n'.replace("x =", "[consumer.env]\nX =") + "[lab]\nzzz = [ # ]\n 1,\n]\n"
    with pytest.raises(SubmissionError) as caught:
        submission(text)
    assert caught.value.where == "submission.toml:7"


@pytest.mark.parametrize(
    ("table", "attribute"),
    [
        ("values]\nfile='no.yaml'", "values"),
        ("topics]\nfile='no.toml'", "topics"),
        ("answers]\nfile='no.toml'", "answers"),
        ("producer]\ncommand='python no.py'", "producer_problem"),
        ("consumer]\ncommand='python no.py {group}'", "consumer_problem"),
        ("consumer]\nworkdir='nowhere'", "consumer_problem"),
    ],
)
def test_a_file_that_is_not_there_fails_its_task_only(submission: Make, table: str, attribute: str) -> None:
    found = submission(f"# \n[{table}\n", producer="run()", consumer="run()")
    problem = getattr(found, attribute)
    assert isinstance(problem, Problem)
    assert problem.where.startswith("submission.toml:")
    assert "not in the submission" in problem.what


def test_a_folder_that_was_packed_with_its_name(submission: Make) -> None:
    found = submission(
        "[topics]\nfile='t.toml'\n[producer]\nfiles = { 'x.ini' = '{sensor}' }\n",
        "handin/",
        **{"handin__t.toml": "[topics.A]\npartitions=1\nreplication_factor=1\n", "handin__src__producer": "run()"},
    )
    assert isinstance(found.topics, TopicTable)
    assert len(found.producers) == 6
    assert found.producers[1].workdir == "handin/src"
    assert found.producers[1].files == {"x.ini": "2"}


def test_several_producers(submission: Make) -> None:
    found = submission("[[producer]]\ncommand = 'node a.js'\n[[producer]]\ncommand = ['node', 'b.js', '{sensor}']\n")
    assert [program.label for program in found.producers] == ["producer-1", *(f"producer-2-{n}" for n in range(1, 7))]


def test_a_consumer_without_a_place_for_the_group(submission: Make) -> None:
    found = submission("[consumer]\ncommand = ['java', '-jar', 'c.jar']\n")
    assert found.consumer is not None
    assert not found.consumer.takes_group
    assert any("{group}" in remark for remark in found.remarks)


def test_a_python_consumer_without_a_place_for_the_group_is_looked_into(submission: Make) -> None:
    found = submission(
        "[consumer]\ncommand = 'python -u app.py consume'\nenv = { A = '{{b}}' }\n",
        app="import os\nos.environ['GROUP']\n",
    )
    assert found.consumer is not None
    command = found.consumer.with_group("g")
    assert list(command.argv) == ["python", "-u", "app.py", "consume"]
    assert command.env == {"A": "{b}", "GROUP": "g"}


def test_only_env_and_folder(submission: Make) -> None:
    found = submission("[consumer]\nworkdir='src'\nenv = { GID = '{group}' }\n", src__app__consumer="run()")
    assert found.consumer is not None
    assert list(found.consumer.argv) == ["python", "app/consumer.py"]
    assert found.consumer.with_group("g").env == {"GID": "g"}
    bare = found.consumer.without_group()
    assert bare is not None
    assert bare.env == {}


def test_a_written_config_file_leaves_no_way_without_group(submission: Make) -> None:
    found = submission("[consumer]\ncommand = ['x']\nfiles = { 'c.ini' = \"g={group}\\n{{a}}\" }\n")
    assert found.consumer is not None
    assert found.consumer.with_group("G").files == {"c.ini": "g=G\n{a}"}
    assert found.consumer.without_group() is None


def test_placeholders() -> None:
    assert expand("{group} {{group}} {x} {}", {"group": "a"}) == "a {group} {x} {}"
    assert expand(escape('{"a": {"b": "{group}"}}'), {"group": "a"}) == '{"a": {"b": "{group}"}}'
    assert names("{a}{{b}}{c-d}") == ["a", "c-d"]
    assert not holds("group", "{{group}}")


@pytest.mark.parametrize(
    ("argv", "left"),
    [
        (["p", "--group", "{group}", "x"], ["p", "x"]),
        (["p", "--group={group}"], ["p"]),
        (["p", "-g{group}"], ["p"]),
        (["p", "{group}"], ["p"]),
        (["python", "-u", "a.py", "{group}"], ["python", "-u", "a.py"]),
        (["env", "GROUP={group}", "p"], ["env", "p"]),
        (["sh", "-c", "python a.py --group {group} --x 1"], ["sh", "-c", "python a.py  --x 1"]),
        (["sh", "-c", 'GROUP="{group}" python a.py'], ["sh", "-c", "python a.py"]),
        (["{{group}}"], ["{{group}}"]),
    ],
)
def test_dropping_the_option(argv: list[str], left: list[str]) -> None:
    assert drop_option(argv, "group") == left
