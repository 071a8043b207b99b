"""From what was seen to a verdict: expectations, and how an exception becomes an outcome."""

from topicmark.scoring.expect import Blocked, NotJudged, Parts, Unmet, expect
from topicmark.scoring.verdict import verdict

__all__ = ["Blocked", "NotJudged", "Parts", "Unmet", "expect", "verdict"]
