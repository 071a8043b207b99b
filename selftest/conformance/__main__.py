"""Run ksqlDB's own query tests against any ksqlDB.

    python -m selftest.conformance --url http://127.0.0.1:8088 --bootstrap 127.0.0.1:9092 [--qtt DIR] [-k PART] [-v]

Without ``--qtt`` the cases of this repository run. ``--qtt`` is a folder of the published ``query-validation-tests``
(they are not part of this repository); only stateless ones of the formats JSON, KAFKA, DELIMITED and NONE are run.
Prints passed, refused as unsupported, and wrong by file; exits 1 if any is wrong.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from pathlib import Path

from selftest.conformance.cases import OWN, load
from selftest.conformance.runner import Runner


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--url", required=True)
    arguments.add_argument("--bootstrap", required=True)
    arguments.add_argument("--qtt", type=Path, default=OWN)
    arguments.add_argument("-k", default="", help="only cases whose file or name contains this")
    arguments.add_argument("-v", action="store_true", help="name every case")
    given = arguments.parse_args()
    counts: dict[str, Counter[str]] = {}
    wrong: list[str] = []
    runner = Runner(given.url, given.bootstrap)
    try:
        for case in load(given.qtt):
            if given.k.lower() not in f"{case.file} {case.name}".lower():
                continue
            count = counts.setdefault(case.file, Counter())
            if beyond := case.beyond():
                count["left out"] += 1
                if given.v:
                    print(f"left out  {case.file}: {case.name}: {beyond}")
                continue
            verdict = runner.run(case)
            count[verdict.kind] += 1
            if verdict.kind == "wrong":
                wrong.append(f"{case.file}: {case.name}\n{verdict.detail}")
            if given.v or verdict.kind == "wrong":
                print(f"{verdict.kind:9} {case.file}: {case.name} {verdict.detail}".rstrip(), flush=True)
    finally:
        runner.close()
    print(f"\n{'file':44} {'passed':>7} {'refused':>8} {'wrong':>6} {'left out':>9}")
    for file, count in counts.items():
        print(f"{file:44} {count['passed']:7} {count['refused']:8} {count['wrong']:6} {count['left out']:9}")
    total = sum(counts.values(), Counter())
    print(f"{'all':44} {total['passed']:7} {total['refused']:8} {total['wrong']:6} {total['left out']:9}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
