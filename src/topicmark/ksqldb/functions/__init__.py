"""The functions of ksqlDB that the embedded one runs, by kind, and the names of all others, to refuse them by name."""

from __future__ import annotations

from topicmark.ksqldb.functions import collections, json, numbers, strings, times

__all__ = ["collections", "json", "numbers", "strings", "times"]  # importing them registers their functions
