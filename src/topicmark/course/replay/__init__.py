"""A course carried out: what of its plan a lab can do, what came of it, and what of that is a fault of the course.

Nothing here runs anything: a ``Stage``, which whoever has a lab brings along, does.
"""

from topicmark.course.replay.actions import Action, Doing, actions
from topicmark.course.replay.carrying_out import Stage, carry_out
from topicmark.course.replay.verdicts import Ending, Replayed, Verdict

__all__ = ["Action", "Doing", "Ending", "Replayed", "Stage", "Verdict", "actions", "carry_out"]
