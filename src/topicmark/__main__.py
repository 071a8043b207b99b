"""``python -m topicmark``."""

import sys

from topicmark.cli import main

sys.exit(main())
