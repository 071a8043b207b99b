"""A student's folder, staged and understood: values, topics, programs, manifests, scripts. Nothing is run here."""

from topicmark.submission.answers import Answers, names_default
from topicmark.submission.artefacts import Consumer, Missing, Problem, Program, TopicCommand
from topicmark.submission.connector import Connector, ConnectorConfig, ConnectorScript, CurlCalls
from topicmark.submission.console import Console
from topicmark.submission.flume import FlumeAgent, FlumeComponent
from topicmark.submission.interaction import Interaction
from topicmark.submission.kubernetes import Component
from topicmark.submission.loading import Submission, load
from topicmark.submission.redpanda import ConsoleSettings
from topicmark.submission.sqoop import TableImport
from topicmark.submission.statements import Statement, Statements
from topicmark.submission.topics import TopicPlan, TopicTable
from topicmark.submission.values import Values, retired
from topicmark.submission.wiring import Forwarding, ServiceWiring

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
    "Component",
    "ServiceWiring",
    "Forwarding",
    "Console",
    "ConsoleSettings",
    "Interaction",
    "Statement",
    "Statements",
    "Connector",
    "ConnectorConfig",
    "ConnectorScript",
    "CurlCalls",
    "FlumeAgent",
    "FlumeComponent",
    "TableImport",
    "Answers",
    "names_default",
    "retired",
]
