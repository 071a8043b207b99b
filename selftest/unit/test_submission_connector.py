"""The sink connector of exercise 7: bodies, scripts, Windows scripts, and which of them is taken."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from topicmark.submission import (
    Connector,
    ConnectorConfig,
    ConnectorScript,
    CurlCalls,
    Missing,
    Problem,
    Submission,
    TopicCommand,
    load,
    windows,
)
from topicmark.submission.connector import parse

REFERENCE = Path(__file__).parents[2] / "submissions" / "reference" / "hdfs-sink.json"
CLASS = '"connector.class": "io.confluent.connect.hdfs.HdfsSinkConnector"'
BODY = '{"name": "s", "config": {' + CLASS + "}}"
CURL = "curl -X POST http://localhost:8083/connectors -H 'Content-Type: application/json' -d @body.json\n"


def submission(tmp_path: Path, files: Mapping[str, str | bytes]) -> Submission:
    for name, content in files.items():
        path = tmp_path / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return load(tmp_path / "in", tmp_path / "out")


def connector(tmp_path: Path, files: Mapping[str, str | bytes]) -> Connector | Problem | Missing:
    return submission(tmp_path, files).connector


def test_reference() -> None:
    found = parse(REFERENCE.read_text(), "hdfs-sink.json")
    assert isinstance(found, ConnectorConfig), found
    assert (found.name, found.remarks) == ("hdfs-sink", ())
    assert found.config["flush.size"] == "3"
    assert found.config["hdfs.url"] == "hdfs://namenode:9000"


@pytest.mark.parametrize(
    ("text", "name", "config"),
    [
        ('{"name": "a", "config": {"x": 3, "y": true, "z": 1.50}}', "a", {"x": "3", "y": "true", "z": "1.50"}),
        ('{"connector.class": "c", "name": "n"}', "n", {"connector.class": "c", "name": "n"}),
        ('{"connector.class": "c"}', "hdfs-sink", {"connector.class": "c"}),
        ('{"connector.class": "c", "config": "own"}', "hdfs-sink", {"connector.class": "c", "config": "own"}),
        ('{"name": " a ", "config": {}}', "a", {}),
        ("\n{\n\t}", "hdfs-sink", {}),
    ],
)
def test_bodies_of_post_and_put(text: str, name: str, config: dict[str, str]) -> None:
    assert parse(text, "s.json") == ConnectorConfig("s.json", name, config)


def test_what_connect_answered_is_a_body_too() -> None:
    found = parse('{"name": "a", "config": {"x": "1", "x": "2"}, "tasks": [], "type": "sink"}', "s.json")
    assert isinstance(found, ConnectorConfig)
    assert found.config == {"x": "2"}
    assert ["x is given twice" in found.remarks[0], "tasks" in found.remarks[1], "type" in found.remarks[2]] == [
        True
    ] * 3


@pytest.mark.parametrize(
    ("text", "line", "what", "remedy"),
    [
        ("", 1, "is empty", ""),
        ("{\n  'a': 1}", 2, "line 2, column 3", "double quotes"),
        ('{\n"a": "x",\n}', 2, "a comma after the last entry", "Delete that comma"),
        ('{"a": [1,]}', 1, "a comma after the last entry", "Delete"),
        ('{\n"a": "x"\n"b": "y"}', 2, "delimiter", "comma missing at the end of line 2"),
        ('{\n"a": "x", // why\n"b": "y"}', 2, "has a comment", "Delete it"),
        ('# why\n{"a": "x"}', 1, "has a comment", "Delete it"),
        ('{\n\u201ca\u201d: "x"}', 2, "column 1", "typographic"),
        ('{"a": "x\n"}', 1, "control character", "double quote"),
        ('{"a": "x"', 1, "line 1", "bracket not closed"),
        ('{"a": ', 1, "ends before", "Close every {"),
        ('{"a": "x"}\n{"b": 1}', 2, "extra data", "one JSON object"),
        ("{a: 1}", 1, "column 2", "double quotes"),
        ("[1]", 1, "no JSON object", "config"),
        ('"a"', 1, "no JSON object", ""),
        ('{"config": {}}', 1, 'no "name"', "hdfs-sink"),
        ('{"name": "a",\n"config": "b"}', 2, "must be an object", ""),
        ('{"name": "a", "config": {\n"x": null}}', 2, "x is null", "delete it"),
        ('{"name": "a", "config": {\n"x": ["a", "b"]}}', 2, "x is a list", "a,b"),
        ('{"name": "a", "config": {\n"x": {"a": "b"}}}', 2, "x is an object", ""),
        ('{"name": "a", "config": {},\n"topics": "T"}', 2, 'topics beside "config"', "Move it"),
        ("<<<<<<< HEAD\n{}", 1, "merge conflict", ""),
        ("[" * 50_000, 1, "deeply nested", ""),
        ("9" * 300_000, 1, "longer than", ""),
        ('{"a": NaN}', 1, "not valid JSON", ""),
    ],
)
def test_errors_carry_the_line(text: str, line: int, what: str, remedy: str) -> None:
    found = parse(text, "k/s.json")
    assert isinstance(found, Problem), found
    assert found.where == f"k/s.json:{line}"
    assert what in found.what
    assert remedy in found.remedy


def test_marks_and_windows_line_ends(tmp_path: Path) -> None:
    found = connector(tmp_path, {"a/HDFS-Sink.JSON": b"\xef\xbb\xbf" + BODY.replace("{", "{\r\n").encode()})
    assert isinstance(found, ConnectorConfig), found
    assert (found.file, found.name) == ("a/HDFS-Sink.JSON", "s")


@pytest.mark.parametrize(
    ("files", "taken"),
    [
        ({"hdfs-sink.json": BODY, "post.sh": CURL, "x.json": BODY}, "hdfs-sink.json"),
        ({"post.sh": CURL, "body.json": BODY}, "post.sh"),
        ({"post.sh": CURL, "post.bat": CURL}, "post.sh"),
        ({"post.cmd": CURL.replace("'", '"'), "body.json": BODY}, "post.cmd"),
        ({"status.sh": "curl http://localhost:8083/connectors/s/status\n", "sink.json": BODY}, "sink.json"),
        ({"all.sh": "# curl -d x http://localhost:8083/connectors\necho curl\n", "sink.json": BODY}, "sink.json"),
        (
            {"plugins.sh": "curl -d x http://localhost:8083/connector-plugins\n", "sink.json": "{" + CLASS + "}"},
            "sink.json",
        ),
        ({"other.json": '{"a": {' + CLASS + "}}", "sink.json": BODY}, "sink.json"),
        ({"status.sh": "curl http://localhost:8083/connectors/s/status\n"}, "status.sh"),
        ({"u.sh": "U=http://localhost:8083/connectors\ncurl -X POST \\\n -d @b $U\n"}, "u.sh"),
    ],
)
def test_which_is_taken(tmp_path: Path, files: dict[str, str], taken: str) -> None:
    found = connector(tmp_path, files)
    assert not isinstance(found, Problem | Missing), found
    assert found.file == taken


@pytest.mark.parametrize(
    "files",
    [
        {"a/post.sh": CURL, "b/post.sh": CURL + "\n"},
        {"a.json": BODY, "b.json": BODY + " "},
        {"a.bat": CURL, "b.ps1": CURL + "\n"},
        {"a/hdfs-sink.json": BODY, "b/hdfs-sink.json": BODY + " "},
    ],
)
def test_several_are_a_question(tmp_path: Path, files: dict[str, str]) -> None:
    found = connector(tmp_path, files)
    assert isinstance(found, Problem), found
    assert "[connector] file =" in found.remedy


def test_nothing(tmp_path: Path) -> None:
    found = connector(tmp_path, {"config.json": '{"group_id": "x"}'})
    assert isinstance(found, Missing)
    assert "hdfs-sink.json" in str(found)


def test_a_script_runs_in_its_folder(tmp_path: Path) -> None:
    found = connector(tmp_path, {"ex 7/post.sh": "#!/bin/sh\r\n" + CURL})
    assert found == ConnectorScript(("sh", "post.sh"), "ex 7", {}, "sh", "ex 7/post.sh")
    assert isinstance(found, ConnectorScript)
    assert list(found.command().argv) == ["sh", "post.sh"]
    assert (tmp_path / "out" / "ex 7" / "post.sh").read_bytes().count(b"\r") == 0


@pytest.mark.parametrize(
    ("toml", "expected"),
    [
        ("command = 'sh post.sh a'", ConnectorScript(("sh", "post.sh", "a"), ".", {}, "sh", "post.sh")),
        (
            "command = ['python', 'p.py']\nworkdir = 'd'",
            ConnectorScript(("python", "p.py"), "d", {}, "program", "d/p.py"),
        ),
        ("file = 'd/q.sh'\nenv = { A = 'b' }", ConnectorScript(("bash", "q.sh"), "d", {"A": "b"}, "bash", "d/q.sh")),
        ("file = 'd/q.sh'\nworkdir = '.'", ConnectorScript(("bash", "d/q.sh"), ".", {}, "bash", "d/q.sh")),
        ("file = 'd/p.py'", ConnectorScript(("python", "p.py"), "d", {}, "program", "d/p.py")),
        (
            "file = 'd/s.txt'",
            ConnectorConfig("d/s.txt", "s", {"connector.class": "io.confluent.connect.hdfs.HdfsSinkConnector"}),
        ),
        ("env = { A = 'b' }", ConnectorScript(("bash", "post.sh"), ".", {"A": "b"}, "bash", "post.sh")),
    ],
)
def test_submission_toml(tmp_path: Path, toml: str, expected: Connector) -> None:
    files = {"post.sh": CURL, "d/q.sh": "true\n", "d/p.py": "main()\n", "d/s.txt": BODY}
    assert connector(tmp_path, {**files, "submission.toml": f"[connector]\n{toml}\n"}) == expected


@pytest.mark.parametrize(
    ("toml", "what"),
    [
        ("command = 'sh no.sh'", "no.sh"),
        ("file = 'no.json'", "no.json"),
        ("file = 'x.sh'\nworkdir = 'no'", "the folder no"),
    ],
)
def test_submission_toml_names_what_is_not_there(tmp_path: Path, toml: str, what: str) -> None:
    found = connector(tmp_path, {"x.sh": CURL, "submission.toml": f"[connector]\n{toml}\n"})
    assert isinstance(found, Problem), found
    assert what in found.what
    assert found.where.startswith("submission.toml:")


def test_a_sink_script_makes_no_topics(tmp_path: Path) -> None:
    sink = CURL.replace("@body.json", '{"topics": "INGESTION"}')
    found = submission(tmp_path, {"sink.sh": "kafka-topics.sh --create --topic other\n" + sink})
    assert isinstance(found.topics, Missing)
    assert isinstance(found.connector, ConnectorScript)


def test_a_sink_script_that_makes_ingestion_does(tmp_path: Path) -> None:
    found = submission(tmp_path, {"all.sh": "T=INGESTION\nkafka-topics.sh --create --topic $T\n" + CURL})
    assert isinstance(found.topics, TopicCommand)


def cmd(text: str) -> list[tuple[str, ...]]:
    return list(windows.cmd(text, []))


def test_a_batch_file() -> None:
    text = (
        "@echo off\r\nREM curl no\r\n:: curl no\r\nset URL=http://localhost:8083\r\n"
        'set "TYPE=Content-Type: application/json"\r\n'
        'curl -X POST %url%/connectors ^\r\n  -H "%TYPE%" ^\r\n  -d "{\\"name\\": \\"s\\", \\"a\\": \\"50%%\\"}"\r\n'
        "C:\\Windows\\System32\\curl.exe -s -d @%~dp0connect\\sink.json %URL%/connectors > nul 2>&1\r\n"
        'curl %URL%/a & curl %URL%/b && curl "%URL%/c?d&e" | findstr x\r\npause\r\n'
    )
    assert cmd(text) == [
        (
            "curl", "-X", "POST", "http://localhost:8083/connectors",
            "-H", "Content-Type: application/json", "-d", '{"name": "s", "a": "50%"}',
        ),
        ("curl", "-s", "-d", "@connect/sink.json", "http://localhost:8083/connectors"),
        ("curl", "http://localhost:8083/a"),
        ("curl", "http://localhost:8083/b"),
        ("curl", "http://localhost:8083/c?d&e"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("line", "argv"),
    [
        ("curl -d '{\"a\": 1}' x", ("curl", "-d", "'{a:", "1}'", "x")),
        ('curl -d "{"a": "b c"}" x', ("curl", "-d", "{a: b", "c}", "x")),
        ('curl -d "{ ^\n\\"a\\": 1}"', ("curl", "-d", "{ ^")),
        ("curl a^&b", ("curl", "a&b")),
        ("curl %NOTHING%x", ("curl", "x")),
        ("call curl a", ("curl", "a")),
        ("@curl a", ("curl", "a")),
    ],
)
def test_cmd_reads_what_windows_reads(line: str, argv: tuple[str, ...]) -> None:
    assert cmd(line)[0] == argv


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (r'a "b c" d', ["a", "b c", "d"]),
        (r'"a\\" b', ["a\\", "b"]),
        (r"a\\b \"c\"", ["a\\\\b", '"c"']),
        (r'"a""b"', ['a"b']),
        (r'"" x', ["", "x"]),
        (r'"a\\\"b"', ['a\\"b']),
    ],
)
def test_words_as_the_c_run_time_splits_them(line: str, words: list[str]) -> None:
    assert windows.split(line) == words


def powershell(text: str) -> list[tuple[str, ...]]:
    return list(windows.powershell(text, []))


def test_powershell_with_curl() -> None:
    text = (
        '# posts the sink\n$uri = "http://localhost:8083"\n'
        "curl.exe -X POST \"$uri/connectors\" `\n  -H 'Content-Type: application/json' `\n  "
        "--data '@sub\\sink.json' | Out-Null\n"
        'curl.exe -d \'{\\"name\\": \\"s\\"}\' $uri/connectors; curl "${uri}/a" > x.txt\n'
        '<# curl no #>\nWrite-Host "curl $uri"\n'
    )
    assert powershell(text) == [
        (
            "curl",
            "-X",
            "POST",
            "http://localhost:8083/connectors",
            "-H",
            "Content-Type: application/json",
            "--data",
            "@sub/sink.json",
        ),
        ("curl", "-d", '{"name": "s"}', "http://localhost:8083/connectors"),
        ("curl", "http://localhost:8083/a"),
    ]


JSON = ("-H", "Content-Type: application/json")
CALL = ("curl", "-sS", "-X", "POST", "http://k:8083/connectors")


@pytest.mark.parametrize(
    ("text", "argv"),
    [
        (
            '$b = @\'\n{"a": "$x"}\n\'@\nInvoke-RestMethod -Method Post -Uri http://k:8083/connectors '
            "-ContentType 'application/json' -Body $b",
            (*CALL, *JSON, "--data-raw", '{"a": "$x"}'),
        ),
        (
            '$n = \'s\'\n$b = @"\n{"name": "$n"}\n"@\nirm http://k:8083/connectors -Method POST -Body $b '
            '-ContentType "application/json"',
            (*CALL, *JSON, "--data-raw", '{"name": "s"}'),
        ),
        (
            "$c = @{\n  name = 's'\n  config = @{ 'flush.size' = 3; x = $true }\n}\n$r = Invoke-RestMethod "
            "-Uri 'http://k:8083/connectors' `\n"
            " -Method 'Post' -Headers @{ 'Content-Type' = 'application/json' } -Body ($c | ConvertTo-Json "
            "-Depth 5)\n$r",
            (*CALL, *JSON, "--data-raw", '{"name": "s", "config": {"flush.size": 3, "x": true}}'),
        ),
        (
            "$p = @{ Method = 'Post'; Uri = 'http://k:8083/connectors'; InFile = '.\\a\\s.json' }\n"
            "Invoke-WebRequest @p -UseBasicParsing",
            (*CALL, "--data-binary", "@./a/s.json"),
        ),
        (
            "$b = Get-Content -Raw -Path .\\s.json\nInvoke-RestMethod -Uri http://k:8083/connectors "
            "-Method Post -Body $b",
            (*CALL, "--data-binary", "@s.json"),
        ),
        (
            "@{ name = 's' } | ConvertTo-Json | Invoke-RestMethod -Method Post -Uri http://k:8083/connectors",
            (*CALL, "--data-raw", '{"name": "s"}'),
        ),
        ("Invoke-RestMethod http://k:8083/connectors", ("curl", "-sS", "-X", "GET", "http://k:8083/connectors")),
    ],
)
def test_powershell_web_requests(text: str, argv: tuple[str, ...]) -> None:
    assert powershell(text) == [argv]
    assert powershell(text.replace("\n", "\r\n")) == [argv]


def test_windows_scripts_as_artefacts(tmp_path: Path) -> None:
    found = connector(
        tmp_path, {"win/post.bat": "curl -d @s.json http://localhost:8083/connectors\r\ndir\r\n", "win/s.json": BODY}
    )
    assert isinstance(found, CurlCalls), found
    assert (found.workdir, found.dialect) == ("win", "cmd")
    assert found.calls == (("curl", "-d", "@s.json", "http://localhost:8083/connectors"),)
    assert [list(each.argv) for each in found.commands()] == [list(found.calls[0])]
    assert found.remarks == ("line 2: dir is passed over; only curl lines are carried out.",)


def test_a_windows_script_without_calls(tmp_path: Path) -> None:
    found = connector(tmp_path, {"p.ps1": "Get-Service\n", "submission.toml": "[connector]\nfile = 'p.ps1'\n"})
    assert isinstance(found, Problem)
    assert "no curl line" in found.what


@pytest.mark.parametrize(
    "text",
    [
        "set A=xx\n" + "set A=%A%%A%\n" * 60 + "curl %A%\n",
        "$a = 'xx'\n" + '$a = "$a$a"\n' * 60 + "curl $a\n",
        "$a = @{}\n" + "$a = @{ x = $a; y = $a }\n" * 60 + "$b = $a | ConvertTo-Json\ncurl $b\n",
        "curl @'\n" * 4000,
        'curl "' * 5000,
        "@{" * 5000,
        "(" * 5000,
        "^\n" * 10_000,
        "curl a^",
        "x" * 100_000,
    ],
    ids=range(10),
)
@pytest.mark.parametrize("ending", ["bat", "ps1"])
def test_hostile_windows_scripts_end(tmp_path: Path, text: str, ending: str) -> None:
    found = connector(tmp_path, {f"p.{ending}": text, "submission.toml": f"[connector]\nfile = 'p.{ending}'\n"})
    assert isinstance(found, Problem | CurlCalls)
    if isinstance(found, CurlCalls):
        assert max(len(word) for call in found.calls for word in call) < 300_000
