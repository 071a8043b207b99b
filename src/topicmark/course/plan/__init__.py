"""What a course tells its readers to do, in order, and what each step needs, names, makes and deletes."""

from topicmark.course.plan.course import Course, Step, read

__all__ = ["Course", "Step", "read"]
