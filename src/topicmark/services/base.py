"""What every service of a lab can do, whatever it is made of."""

from __future__ import annotations

from typing import Protocol, runtime_checkable


@runtime_checkable
class Service(Protocol):
    """The life of a service: ``start``, wait until ``probe`` says yes, use it, ``stop``, ``clean``.

    ``start`` returns at once; readiness is the caller's wait, under one deadline for all services, with ``died``
    as the watch. No method raises because the service is already in the state asked for.
    """

    @property
    def name(self) -> str:
        """A short name for messages and logs: ``kafka``."""
        ...

    def start(self) -> None:
        """Begin to start. Raises ``LabFault`` if that cannot even begin."""
        ...

    def probe(self) -> bool:
        """Whether a client can use it now. One real client call, a few seconds at most; never raises for "not yet"."""
        ...

    def died(self) -> str | None:
        """Why it can no longer become (or stay) ready, or None. Cheap: called between observations."""
        ...

    def stop(self) -> None:
        """End it now; returns when it is gone. Ends nothing that this object did not start."""
        ...

    def clean(self) -> None:
        """Remove what it left on disk. Only after ``stop``."""
        ...

    def logs(self) -> str:
        """The last lines of its log, for a report. Empty if there is none."""
        ...
