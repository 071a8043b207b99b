"""How a consumer is found to take its group id, for the ways in which people write consumers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from selftest.effort import little_effort
from topicmark.submission import Consumer, load
from topicmark.submission.surroundings import with_group

Write = Callable[[Mapping[str, str]], Path]


@pytest.fixture
def consumer(tmp_path: Path) -> Callable[..., Consumer]:
    def of(source: str, **others: str) -> Consumer:
        root = tmp_path / "in"
        root.mkdir()
        (root / "consumer.py").write_text(source)
        for name, text in others.items():
            path = root / name.replace("__", "/").replace("_DOT_", ".")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        found = load(root, tmp_path / "out")
        assert found.consumer is not None, found.consumer_problem
        return found.consumer

    return of


ARGPARSE = "import argparse\np = argparse.ArgumentParser()\n"
CLICK = "import click\n@click.command()\n"
ARGV = {
    "argparse long": (
        ARGPARSE + "p.add_argument('-g', '--group-id', default='x')\np.parse_args()\n",
        ["--group-id", "G"],
        [],
    ),
    "argparse short only, dest says group": (
        ARGPARSE + "p.add_argument('-g', dest='group')\np.parse_args()\n",
        ["-g", "G"],
        [],
    ),
    "argparse positional": (
        ARGPARSE + "p.add_argument('group_id', nargs='?')\np.parse_args()\n",
        ["G"],
        [],
    ),
    "argparse positional after another": (
        ARGPARSE + "p.add_argument('topic')\np.add_argument('group')\np.parse_args()\n",
        ["INGESTION", "G"],
        ["INGESTION"],
    ),
    "argparse with another required option": (
        ARGPARSE + "p.add_argument('--bootstrap-server', required=True)\np.add_argument('--group', required=True)\n",
        ["--bootstrap-server", "kafka:9092", "--group", "G"],
        ["--bootstrap-server", "kafka:9092"],
    ),
    "argparse subcommand": (
        ARGPARSE + "s = p.add_subparsers()\nc = s.add_parser('consume')\nc.add_argument('--group')\np.parse_args()\n",
        ["consume", "--group", "G"],
        ["consume"],
    ),
    "argparse flag that says group is no way": (
        ARGPARSE + "p.add_argument('--no-group', action='store_true')\n"
        "a = p.add_argument_group('group')\na.add_argument('--consumer-group')\n",
        ["--consumer-group", "G"],
        [],
    ),
    "argparse name by constant": (
        "import argparse\nOPT = '--gid-of-group'\np = argparse.ArgumentParser()\np.add_argument(OPT)\n",
        ["--gid-of-group", "G"],
        [],
    ),
    "optparse": (
        "from optparse import OptionParser\np = OptionParser()\n"
        "p.add_option('-G', '--group', dest='g')\np.parse_args()\n",
        ["--group", "G"],
        [],
    ),
    "getopt long": (
        "import getopt, sys\nopts, _ = getopt.getopt(sys.argv[1:], 'hg:', ['help', 'group='])\n",
        ["--group", "G"],
        [],
    ),
    "getopt short": ("import getopt, sys\nopts, _ = getopt.getopt(sys.argv[1:], 'hg:')\n", ["-g", "G"], []),
    "click option": (
        CLICK + "@click.option('--group-id', '-g', default='a')\ndef main(group_id):\n  pass\nmain()\n",
        ["--group-id", "G"],
        [],
    ),
    "click argument": (
        CLICK + "@click.argument('group_id')\ndef main(group_id):\n  pass\nmain()\n",
        ["G"],
        [],
    ),
    "click group of commands": (
        "import click\n@click.group()\ndef cli():\n  pass\n@cli.command()\n@click.option('--group')\n"
        "def read_all(group):\n"
        "  pass\ncli()\n",
        ["read-all", "--group", "G"],
        ["read-all"],
    ),
    "typer run": (
        "import typer\ndef main(group_id: str = 'x', verbose: bool = False):\n  pass\ntyper.run(main)\n",
        ["--group-id", "G"],
        [],
    ),
    "typer argument": ("import typer\ndef main(group_id: str):\n  pass\ntyper.run(main)\n", ["G"], []),
    "typer annotated": (
        "import typer\nfrom typing import Annotated\napp = typer.Typer()\n@app.command()\n"
        "def main(g: Annotated[str, typer.Option('--group')] = 'x'):\n  pass\napp()\n",
        ["--group", "G"],
        [],
    ),
    "typer several commands": (
        "import typer\napp = typer.Typer()\n@app.command()\ndef a():\n  pass\n@app.command('read')\n"
        "def b(group: str = typer.Option('x')):\n  pass\napp()\n",
        ["read", "--group", "G"],
        ["read"],
    ),
    "fire": ("import fire\ndef main(group='x'):\n  pass\nfire.Fire(main)\n", ["--group=G"], []),
    "absl": ("from absl import flags\nflags.DEFINE_string('group_id', 'x', 'help')\n", ["--group_id=G"], []),
    "docopt": (
        '"""Usage: consumer.py [--group=<id>]"""\nfrom docopt import docopt\ndocopt(__doc__)\n',
        ["--group=G"],
        [],
    ),
    "sys.argv[1]": ("import sys\ng = sys.argv[1] if len(sys.argv) > 1 else 'd'\n", ["G"], []),
    "sys.argv[2] by name": (
        "import sys\ntopic = sys.argv[1]\ngroup_id = sys.argv[2]\n",
        ["INGESTION", "G"],
        ["INGESTION"],
    ),
    "sys.argv unpacked": ("import sys\nserver, group = sys.argv[1:3]\n", ["kafka:9092", "G"], ["kafka:9092"]),
    "sys.argv searched": (
        "import sys\ng = sys.argv[sys.argv.index('--group') + 1] if '--group' in sys.argv else None\n",
        ["--group", "G"],
        [],
    ),
    "sys.argv prefix": (
        "import sys\nfor a in sys.argv:\n  if a.startswith('--group='):\n    g = a[8:]\n",
        ["--group=G"],
        [],
    ),
    "nothing at all": ("from kafka import KafkaConsumer\nKafkaConsumer('INGESTION', group_id='g')\n", ["G"], []),
}


@pytest.mark.parametrize("style", ARGV)
def test_group_on_the_command_line(consumer: Callable[..., Consumer], style: str) -> None:
    source, with_group, without = ARGV[style]
    found = consumer(source)
    assert list(found.with_group("G").argv) == ["python", "consumer.py", *with_group]
    bare = found.without_group()
    assert bare is not None
    assert list(bare.argv) == ["python", "consumer.py", *without]
    assert found.way
    assert found.takes_group


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("import os\ng = os.environ['KAFKA_GROUP_ID']\n", "KAFKA_GROUP_ID"),
        ("import os\ng = os.environ.get('GROUP', 'x')\n", "GROUP"),
        ("import os\ng = os.getenv('group_id')\n", "group_id"),
        ("from os import getenv\ng = getenv('GROUP_ID', default='d')\n", "GROUP_ID"),
        ("from os import environ\ng = environ['MY_GROUP']\n", "MY_GROUP"),
        ("import os\nNAME = 'THE_GROUP'\ng = os.getenv(NAME)\n", "THE_GROUP"),
        ("from decouple import config\ng = config('GROUP_ID')\n", "GROUP_ID"),
        ("from environs import Env\nenv = Env()\ng = env.str('GROUP_ID')\n", "GROUP_ID"),
        ("from pydantic_settings import BaseSettings\nclass S(BaseSettings):\n  group_id: str = 'x'\n", "GROUP_ID"),
        (
            "from pydantic_settings import BaseSettings\nclass S(BaseSettings):\n"
            "  model_config = dict(env_prefix='k_')\n"
            "  group_id: str = 'x'\n",
            "K_GROUP_ID",
        ),
    ],
)
def test_group_in_the_environment(consumer: Callable[..., Consumer], source: str, name: str) -> None:
    found = consumer(source)
    command = found.with_group("a-b.c")
    assert command.env == {name: "a-b.c"}
    assert list(command.argv) == ["python", "consumer.py"]
    bare = found.without_group()
    assert bare is not None
    assert bare.env == {}
    assert name in found.way


CONFIGS = {
    "config.ini": ("[kafka]\nservers = kafka:9092\ngroup_id = mine ; theirs\n[x]\na={b}\n", "group_id = G ; theirs\n"),
    "app.properties": ("group.id=mine\nauto.offset.reset=earliest\n", "group.id=G\n"),
    "settings.json": (
        '{"kafka": {"group_id": "mine", "n": {"a": 1}}}',
        '{"group_id": "G", "n": {"a": 1}}',
    ),
    "config.yaml": ("kafka:\n  groupId: mine  # my group\n  other: 1\n", '  groupId: "G"  # my group\n'),
    "config.toml": ("[kafka]\ngroup_id = 'mine'\n", "group_id = 'G'\n"),
    "config.yml": ("consumer:\n  consumer_group: mine\n", '  consumer_group: "G"\n'),
    "hash.properties": ("group.id = my#group \nx=1\n", "group.id = G \n"),
    ".env": ("SERVER=kafka:9092\nexport GROUP_ID=\n", "export GROUP_ID=G\n"),
    "empty.yaml": ("group_id:\nb: 1\n", 'group_id: "G"\nb: 1'),
}


@pytest.mark.parametrize("name", CONFIGS)
def test_group_in_a_config_file(tmp_path: Path, name: str) -> None:
    text, expected = CONFIGS[name]
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / name).write_text(text)
    (tmp_path / "in" / "consumer.py").write_text(f"cfg = open({name!r}).read()\n")
    found = load(tmp_path / "in", tmp_path / "out").consumer
    assert found is not None
    command = found.with_group("G")
    assert list(command.argv) == ["python", "consumer.py"]
    assert expected in command.files[name]
    assert len(command.files[name].splitlines()) == len(text.splitlines())
    bare = found.without_group()
    assert bare is not None
    assert bare.files == {}


def test_a_config_file_above_the_program(tmp_path: Path) -> None:
    (tmp_path / "in" / "src").mkdir(parents=True)
    (tmp_path / "in" / "config.ini").write_text("[k]\ngroup_id = x\n")
    (tmp_path / "in" / "src" / "consumer.py").write_text("open('../config.ini')\n")
    found = load(tmp_path / "in", tmp_path / "out").consumer
    assert found is not None
    assert found.workdir == "src"
    assert found.with_group("G").files == {"../config.ini": "[k]\ngroup_id = G\n"}


def test_a_config_file_that_the_program_does_not_name_comes_after_its_arguments(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "connect.json").write_text('{"group.id": "connect"}')
    (tmp_path / "in" / "consumer.py").write_text("import sys\ngroup = sys.argv[1]\n")
    found = load(tmp_path / "in", tmp_path / "out").consumer
    assert found is not None
    assert list(found.with_group("G").argv) == ["python", "consumer.py", "G"]
    assert [dict(other.files) for other in found.alternatives] == [{"connect.json": '{{"group.id": "{group}"}}'}]


def test_a_config_file_that_the_program_demands_is_given_on_its_command_line(tmp_path: Path) -> None:
    root = tmp_path / "in"
    (root / "settings").mkdir(parents=True)
    (root / "read").mkdir()
    (root / "settings" / "kafka.ini").write_text("[consumer]\ngroup.id = mine\n")
    demands = ARGPARSE + "p.add_argument('config_file', type=argparse.FileType())\np.add_argument('--reset')\n"
    (root / "read" / "consumer.py").write_text(demands + "p.parse_args()\n")

    found = load(root, tmp_path / "out").consumer

    assert found is not None
    told = found.with_group("g-1")
    assert told.argv == ("python", "consumer.py", "../settings/kafka.ini")
    assert told.files == {"../settings/kafka.ini": "[consumer]\ngroup.id = g-1\n"}


def test_the_option_may_be_parsed_in_a_module(consumer: Callable[..., Consumer]) -> None:
    found = consumer(
        "from lib.cli import parse\nparse()\n",
        lib____init___DOT_py="",
        lib__cli_DOT_py="import argparse\ndef parse():\n  p = argparse.ArgumentParser()\n  p.add_argument('--group')\n",
    )
    assert list(found.with_group("G").argv) == ["python", "consumer.py", "--group", "G"]
    assert "lib/cli.py:4" in found.way


def test_an_option_comes_before_the_environment_and_leaves_it_as_alternative(consumer: Callable[..., Consumer]) -> None:
    found = consumer(ARGPARSE + "import os\np.add_argument('--group', default=os.getenv('GROUP_ID'))\n")
    assert found.argv[-2:] == ("--group", "{group}")
    assert found.alternatives[0].env == {"GROUP_ID": "{group}"}
    swapped = found.retry_with(found.alternatives[0])
    assert swapped.env == {"GROUP_ID": "{group}"}
    assert swapped.alternatives[-1].argv == found.argv
    assert all(not other.alternatives for other in swapped.alternatives)


def test_a_question_on_the_keyboard_gets_a_remark(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "consumer.py").write_text("g = input('group id? ')\n")
    submission = load(tmp_path / "in", tmp_path / "out")
    assert any("keyboard" in remark for remark in submission.remarks)


def test_group_ids_are_taken_literally(consumer: Callable[..., Consumer]) -> None:
    found = consumer("import sys\ng = sys.argv[1]\n")
    assert found.with_group("{group} {{x}}\\1").argv[-1] == "{group} {{x}}\\1"


@pytest.mark.parametrize(
    "text",
    [
        "a=" + " " * 60_000 + "\x01",
        " " * 60_000,
        "group_id=" + '"' * 60_000,
        "group_id: " * 6000,
        '"a' * 30_000,
        "a-" * 30_000,
    ],
)
@pytest.mark.parametrize("name", ["c.ini", "c.json"])
def test_hostile_config_files(text: str, name: str) -> None:
    with_group(text, name, loose=True)


@pytest.mark.parametrize(
    "text",
    [
        "import click\n" + "@cli.command()\n@click.option('--group')\ndef f(): 0\n" * 9000,
        "import typer\n" + "@app.command()\ndef f(group: str = ''): 0\n" * 9000,
        "import argparse\n" + "p.add_argument('group')\n" * 18_000,
        "import os\n" + "os.environ['GROUP']\n" * 20_000,
        "import sys\n" + "g = sys.argv[1]\n" * 25_000,
    ],
)
def test_hostile_sources_take_little_effort(consumer: Callable[..., Consumer], text: str) -> None:
    with little_effort(60):
        assert consumer(text).takes_group
