"""Reading a course: seconds for ``topicmark course``, beside a plain parse of the same Markdown and YAML.

    PYTHONPATH=src:. .venv/bin/python bench/course.py [--repo PATH] [--rounds 5]

The two take turns. Default: the course with seeded faults in ``selftest/course``. Processor time of this one process,
which is what counts on a free machine: nothing is waited for.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import yaml
from markdown_it import MarkdownIt

from topicmark.course import examine

SEEDED = Path(__file__).parents[1] / "selftest" / "course" / "broken"


def parsed(repo: Path) -> int:
    """The peer: every text and manifest, parsed and thrown away; how many lines they have."""
    lines = 0
    for path in sorted(one for one in repo.rglob("*") if one.suffix in (".md", ".yaml", ".yml") and one.is_file()):
        text = path.read_text("utf-8", "replace")
        lines += text.count("\n")
        if path.suffix == ".md":
            MarkdownIt("commonmark").enable("table").parse(text)
        else:
            try:
                list(yaml.safe_load_all(text))
            except yaml.YAMLError:
                continue  # that is one of its faults
    return lines


def seconds(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repo", type=Path, default=SEEDED)
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    first_s = seconds(lambda: examine(given.repo))
    pairs = [(seconds(lambda: examine(given.repo)), seconds(lambda: parsed(given.repo))) for _ in range(given.rounds)]
    ours, peer = zip(*pairs, strict=True)
    print(f"{parsed(given.repo)} lines of text and YAML, {len(examine(given.repo))} findings")
    print(f"topicmark course, first (its tables are read): {first_s:.2f} s; then {statistics.median(ours):.2f} s")
    print(f"plain parse: {statistics.median(peer):.2f} s")
    print(f"ratio, round by round: {statistics.median(one / other for one, other in pairs):.1f}")


if __name__ == "__main__":
    main()
