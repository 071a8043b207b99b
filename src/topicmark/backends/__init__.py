"""What runs the lab. One ``Lab`` per engine; today the embedded one."""

from topicmark.backends.base import Ability, Before, Booted, HasConsole, Lab, require, require_fresh
from topicmark.backends.embedded import EmbeddedLab
from topicmark.backends.kubernetes import Live
from topicmark.backends.observed import ObservedLab, worked_in
from topicmark.backends.opening import BACKENDS, Wish, open_lab
from topicmark.backends.pulse import Pulse

__all__ = [
    "BACKENDS",
    "Ability",
    "Before",
    "Booted",
    "EmbeddedLab",
    "HasConsole",
    "Lab",
    "Live",
    "ObservedLab",
    "Pulse",
    "Wish",
    "open_lab",
    "require",
    "require_fresh",
    "worked_in",
]
