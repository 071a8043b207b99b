"""The log4j settings of the lab's JVMs."""

from __future__ import annotations

from pathlib import Path

_ROLLED = """\
log4j.rootLogger=WARN, out
log4j.appender.out=org.apache.log4j.RollingFileAppender
log4j.appender.out.File={log}
log4j.appender.out.MaxFileSize=8MB
log4j.appender.out.MaxBackupIndex=1
log4j.appender.out.layout=org.apache.log4j.PatternLayout
log4j.appender.out.layout.ConversionPattern=%d{{HH:mm:ss.SSS}} %p {who}%c{{1}}: %m%n
"""


def rolled(log: Path, more: str = "", *, who: str = "") -> str:
    """Warnings and errors to ``log``, which is rolled over at 8 MB; ``more`` settings below.

    ``who`` is what of the pattern tells nodes apart, with a space behind it.
    """
    return _ROLLED.format(log=log, who=who) + more
