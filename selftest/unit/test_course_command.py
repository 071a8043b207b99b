"""``topicmark course``: exit codes, repairs, baseline, SARIF, and texts that are no repository."""

import json
import shutil
from pathlib import Path

import jsonschema
import pytest

from topicmark.cli import main
from topicmark.course import examine
from topicmark.course.reports import baseline, fixing, sarif

COURSE = Path(__file__).parents[1] / "course"
FAULTS, NOTHING, USAGE = 1, 0, 2


@pytest.fixture
def broken(tmp_path):
    return Path(shutil.copytree(COURSE / "broken", tmp_path / "course"))


def write(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        path = folder / name.replace("__", "/").replace("_md", ".md").replace("_yaml", ".yaml")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def rules_at(root: Path) -> list[tuple[int, str]]:
    return [(finding.line, finding.rule.id) for finding in examine(root)]


def test_exit_codes_say_whether_something_was_found(broken, capsys):
    assert main(["course", str(COURSE / "repaired")]) == NOTHING
    assert main(["course", str(broken)]) == FAULTS
    assert "--fix repairs" in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [["nowhere"], [".", "--exercises", "/etc"], [".", "--baseline", "nowhere.json"]])
def test_bad_usage_is_said_in_words(arguments, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(write(tmp_path, README_md="# A\n\nText.\n"))

    assert main(["course", *arguments]) == USAGE
    assert arguments[-1] in capsys.readouterr().err


def test_a_folder_without_texts_is_no_course(tmp_path, capsys):
    assert main(["course", str(tmp_path)]) == USAGE
    assert "no Markdown" in capsys.readouterr().err


def test_repairs_are_shown_and_leave_fewer_faults(broken, capsys):
    before = examine(broken)

    assert main(["course", str(broken), "--fix", "--yes"]) == FAULTS

    after = {(each.path, each.rule.id, each.what) for each in examine(broken)}
    repaired = {(each.path, each.rule.id, each.what) for each in before if each.edits}
    assert len(repaired) > 15
    assert repaired & after == set()
    assert "-# Lecture" not in capsys.readouterr().out, "only lines with a fault change"


def test_a_repair_without_anybody_to_ask_needs_yes(broken, monkeypatch, capsys):
    monkeypatch.setattr("sys.stdin", open("/dev/null", encoding="utf-8"))  # noqa: SIM115, PTH123

    assert main(["course", str(broken), "--fix"]) == USAGE
    assert "--yes" in capsys.readouterr().err


def test_a_repair_keeps_line_ends(tmp_path):
    (tmp_path / "README.md").write_bytes(b"# A\r\n\r\nWe recommand it.\r\n")

    changed = fixing.repaired(tmp_path, examine(tmp_path))

    assert changed["README.md"][1] == "# A\r\n\r\nWe recommend it.\r\n"


def test_what_a_baseline_accepts_is_hidden_even_when_it_moves(broken, tmp_path):
    accepted = tmp_path / "accepted.json"
    assert main(["course", str(broken), "--write-baseline", str(accepted)]) == NOTHING
    assert main(["course", str(broken), "--baseline", str(accepted)]) == NOTHING

    readme = broken / "README.md"
    readme.write_text("\n\n" + readme.read_text("utf-8") + "\nWe recommand it.\n", "utf-8")

    left = baseline.without(examine(broken), baseline.read(accepted))
    assert [finding.rule.id for finding in left] == ["text-spelling"]


def test_sarif_has_what_code_review_needs(broken):
    log = json.loads(sarif.text(examine(broken)))

    jsonschema.validate(log, SARIF)
    (run,) = log["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert all(rules[each["ruleIndex"]]["id"] == each["ruleId"] for each in run["results"])
    prints = [each["partialFingerprints"]["topicmarkCourse/v1"] for each in run["results"]]
    assert len(set(prints)) == len(prints)


_TEXT = {"type": "object", "required": ["text"], "properties": {"text": {"type": "string", "minLength": 1}}}
SARIF = {  # what GitHub reads of SARIF 2.1.0
    "type": "object",
    "required": ["$schema", "version", "runs"],
    "properties": {
        "version": {"const": "2.1.0"},
        "runs": {
            "type": "array",
            "items": {
                "required": ["tool", "results"],
                "properties": {
                    "tool": {
                        "properties": {
                            "driver": {
                                "required": ["name", "rules"],
                                "properties": {
                                    "rules": {
                                        "items": {
                                            "required": [
                                                "id",
                                                "shortDescription",
                                                "fullDescription",
                                                "defaultConfiguration",
                                            ],
                                            "properties": {"shortDescription": _TEXT, "fullDescription": _TEXT},
                                        }
                                    }
                                },
                            }
                        }
                    },
                    "results": {
                        "items": {
                            "required": ["ruleId", "level", "message", "locations", "partialFingerprints"],
                            "properties": {
                                "level": {"enum": ["none", "note", "warning", "error"]},
                                "message": _TEXT,
                                "locations": {
                                    "minItems": 1,
                                    "items": {
                                        "properties": {
                                            "physicalLocation": {
                                                "properties": {
                                                    "artifactLocation": {"properties": {"uri": {"pattern": "^[^/]"}}},
                                                    "region": {"properties": {"startLine": {"minimum": 1}}},
                                                }
                                            }
                                        }
                                    },
                                },
                            },
                        }
                    },
                },
            },
        },
    },
}


def test_a_text_alone_misses_no_files(tmp_path):
    text = "# A\n\nApply [it](x.yaml).\n\n```bash\nkubectl apply -f x.yaml\n```\n"

    assert rules_at(write(tmp_path, README_md=text)) == []


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("```bash\nhelm install a b/c --version 1`\n```\n", "command-syntax"),
        ("```bash\nkubectl get pods\nkubectl lgos x\n```\n", "option-unknown"),
        (
            "`hdfs dfs -fs hdfs://nn:9000 -ls` `hdfs dfs -fs hdfs://nn:9000 -ls` `hdfs dfs -fs hdfs://nn:8020 -ls`\n",
            "ports-disagree",
        ),
        ("Read [more](#nowhere-at-all).\n", "link-anchor"),
        ("```bash\nkafka-topics.sh --zookeeper z:2181 --list\n```\n", "option-removed"),
    ],
)
def test_a_fault_is_found_in_a_text_alone(text, wanted, tmp_path):
    assert [rule for _, rule in rules_at(write(tmp_path, README_md=f"# A\n\n{text}"))] == [wanted]


@pytest.mark.parametrize(
    "text",
    [
        "```bash\nfeast init repo\ncd repo/inner\nmake test-all\n```\n",
        "```bash\nfor each in 1 2; do\n  echo $each\ndone\n```\n",
        "```bash\ncat <<EOF > a.yaml\nkind: Pod\nEOF\nkubectl apply -f a.yaml\n```\n",
        "```bash\nkubectl run a --rm -it --image=python:3.12 -- bash -c 'echo \"<name>\" | base64'\n```\n",
        "```console\n$ kubectl get pods\nNAME   READY\n```\n",
        '```json\n{"a": 1}\n{"a": 2}\n```\n',
        "```python\nfor record in consumer:\n    ...\n```\n",
        "The port was never `kafka:9999`.\n",
        "```bash\ncurl -sSL 'http://localhost:8083/connectors?expand=status' | jq .\n```\n",
        "```sql\nSELECT * FROM a LIMIT 3;\n```\n",
        "```sql\nCREATE TABLE hive.a.b AS SELECT * FROM c\n```\n",
        "1. `kubectl port-forward`\n2. `helm install`\n3. `kubectl get -o wide pods`\n",
        "```bash\nkubectl create secret generic a --from-literal=b='c d'\n```\n",
        "```sql\nksql> SHOW TOPICS;\nksql> SELECT *\n> FROM a EMIT CHANGES;\n```\n",
        "```console\n$ docker exec -i a cat \\\n>   <<'EOF'\n> one\n> EOF\n```\n",
        "```bash\nkubectl apply -f - <<EOF\nkind: Pod\nEOF\n```\n",
        '```bash\n"$SPARK_HOME"/bin/spark-submit a\n```\n',
        '=== "Linux"\n\n    ```bash\n    ls\n    ```\n',
        '```bash\nexport A=1\nPGPASSWORD=x psql -U root -c "select 1"\n```\n',
    ],
)
def test_what_is_right_is_left_alone(text, tmp_path):
    assert rules_at(write(tmp_path, README_md=f"# A\n\n{text}")) == []
