"""Counts words."""

import sys
from collections import Counter
from pathlib import Path

for word, times in Counter(Path(sys.argv[1]).read_text(encoding="utf-8").split()).most_common():
    print(word, times)
