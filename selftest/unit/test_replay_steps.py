"""A course carried out on a stage that only pretends: which steps are done where, and what their endings say."""

import pytest

from topicmark.cli import main
from topicmark.course import command, plan
from topicmark.course.reading.repository import Repository
from topicmark.course.replay import Ending, Verdict, actions, carry_out, carrying_out
from topicmark.course.replay.hints import hints
from topicmark.course.replay.reach import Reach, forwards
from topicmark.course.replay.verdicts import findings

REACH = Reach(
    [("kafka", 9092), (r"kafka-controller-\d\.kafka-controller-headless(\..*)?", 9092),
     ("namenode", 9000), ("kafka-connect", 8083)],
    frozenset({9092, 8083}),
)  # fmt: skip
KAFKA = "--bootstrap-server kafka:9092"


class Pretended:
    """Ends every command as ``endings`` says of a part of its text; else well."""

    def __init__(self, later=None, **endings):
        self.endings = {name.replace("_", "-"): ending for name, ending in endings.items()}
        self.later = later or {}
        self.done = []

    def run(self, number, text, folder, within_s):
        self.done.append((text, folder, within_s))
        return next((ending for part, ending in self.endings.items() if part in text), Ending(0))

    def type(self, statement):
        return self.run(-1, statement, None, 0.0)

    def component(self, name):
        return "it ended at once" if self.endings.get(name) else ""

    def connectors(self):
        return {"good": "", "bad": "no such host"}

    def ended_since(self):
        return self.later


@pytest.fixture
def course(tmp_path):
    def made(text: str, **files: str):
        for name, content in {"lab__README.md": text, **files}.items():
            path = tmp_path / name.replace("__", "/")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content, "utf-8")
        return plan.read(Repository(tmp_path))

    return made


def fence(*lines: str, language: str = "bash") -> str:
    return "\n".join(["# A", "", f"```{language}", *lines, "```", ""])


def carried_out(course, stage, reach=REACH, components=None):
    return carry_out(course, actions(course, reach, components or {}), stage)


@pytest.fixture(autouse=True)
def no_patience(monkeypatch):
    monkeypatch.setattr(carrying_out, "_CATCHES_UP_S", 0.0)


def one(course, stage, reach=REACH):
    (replayed,) = carried_out(course, stage, reach)
    return replayed


# Which commands are carried out


@pytest.mark.parametrize(
    "line",
    [
        f"kafka-topics.sh {KAFKA} --list",
        "kubectl exec -it kafka-controller-0 -- kafka-topics.sh --bootstrap-server localhost:9092 --list",
        f"kubectl run client --rm -it --image apache/kafka:3.8.0 -- bash -c 'kafka-topics.sh {KAFKA} --list'",
        "kafka-topics.sh --bootstrap-server kafka-controller-0.kafka-controller-headless.me.svc:9092 --list",
        "hdfs dfs -fs hdfs://namenode:9000 -ls /",
        "hdfs dfs -fs hdfs://namenode:8020 -ls /",
        "curl -s http://localhost:8083/connectors | grep sink",
        "mkdir -p a/b",
        "cat <<EOF > note.txt\nkind: Pod\nEOF",
        "export A=1",
    ],
)
def test_what_the_lab_has_is_run_as_it_stands(line, course):
    stage = Pretended()

    assert one(course(fence(line)), stage).verdict is Verdict.DONE
    assert [text for text, _, _ in stage.done] == [line]


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("helm install a b/c", "has no helm"),
        ("kubectl get pods", "is replayed: kubectl get"),
        ("kubectl exec -it client -- bash", "interactive shell in a pod"),
        ("kubectl exec -it cli -- ksql http://kafka-ksqldb-server:8088", "statements that follow"),
        ("kubectl exec client -- ls /data", "in a pod that the lab does not have"),
        ("kubectl run client --image=postgres:16 -- psql -h ledger", "has no psql"),
        ("curl http://localhost:8080", "nothing on localhost:8080"),
        ("curl https://example.org/file", "no host example.org"),
        ("kafka-topics.sh --bootstrap-server harbour:9092 --list", "no host harbour"),
        (f"kafka-topics.sh {KAFKA} --describe --topic <topic>", "placeholder"),
        ("python", "console"),
        ("python own.py", "the reader writes it"),
        ("pip install kafka-python", "has no pip"),
        ("sudo apt install curl", "has no sudo"),
        ("hdfs namenode -format", "only the commands of hdfs dfs"),
        (f"kafka-topics.sh {KAFKA} --create --topic 'a", "no shell can read it"),
    ],
)
def test_what_the_lab_has_not_is_left_with_a_reason(line, why, course):
    stage = Pretended()
    replayed = one(course(fence(line)), stage)

    assert replayed.verdict is Verdict.LEFT
    assert why in replayed.why
    assert stage.done == []


def test_a_port_that_the_course_has_and_the_lab_has_not_is_left(course):
    made = course(fence("curl http://kafka-connect:80/connectors"))

    assert one(made, Pretended(), REACH).verdict is Verdict.DONE, "refused in the lab, if neither has it"
    with_service = Reach(REACH.doors, REACH.local_ports, {"kafka-connect": frozenset({80})})
    assert "does not have the port 80" in one(made, Pretended(), with_service).why


def test_a_program_that_names_a_strange_host_in_a_module_of_its_own_is_left(course):
    made = course(
        fence("python hints/send.py"),
        **{"lab__hints__send.py": "import settings\n", "lab__hints__settings.py": "BROKERS = 'harbour:9092'\n"},
    )

    assert "settings" not in one(made, Pretended()).why
    assert "no host harbour" in one(made, Pretended()).why


def test_the_reader_stands_where_the_text_and_the_files_say(course):
    text = fence("python send.py", "python hints/send.py", "ls")
    stage = Pretended()
    carried_out(course(text, **{"lab__hints__send.py": "print()\n"}), stage)

    assert [folder for _, folder, _ in stage.done] == ["lab/hints", "lab", "lab"]


def test_what_is_typed_into_a_pods_shell_is_done_where_the_reader_stood_last(course):
    lines = ["kubectl run client -it --image=apache/hadoop:3.3.6 -- bash", "echo 1 > a.txt",
             "hdfs dfs -fs hdfs://namenode:9000 -put a.txt /", "python send.py"]  # fmt: skip
    stage = Pretended()
    carried_out(course(fence(*lines), **{"lab__hints__send.py": ""}), stage)

    assert [folder for _, folder, _ in stage.done] == [None, None, "lab/hints"]


def test_only_what_ends_by_itself_is_waited_for_long(course):
    stage = Pretended()
    carried_out(course(fence(f"kafka-topics.sh {KAFKA} --list", f"kafka-console-consumer.sh {KAFKA} --topic a")), stage)

    assert [within_s for _, _, within_s in stage.done] == [carrying_out.SOON_S, carrying_out.LONG_S]


@pytest.mark.parametrize(
    ("sentence", "is_run"),
    [
        (f"Run `kafka-topics.sh {KAFKA} --list`.", True),
        (f"1. `kafka-topics.sh {KAFKA} --list`", True),
        (f"**Task**: List them: `kafka-topics.sh {KAFKA} --list`", True),
        (f"**Notice**: to see them use `kafka-topics.sh {KAFKA} --list`", False),
        (f"If you need to look, run `kafka-topics.sh {KAFKA} --list`", False),
        (f"`kafka-topics.sh {KAFKA} --list` prints names.", False),
    ],
)
def test_a_command_in_a_sentence_is_run_if_the_sentence_tells_to(sentence, is_run, course):
    stage = Pretended()
    carried_out(course(f"# A\n\n{sentence}\n"), stage)

    assert bool(stage.done) is is_run


def test_the_bare_name_of_a_command_is_no_step(course):
    assert carried_out(course("# A\n\nUse `kubectl exec`, then run `python` or `helm install`.\n"), Pretended()) == []


def test_a_topic_that_is_made_by_clicking_is_made(course):
    stage = Pretended()
    replayed = one(course("# A\n\nUse the console to create a topic called `tides`.\n"), stage)

    assert replayed.told == "(by hand) topic tides"
    assert "--topic tides" in stage.done[0][0]


def test_statements_are_typed_one_by_one_at_their_lines(course):
    text = fence("-- first; not a statement", "SET 'a' = 'b;c';", "", "CREATE STREAM S_<n> (a INT)", "  WITH (x='y');",
                 "SELECT * FROM S_1 EMIT CHANGES;", language="sql")  # fmt: skip
    stage = Pretended()
    replayed = carried_out(course(f"Open ksqlDB.\n\n{text}"), stage)

    assert [(each.line, each.verdict) for each in replayed] == [
        (6, Verdict.DONE),
        (9, Verdict.DONE),
        (11, Verdict.LEFT),
    ]
    assert [text for text, _, _ in stage.done][1] == "CREATE STREAM S_1 (a INT)\n  WITH (x='y');"


def test_what_ksqldb_prints_is_not_typed(course):
    lines = ["ksql> SET 'a'='b';", "Successfully changed", "ksql> CREATE STREAM S (a INT)", "> WITH (x='y');"]
    stage = Pretended()
    replayed = carried_out(course(f"ksqlDB:\n\n{fence(*lines, language='sql')}"), stage)

    assert [text for text, _, _ in stage.done] == ["SET 'a'='b';", "CREATE STREAM S (a INT)\nWITH (x='y');"]
    assert [each.line for each in replayed] == [6, 8]


def test_statements_of_another_database_are_left(course):
    assert "no other database" in one(course(fence("CREATE TABLE a (b INT);", language="sql")), Pretended()).why


def test_a_manifest_of_a_component_is_the_labs_component(course):
    made = course(
        fence("kubectl apply -f connect.yaml", "kubectl apply -f other.yaml"), **{"lab__connect.yaml": "a: 1\n"}
    )
    known = {"lab/connect.yaml": "connect"}
    good = carried_out(made, Pretended(), components=known)
    bad = carried_out(made, Pretended(connect=Ending(1)), components=known)

    assert [each.verdict for each in good] == [Verdict.DONE, Verdict.LEFT]
    assert (bad[0].verdict, bad[0].why) == (Verdict.FAILED, "it ended at once")


def test_port_forwards_are_told_to_whoever_makes_the_stage(course):
    made = course(
        fence("kubectl port-forward -n a svc/kafka-connect 18083:8083 9092", "kubectl port-forward pod/x :80")
    )

    assert forwards(made) == [("kafka-connect", 18083, 8083), ("kafka-connect", 9092, 9092)]


# What an ending says

LIST = f"kafka-topics.sh {KAFKA} --describe --topic tides"


@pytest.mark.parametrize(
    ("ending", "verdict", "why"),
    [
        (Ending(0), Verdict.DONE, ""),
        (Ending(None), Verdict.RUNNING, "background"),
        (Ending(None, "WARN Connection to node -1: Broker may not be available."), Verdict.FAILED, "no broker"),
        (Ending(1, "Topic 'tides' does not exist"), Verdict.FAILED, "exit code 1"),
        (Ending(1, "Topic 'tides' already exists."), Verdict.DONE, "there already"),
        (Ending(127, "bash: line 1: jq: command not found"), Verdict.LEFT, "not on this machine"),
        (Ending(125, "kubectl: there is no Kubernetes cluster here"), Verdict.LEFT, "kubectl itself"),
        (Ending(1, "ModuleNotFoundError: No module named 'avro'"), Verdict.LEFT, "package avro"),
        (Ending(137, "killed"), Verdict.FAILED, "exit code 137"),
        (Ending(None, "", "the sandbox ended"), Verdict.LEFT, "the sandbox ended"),
    ],
)  # fmt: skip
def test_an_ending_is_judged(ending, verdict, why, course):
    replayed = one(course(fence(LIST)), Pretended(kafka_topics=ending))

    assert replayed.verdict is verdict
    assert why in replayed.why


def test_an_error_that_curl_takes_for_success_is_one(course):
    line = "curl -X POST http://localhost:8083/connectors"
    said = '  % Total\n{"error_code":400,"message":"no class"}'
    replayed = one(course(fence(line)), Pretended(curl=Ending(0, said)))

    assert (replayed.verdict, replayed.why) == (Verdict.FAILED, "the server answers with error 400")


def test_a_connector_that_is_taken_and_then_fails_is_found_where_it_was_made(course):
    post = "curl -X POST http://localhost:8083/connectors -d @{}.json"
    replayed = carried_out(
        course(fence(post.format("good"), post.format("bad"), "curl http://localhost:8083/connectors")), Pretended()
    )

    assert [each.verdict for each in replayed] == [Verdict.DONE, Verdict.FAILED, Verdict.DONE]
    assert (replayed[1].why, replayed[1].output) == (
        "Connect takes it, and then the connector bad does not work", "no such host",
    )  # fmt: skip


def test_a_connector_of_which_the_lab_has_no_class_is_left(course):
    ending = Ending(0, '{"error_code":500,"message":"Failed to find any class that matches a.B"}')

    assert (
        one(course(fence("curl -X POST http://localhost:8083/connectors")), Pretended(curl=ending)).verdict
        is Verdict.LEFT
    )


def test_a_strange_host_in_the_body_of_a_request_is_left(course):
    made = course(
        fence("curl -X POST http://localhost:8083/connectors -d @sink.json"),
        **{"lab__sink.json": '{"hdfs.url": "hdfs://harbour:9000"}'},
    )

    assert "no host harbour" in one(made, Pretended()).why


@pytest.mark.parametrize(
    ("line", "ending"),
    [
        ("source venv/bin/activate", Ending(1, "No such file")),
        (f"{LIST} | grep Leader", Ending(1)),
        ("ls nowhere", Ending(2)),
    ],
)
def test_what_hangs_on_the_readers_machine_is_no_fault_of_the_course(line, ending, course):
    word = line.split()[0]

    assert one(course(fence(line)), Pretended(**{word: ending})).verdict in (Verdict.LEFT, Verdict.DONE)


def test_a_failure_that_the_text_foretells_is_none(course):
    text = f"# A\n\nAs long as nobody sends, this fails with an error:\n\n```bash\n{LIST}\n```\n"

    assert one(course(text), Pretended(tides=Ending(1, "boom"))).verdict is Verdict.DONE


@pytest.mark.parametrize(
    "before",
    [
        "Click on New, and create `tides` there.",
        "```bash\nhelm install tides-maker x/y --set topic=tides\n```",
    ],
)
def test_what_only_the_replay_did_not_make_is_no_fault_of_the_course(before, course):
    replayed = carried_out(
        course(f"# A\n\n{before}\n\n```bash\n{LIST}\n```\n"), Pretended(tides=Ending(1, "Topic 'tides' does not exist"))
    )

    assert replayed[-1].verdict is Verdict.LEFT
    assert "needs tides" in replayed[-1].why


def test_one_failure_is_not_told_twice(course):
    create = f"kafka-topics.sh {KAFKA} --create --topic tides --replication-factor 9"
    stage = Pretended(
        create=Ending(1, "Replication factor: 9 larger"), describe=Ending(1, "Topic 'tides' does not exist")
    )
    replayed = carried_out(course(fence(create, LIST)), stage)

    assert [each.verdict for each in replayed] == [Verdict.FAILED, Verdict.LEFT]
    assert "line 4" in replayed[1].why


def test_what_looks_is_tried_until_the_lab_has_caught_up(course, monkeypatch):
    monkeypatch.setattr(carrying_out, "_CATCHES_UP_S", 5.0)
    monkeypatch.setattr(carrying_out, "_PAUSE_S", 0.01)
    stage, endings = Pretended(), iter([Ending(1, "no"), Ending(1, "no"), Ending(0)])
    stage.run = lambda *_: next(endings)

    assert one(course(fence(LIST)), stage).verdict is Verdict.DONE


def test_what_changes_something_is_tried_once(course, monkeypatch):
    monkeypatch.setattr(carrying_out, "_CATCHES_UP_S", 5.0)
    stage = Pretended(create=Ending(1, "no"))
    carried_out(course(fence(f"kafka-topics.sh {KAFKA} --create --topic a")), stage)

    assert len(stage.done) == 1


def test_a_program_that_fails_after_a_while_is_found_at_the_end(course):
    stage = Pretended(console=Ending(None), later={0: Ending(1, "Error processing message")})
    replayed = one(course(fence(f"kafka-console-consumer.sh {KAFKA} --topic a")), stage)

    assert (replayed.verdict, replayed.why) == (Verdict.FAILED, "exit code 1, after a while")


# What becomes of it


def test_a_failed_step_is_a_finding_that_blocks_at_its_line(course):
    stage = Pretended(topics=Ending(1, "log4j:WARN x\nError: boom\n\tat a.b(C.java:1)"))
    (finding,) = findings(carried_out(course(fence("ls", LIST)), stage))

    assert (finding.place, finding.rule.id, finding.severity) == ("lab/README.md:5", "replay-failed", "blocks")
    assert finding.proof == "It was run on a lab."
    assert finding.what.endswith("exit code 1: Error: boom")


def test_the_command_shows_the_steps_and_adds_what_reading_did_not_find(course, tmp_path, capsys, monkeypatch):
    made = course(fence(LIST, "kubectl lgos x"))

    def replay(read, place):
        assert place is None
        replayed = carried_out(read, Pretended(tides=Ending(1, "boom")))
        return replayed, list(findings(replayed))

    monkeypatch.setattr("topicmark.replaying.replay", replay)
    monkeypatch.setattr("topicmark.cli._set_up", lambda embedded: embedded)
    sarif = tmp_path / "out.sarif"

    assert main(["course", str(tmp_path), "--replay", "--sarif", str(sarif)]) == command.FOUND
    said = capsys.readouterr().out
    assert "1 failed, 1 not replayed" in said
    assert "option-unknown" in said
    assert '"replay-failed"' in sarif.read_text()
    assert made.documents[0].path == "lab/README.md"
    assert main(["course", str(tmp_path), "--replay", "--fix"]) == 2
    assert "--fix first" in capsys.readouterr().err


def test_a_cluster_is_for_carrying_out_only(course, tmp_path, capsys):
    course("")

    assert main(["course", str(tmp_path), "--backend", "kubernetes"]) == 2
    assert "give --replay too" in capsys.readouterr().err
    assert main(["course", str(tmp_path), "--replay", "--kube-context", "kind"]) == 2
    assert "--backend kubernetes" in capsys.readouterr().err


def test_hints_are_handed_in_with_the_files_beside_their_text(course):
    made = course(
        "# A\n\nSend to `INGESTION`.\n",
        **{"lab__hints__send.py": "", "lab__kafka-values.yaml": "", "lab__other__x.py": ""},
        **{"two__hints__y.py": "", "two__README.md": "# B\n"},
    )  # fmt: skip
    (given,) = hints(made)

    assert given.folder == "lab"
    assert dict(given.files) == {"hints/send.py": "lab/hints/send.py", "kafka-values.yaml": "lab/kafka-values.yaml"}
