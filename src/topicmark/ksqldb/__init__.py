"""A small stand-in for ksqlDB 7.3.1: a process of its own that serves its REST API and runs stateless stream queries.

What it accepts it does as the real one does; everything else it refuses (``errors.Unsupported``). Run as
``python -m topicmark.ksqldb``. Nothing else of the package is imported here.
"""

from __future__ import annotations

EMULATED_VERSION = "7.3.1"
DESCRIPTION = "Topicmark's embedded ksqlDB, a stand-in for stateless stream queries"
