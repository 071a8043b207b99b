"""The runner of a replay in its sandbox: what one command leaves, the next one finds."""

from pathlib import Path

import pytest

from topicmark.provision import runtimes
from topicmark.replaying.sitting import MOUNTS, PATH, Sitting
from topicmark.sandbox import Level, Sandbox, detect
from topicmark.waiting import eventually

pytestmark = pytest.mark.skipif(detect()[0] is not Level.NAMESPACES, reason="needs namespaces")
SOON_S, AT_ONCE_S = 20.0, 0.3


@pytest.fixture
def sitting(tmp_path):
    tree = tmp_path / "tree"
    (tree / "lab").mkdir(parents=True)
    (tree / "lab" / "note.txt").write_text("tide\n")
    mounts = (*runtimes.default(print).mounts(), *MOUNTS)
    with Sandbox(level=Level.NAMESPACES, endpoints=(), mounts=mounts, path=PATH, folder=tmp_path / "logs") as sandbox:
        sitting = Sitting(sandbox, tree)
        yield sitting
        sitting.close()


def test_folder_variables_and_files_stay(sitting):
    assert sitting.run(0, "export A='b  c'; mkdir x && cd x; echo 1 >one", "lab", SOON_S).code == 0

    went_on = sitting.run(1, 'pwd; cat one; echo "$A"', None, SOON_S)
    assert went_on.output == "/home/student/lab/lab/x\n1\nb  c"
    assert sitting.run(2, "cat note.txt x/one", "lab", SOON_S).output == "tide\n1"


@pytest.mark.parametrize(
    ("text", "code"),
    [("exit 3", 3), ("false", 1), ("nothing-like-it", 127), ("kill -9 $$", 137), ("cat <<'E'\nx\nE\n", 0)],
)
def test_an_ending_has_its_code_and_the_next_command_runs(text, code, sitting):
    assert sitting.run(0, text, "", SOON_S).code == code
    assert sitting.run(1, "echo on", None, SOON_S).output == "on"


def test_what_runs_on_is_left_and_its_end_is_told(sitting):
    assert sitting.run(0, "until [ -f go ]; do sleep 0.1; done; echo late; exit 4", "", AT_ONCE_S).code is None
    assert sitting.run(1, "sleep infinity", "", AT_ONCE_S).code is None
    assert sitting.ended_since() == {}

    sitting.run(2, "touch go", "", SOON_S)
    (ended,) = eventually(sitting.ended_since, bool, within=SOON_S, describe="its end").items()
    assert (ended[0], ended[1].code, ended[1].output) == (0, 4, "late")


def test_what_asks_for_input_waits(sitting):
    assert sitting.run(0, "read x", "", AT_ONCE_S).code is None


def test_kubectl_carries_a_command_and_nothing_else(sitting):
    carried = sitting.run(0, "echo in | kubectl -n a exec -i pod/b -c d -- sh -c 'cat; exit 5'", "", SOON_S)
    assert (carried.code, carried.output) == (5, "in")
    assert sitting.run(1, "kubectl run b --rm -it --image=c:1 -- echo hi", "", SOON_S).output == "hi"
    refused = sitting.run(2, "kubectl get pods", "", SOON_S)
    assert (refused.code, refused.output) == (125, "kubectl: there is no Kubernetes cluster here")


def test_a_command_of_many_lines_and_much_output_comes_whole(sitting):
    long = "\n".join(f"echo {number}" for number in range(3000))
    told = sitting.run(0, long, "", SOON_S)

    assert told.output.endswith("2998\n2999")
    assert len(told.output) < 20_000


def test_neither_the_repository_nor_the_grader_is_in_reach(sitting):
    here = Path(__file__).resolve()
    seen = sitting.run(0, f"ls {here.parent} {Path.home()} 2>&1; echo x >note.txt; cat note.txt", "lab", SOON_S)

    assert here.name not in seen.output
    assert seen.output.endswith("x")


def test_after_the_end_of_the_sandbox_everything_is_lost(sitting):
    sitting.run(0, "pkill -9 python3 || kill -9 -1", "", 1.0)

    assert "ended" in sitting.run(1, "echo on", None, SOON_S).lost
    assert sitting.ended_since() == {}
