"""Sorts the lines of a report."""

import sys

for line in sorted(sys.stdin):
    print(line, end=""
