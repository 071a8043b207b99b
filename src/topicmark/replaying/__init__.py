"""``topicmark course --replay``: the course carried out on a lab, and its own programs graded."""

from topicmark.replaying.command import replay

__all__ = ["replay"]
