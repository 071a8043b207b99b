"""The words of the product as data: tasks, outcomes, results, faults. Imports nothing of the rest."""

from topicmark.model.faults import LabFault, SubmissionError, Unable, UsageError
from topicmark.model.results import SCHEMA, Fault, Outcome, RunResult, TaskResult
from topicmark.model.tasks import Task

__all__ = [
    "SCHEMA",
    "Fault",
    "LabFault",
    "Outcome",
    "RunResult",
    "SubmissionError",
    "Task",
    "TaskResult",
    "Unable",
    "UsageError",
]
