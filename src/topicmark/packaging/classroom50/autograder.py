"""The autograder of one assignment for classroom50: its runner starts this in the student's checkout.

It leaves ``result.json`` there. Where nothing could be graded it leaves none and ends with the grader's code, from
which the runner makes an error, not a score.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
_USERNS = Path("/proc/sys/kernel/apparmor_restrict_unprivileged_userns")


def main() -> int:
    """0 if it was graded."""
    checkout = Path.cwd()
    if _USERNS.exists() and _USERNS.read_text().strip() != "0":
        # Ubuntu's runners let nobody but root make the namespaces in which programs are held
        subprocess.run(["/usr/bin/sudo", "-n", "sysctl", "-q", "-w", "kernel.apparmor_restrict_unprivileged_userns=0"])
    grader = HERE / "topicmark" / "topicmark"
    grader.chmod(0o755)
    out = Path(os.environ.get("RUNNER_TEMP", "/tmp")) / "topicmark-out"  # noqa: S108 - where no runner is
    place = ["--out", str(out), "--also", f"classroom50={checkout / 'result.json'}"]
    options = (HERE / "grade-options").read_text().splitlines()
    code = subprocess.run([str(grader), "grade", str(checkout), "--untrusted", *place, *options]).returncode
    return 0 if code in (0, 1) and (checkout / "result.json").exists() else code or 3


if __name__ == "__main__":
    sys.exit(main())
