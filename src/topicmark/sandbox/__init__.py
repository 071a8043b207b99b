"""Running programs that cannot be trusted: no view of the grader, no network but the lab, limits on everything."""

from topicmark.sandbox.level import detect
from topicmark.sandbox.link import NetworkUse
from topicmark.sandbox.program import Sandbox
from topicmark.sandbox.running import Exit, Program, Usage
from topicmark.sandbox.spec import Command, Endpoint, Level, Limits, Mount
from topicmark.sandbox.text import plain

__all__ = [
    "Command",
    "Endpoint",
    "Exit",
    "Level",
    "Limits",
    "Mount",
    "NetworkUse",
    "Program",
    "Sandbox",
    "Usage",
    "detect",
    "plain",
]
