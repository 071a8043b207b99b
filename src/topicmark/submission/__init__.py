"""A student's folder, staged and understood: values, topics, programs, answers. Nothing of it is run here."""

from topicmark.submission.answers import Answers, names_default
from topicmark.submission.artefacts import Consumer, Missing, Problem, Program, TopicCommand
from topicmark.submission.loading import Submission, load
from topicmark.submission.topics import TopicPlan, TopicTable
from topicmark.submission.values import Values

__all__ = [
    "load",
    "Submission",
    "Problem",
    "Missing",
    "Values",
    "TopicTable",
    "TopicPlan",
    "TopicCommand",
    "Program",
    "Consumer",
    "Answers",
    "names_default",
]
