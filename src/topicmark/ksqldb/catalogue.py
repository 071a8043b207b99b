"""What exists: streams and queries. A copy of it is the sandbox in which a request is tried before it is run."""

from __future__ import annotations

from dataclasses import dataclass, field

from topicmark.ksqldb.errors import KsqlError
from topicmark.ksqldb.sources import Stream


@dataclass(frozen=True, slots=True)
class QueryEntry:
    """A persistent query by what others need to know of it."""

    id: str
    reads: str
    writes: str
    text: str


@dataclass
class Catalogue:
    streams: dict[str, Stream] = field(default_factory=dict)
    queries: dict[str, QueryEntry] = field(default_factory=dict)

    def copy(self) -> Catalogue:
        return Catalogue(dict(self.streams), dict(self.queries))

    def source(self, name: str) -> Stream:
        """The stream that a query reads. Raises ``KsqlError``."""
        if name not in self.streams:
            raise KsqlError(f"Exception while preparing statement: {name} does not exist.")
        return self.streams[name]

    def writers(self, name: str) -> list[QueryEntry]:
        return [query for query in self.queries.values() if query.writes == name]

    def readers(self, name: str) -> list[QueryEntry]:
        return [query for query in self.queries.values() if query.reads == name]

    def check_drop(self, name: str) -> QueryEntry | None:
        """The query that made the stream and ends with it. Raises ``KsqlError`` if something else needs the stream."""
        stream = self.streams[name]
        dependent = sorted(other.name for other in self.streams.values() if name in other.reads)
        if dependent:
            raise KsqlError(
                f"Cannot drop {name}.\nThe following streams and/or tables read from this source: "
                f"[{', '.join(dependent)}].\nYou need to drop them before dropping {name}."
            )
        reading = sorted(query.id for query in self.readers(name))
        writing = sorted(query.id for query in self.writers(name) if query.id != stream.created_by)
        if reading or writing:
            raise KsqlError(
                f"Cannot drop {name}.\nThe following queries read from this source: [{', '.join(reading)}].\n"
                f"The following queries write into this source: [{', '.join(writing)}].\n"
                f"You need to terminate them before dropping {name}."
            )
        return self.queries.get(stream.created_by or "")
