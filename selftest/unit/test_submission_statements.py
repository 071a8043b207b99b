"""ksqlDB statements of exercise 6: from SQL files, Markdown, transcripts and shell scripts, each with its line."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from topicmark.submission import Missing, Problem, Statements, TopicCommand, load, shelltext
from topicmark.submission.statements import split

REFERENCE = Path(__file__).parents[2] / "submissions" / "reference" / "exercise06.sql"
STREAM = "CREATE STREAM A (x STRING) WITH (KAFKA_TOPIC = 'INGESTION');"


def found(tmp_path: Path, files: Mapping[str, str]) -> Statements | Problem | Missing:
    for name, text in files.items():
        path = tmp_path / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, newline="")
    return load(tmp_path / "in", tmp_path / "out").statements


def read(tmp_path: Path, name: str, text: str, **files: str) -> list[tuple[str, int]]:
    """The statements of one file, white space made single, with their lines."""
    statements = found(tmp_path, {name: text, **files})
    assert isinstance(statements, Statements), statements
    return [(" ".join(each.text.split()), each.line) for each in statements.statements]


def test_reference(tmp_path: Path) -> None:
    statements = found(tmp_path, {"exercise06.sql": REFERENCE.read_text()})
    assert isinstance(statements, Statements)
    assert (statements.files, statements.form) == (("exercise06.sql",), "file")
    assert statements.text == REFERENCE.read_text()
    assert len(statements.statements) == 8
    assert all(each.ends for each in statements.statements)
    assert statements.statements[0].text.startswith("CREATE STREAM STREAM_INGESTION (\n  payload STRING,")
    assert [each.where for each in statements.statements[:2]] == ["exercise06.sql:2", "exercise06.sql:9"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a; b;", [("a;", 1, True), ("b;", 1, True)]),
        ("a\n;\n\nb", [("a\n;", 1, True), ("b", 4, False)]),
        ("-- x; 'y\n/* z;\n*/ a ';';\n", [("a ';';", 3, True)]),
        ("a 'it''s;' b; c", [("a 'it''s;' b;", 1, True), ("c", 1, False)]),
        ('a `b;c`;\n"d;e";', [("a `b;c`;", 1, True), ('"d;e";', 2, True)]),
        ("a -- b; c\n d;", [("a -- b; c\n d;", 1, True)]),
        ("a 'open; b;\nc;", [("a 'open; b;\nc;", 1, False)]),
        (" ;;\n-- only\n", []),
        ("a; /* open", [("a;", 1, True)]),
    ],
)
def test_splitting(text: str, expected: list[tuple[str, int, bool]]) -> None:
    assert [(each.text, each.line, each.ends) for each in split(text, "x")] == expected


def test_a_file_is_given_as_it_is(tmp_path: Path) -> None:
    statements = found(tmp_path, {"A B/Exercise06.SQL": "\ufeff-- hi\r\n" + STREAM + "\r\nexit;\r\nSHOW <sensor_id>"})
    assert isinstance(statements, Statements)
    assert statements.text == "-- hi\n" + STREAM + "\nexit;\nSHOW <sensor_id>"
    assert [(each.text, each.line, each.ends) for each in statements.statements] == [
        (STREAM, 2, True),
        ("exit;", 3, True),
        ("SHOW <sensor_id>", 4, False),
    ]


TRANSCRIPT = """\
                  =       _              _ ____  ____       =
                  =      |   <\\__ \\ (_| | | |_| | |_) |     =
Copyright 2017-2022 Confluent Inc.

CLI v7.3.1, Server v7.3.1 located at http://kafka-ksqldb-server:8088
Having trouble? Type 'help' (case-insensitive) for a rundown of how things work!

ksql> SHOW TOPICS;

 Kafka Topic | Partitions | Partition Replicas
-----------------------------------------------
 INGESTION   | 3          | 3
-----------------------------------------------
ksql> CREATE STREAM A (
>   payload STRING,  -- text; really
>   b INT
>) WITH (KAFKA_TOPIC = 'INGESTION', VALUE_FORMAT = 'JSON');

 Message
----------------
 Stream created;
----------------
ksql> SHOW STREAMS; SHOW QUERIES;
ksql>
ksql> help
ksql> select * from A emit changes;
+---------+
|PAYLOAD  |
^CQuery terminated
ksql> SHOW TOPICS
ksql> exit
Exiting ksqlDB.
"""
TYPED = [
    ("SHOW TOPICS;", 8),
    (
        "CREATE STREAM A ( payload STRING, -- text; really b INT ) "
        "WITH (KAFKA_TOPIC = 'INGESTION', VALUE_FORMAT = 'JSON');",
        14,
    ),
    ("SHOW STREAMS;", 23),
    ("SHOW QUERIES;", 23),
    ("select * from A emit changes;", 26),
    ("SHOW TOPICS", 30),
]


@pytest.mark.parametrize(
    ("name", "head", "tail"),
    [
        ("exercise06.sql", "", ""),
        ("exercise06.txt", "", ""),
        ("exercise06.md", "", ""),
        ("exercise06.md", "```\n", "```\n"),
        ("exercise06.md", "# Six\n\n~~~~ console\n", "~~~~\nDone; really.\n"),
    ],
)
def test_transcripts(tmp_path: Path, name: str, head: str, tail: str) -> None:
    lines = head.count("\n")
    expected = [(text, line + lines) for text, line in TYPED]
    assert read(tmp_path, name, (head + TRANSCRIPT + tail).replace("\n", "\r\n")) == expected


def test_markdown(tmp_path: Path) -> None:
    text = (
        f"# Exercise 6\nFirst; then `CREATE STREAM X;`\n\n```sql\n-- one\n{STREAM}\n```\n"
        "1. list\n   ```ksql\n   SHOW STREAMS;\n\n    Message\n   ---------\n    done\n   ---------\n   SHOW\n"
        "   QUERIES;\n   ```\n"
        '```json\n{"a": "CREATE;"}\n```\n```\n Stream Name | Topic\n--------------------\n```\n'
        '```bash\nkubectl apply -f x.yaml\nksql -e "PRINT A;"\n```\n```\nDESCRIBE A;\n```\n'
    )
    assert read(tmp_path, "exercise06.md", text) == [
        (STREAM, 6),
        ("SHOW STREAMS;", 10),
        ("SHOW QUERIES;", 16),
        ("PRINT A;", 28),
        ("DESCRIBE A;", 31),
    ]


def test_a_page_without_blocks(tmp_path: Path) -> None:
    text = (
        "Exercise 6\n==========\n\nWe made a stream; see below.\n\n"
        f"    {STREAM}\n\nand then\n\nSHOW\nSTREAMS;\nThe end.\n"
    )
    assert read(tmp_path, "exercise06.md", text) == [(STREAM, 6), ("SHOW STREAMS;", 10)]


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        (f"ksql http://k:8088 <<'EOF'\n{STREAM}\nSHOW\nSTREAMS;\nexit\nEOF\n", [(STREAM, 2), ("SHOW STREAMS;", 3)]),
        ("kubectl exec -i d -- ksql <<-EOF\n\tSHOW '\\$.a';\n\tEOF\n", [("SHOW '$.a';", 2)]),
        ("cat <<EOF | ksql\nSHOW A;\nEOF\n", [("SHOW A;", 2)]),
        ("cat > x.sql <<EOF\nSHOW A;\nEOF\nksql -f x.sql\n", [("SHOW A;", 2)]),
        ('ksql -e "SHOW A;" http://k:8088\n', [("SHOW A;", 1)]),
        ("ksql --execute='SHOW A;'\nksql --execute \\\n 'SHOW\n B;'\n", [("SHOW A;", 1), ("SHOW B;", 3)]),
        ("echo \"SHOW 'a';\" | kubectl exec -i d -- ksql http://k:8088\n", [("SHOW 'a';", 1)]),
        ("printf '%s\\n' 'SHOW A;' | ksql\n", [("SHOW A;", 1)]),
        ("ksql <<< 'SHOW A;'\n", [("SHOW A;", 1)]),
        ("Q='SHOW A;'\nksql -e \"$Q\"\n", [("SHOW A;", 2)]),
        ("ksql < sub/a.sql\ncat sub/a.sql | ksql\nksql --file sub/a.sql\n", [("SHOW SUB;", 1)] * 3),
        (
            "curl -X POST http://k:8088/ksql -H 'a: b' -d '{\"ksql\": \"SHOW A;\\nSHOW B;\"}'\n",
            [("SHOW A;", 1), ("SHOW B;", 2)],
        ),
        (
            "curl k:8088/ksql "
            '-d \'{"ksql": "X;", "streamsProperties": {"ksql.streams.auto.offset.reset": "earliest"}}\'\n',
            [("SET 'auto.offset.reset' = 'earliest';", 1), ("X;", 1)],
        ),
        ("curl k:8088/ksql --data @sub/b.json\n", [("SHOW BODY;", 1)]),
        (
            "for i in 1 2; do\n  ksql -e \"SHOW S_$i WHERE a = '$i';\"\ndone\n",
            [(f"SHOW S_{n} WHERE a = '{n}';", 2) for n in (1, 2)],
        ),
        ('for i in {1..2}\ndo\nksql -e "SHOW ${i};"\ndone', [("SHOW 1;", 3), ("SHOW 2;", 3)]),
        ('for i in $(seq 2); do ksql -e "SHOW $i;"; done', [("SHOW 1;", 1), ("SHOW 2;", 1)]),
        ("for ((i=1; i<=2; i++)); do ksql <<EOF\nSHOW $i;\nEOF\ndone", [("SHOW 1;", 2), ("SHOW 2;", 2)]),
        ("for i in 1 2; do curl k/ksql -d '{\"ksql\": \"SHOW '$i';\"}'; done", [("SHOW 1;", 1), ("SHOW 2;", 1)]),
        ("# ksql -e 'SHOW A;'\nif true; then ksql -e 'SHOW B;' # C\nfi\n", [("SHOW B;", 2)]),
        ("#!/bin/bash\nksql -e 'SHOW A;' &&\n  ksql -e 'SHOW B'\n", [("SHOW A;", 2), ("SHOW B", 3)]),
    ],
)
def test_scripts(tmp_path: Path, script: str, expected: list[tuple[str, int]]) -> None:
    files = {"exercise06.sh": script, "sub/a.txt": "", "sub/b.json": '{"ksql": "SHOW BODY;"}'}
    if "sub/a.sql" in script:
        files |= {"sub/a.sql": "SHOW SUB;", "submission.toml": "[ksql]\nfiles = 'exercise06.sh'\n"}
    statements = found(tmp_path, files)
    assert isinstance(statements, Statements), statements
    assert statements.form == "script"
    assert [(" ".join(each.text.split()), each.line) for each in statements.statements] == expected


@pytest.mark.parametrize(
    "script",
    [
        "#!/bin/sh\nset -e\nkubectl exec -it d -- ksql http://k:8088\n\n# it's read from the start; always\n"
        "SET 'auto.offset.reset' = 'earliest';\n#one\nCREATE STREAM B AS\n# all of it\nSELECT *\nFROM A;\nexit\n",
        "#!/bin/sh\nksql http://k:8088\n\n\n#\nksql> SET 'auto.offset.reset' = 'earliest';\n#\n"
        "ksql> CREATE STREAM B AS\n# no\n> SELECT *\n> FROM A;\nksql> exit\n",
    ],
)
def test_what_was_typed_may_be_kept_as_a_script(tmp_path: Path, script: str) -> None:
    """Statements below the line that opened the client, with comments of the shell."""
    expected = [("SET 'auto.offset.reset' = 'earliest';", 6), ("CREATE STREAM B AS SELECT * FROM A;", 8)]
    assert read(tmp_path, "exercise06.sh", script) == expected


@pytest.mark.parametrize(
    ("files", "taken"),
    [
        ({"exercise06.sql": STREAM, "a.sql": STREAM + " ", "exercise06.md": ""}, ("exercise06.sql",)),
        ({"k/a.ksql": STREAM, "exercise06.md": STREAM}, ("k/a.ksql",)),
        ({"a.sql": STREAM, "employees.sql": "CREATE TABLE e (id INT);"}, ("a.sql",)),
        ({"employees.sql": "CREATE TABLE e (id INT);"}, ("employees.sql",)),
        ({"Exercise06.MD": STREAM}, ("Exercise06.MD",)),
        (
            {"b.sql": STREAM, "a.sql": STREAM, "submission.toml": "[ksql]\nfiles = ['b.sql', 'a.sql']\n"},
            ("b.sql", "a.sql"),
        ),
    ],
)
def test_which_files_are_taken(tmp_path: Path, files: dict[str, str], taken: tuple[str, ...]) -> None:
    statements = found(tmp_path, files)
    assert isinstance(statements, Statements), statements
    assert statements.files == taken
    assert {each.file for each in statements.statements} == set(taken)


def test_files_of_different_forms_are_sent_one_by_one(tmp_path: Path) -> None:
    files = {
        "a.sql": STREAM,
        "b.md": "```\nksql> SHOW B;\n```\n",
        "submission.toml": "[ksql]\nfiles = ['a.sql', 'b.md']\n",
    }
    statements = found(tmp_path, files)
    assert isinstance(statements, Statements)
    assert (statements.form, statements.text) == ("transcript", STREAM + "\nSHOW B;\n")


@pytest.mark.parametrize(
    ("files", "where", "what", "remedy"),
    [
        ({"exercise06.sql": "-- later\n"}, "exercise06.sql", "holds no ksqlDB statement", "ksql>"),
        ({"exercise06.md": "# Six\nSee above.\n"}, "exercise06.md", "holds no ksqlDB statement", ""),
        ({"exercise06.sh": "kubectl apply -f x\n"}, "exercise06.sh", "holds no ksqlDB statement", ""),
        ({"a.sql": STREAM, "b.sql": STREAM + " "}, "a.sql", "one of 2 files", '[ksql] files = ["a.sql", "b.sql"]'),
        ({"a.sql": STREAM + " " * 600_000}, "a.sql", "far too long", ""),
        ({"a.md": "", "submission.toml": "[ksql]\nfiles = ['no.sql']\n"}, "submission.toml:2", "no.sql", ""),
    ],
)
def test_problems(tmp_path: Path, files: dict[str, str], where: str, what: str, remedy: str) -> None:
    problem = found(tmp_path, files)
    assert isinstance(problem, Problem), problem
    assert problem.where == where
    assert what in problem.what
    assert remedy in problem.remedy


def test_nothing(tmp_path: Path) -> None:
    nothing = found(tmp_path, {"readme.md": "CREATE TABLE e (id INT);"})
    assert isinstance(nothing, Missing)
    assert str(nothing).endswith("exercise06.md or exercise06.sh")


REPORT = """
```bash
kafka-topics.sh --bootstrap-server kafka:9092 \\
  --create --topic INGESTION
kafka-console-producer.sh --bootstrap-server kafka:9092 --topic test
curl -X POST kafka-connect:8083/connectors -d '{"config": {"connector.class": "x"}}'
```
```sql
create stream A (x STRING) WITH (KAFKA_TOPIC = 'INGESTION');
```
"""


def test_a_report_that_has_it_is_named_and_not_taken(tmp_path: Path) -> None:
    """The exercise's own text has such lines too, and comes with a copy of the course's repository."""
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "Solution.md").write_text(REPORT)
    submission = load(tmp_path / "in", tmp_path / "out")
    remedies = {
        'if they are yours, name it in submission.toml: [ksql] files = ["Solution.md"].': submission.statements,
        "copy yours into a *.sh or hdfs-sink.json.": submission.connector,
        "copy yours into exercise03.sh.": submission.console,
        "copy yours into a *.sh.": submission.topics,
    }
    for remedy, artefact in remedies.items():
        assert isinstance(artefact, Missing)
        assert str(artefact).endswith(f". Solution.md has such lines: {remedy}")


def test_a_ksql_script_makes_no_topics(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "exercise06.sh").write_text(f'kafka-topics.sh --create --topic t\nksql -e "{STREAM}"\n')
    assert not isinstance(load(tmp_path / "in", tmp_path / "out").topics, TopicCommand)


@pytest.mark.parametrize(
    "text",
    [
        "A=xx\n" + "A=$A$A\n" * 60 + "ksql -e $A\n",
        "for a in {1..9999}; do for b in {1..9999}; do for c in {1..9999}; do\n;\ndone; done; done\n",
        "for a in " + "{1..9999} " * 5000 + "; do ksql -e 'X;'; done\n",
        "ksql <<EOF\n" * 3000,
        "'" * 5001,
        '"$(' * 5000,
        "for a in b; do " * 3000,
        "$" * 5000 + "{" * 5000,
    ],
    ids=range(8),
)
def test_hostile_scripts_end(text: str) -> None:
    every = list(shelltext.commands(text))
    assert len(every) <= 2000
    assert all(len(word.text) <= 20_000 for command in every for word in command.words)


@pytest.mark.parametrize(
    "text", ["ksql> a\n" + "';\n" * 60_000, "ksql> '" + ";\n" * 90_000, "CREATE '" + ";" * 200_000]
)
@pytest.mark.parametrize("name", ["exercise06.md", "exercise06.sql"])
def test_hostile_transcripts_end(tmp_path: Path, name: str, text: str) -> None:
    assert isinstance(found(tmp_path, {name: text}), Statements | Problem)
