"""A SELECT made ready to run: its columns resolved, typed and named, and the function from record to record."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from topicmark.ksqldb import syntax as s
from topicmark.ksqldb.errors import KsqlError, Unsupported
from topicmark.ksqldb.expressions import Scope
from topicmark.ksqldb.formats import Column, reader
from topicmark.ksqldb.formatter import expression as show
from topicmark.ksqldb.functions.catalogue import CATALOGUE
from topicmark.ksqldb.sources import PSEUDO, Stream
from topicmark.ksqldb.sqltypes import BOOLEAN
from topicmark.ksqldb.typed import CompileError, Typed, null, or_null

_GENERATED = re.compile(r"KSQL_COL_(\d+)\Z")
_PSEUDO_NAMES = [name for name, _ in PSEUDO]


@dataclass(frozen=True)
class Projection:
    """A query over one stream. ``resolved`` is the SELECT with every column qualified and every alias given."""

    source: Stream
    resolved: s.Select
    keys: tuple[Column, ...]
    values: tuple[Column, ...]
    rows: Callable[[Any, Any, int, int, int], tuple[list[Any] | None, list[Any] | None] | None]


def uses_aggregate(select: s.Select) -> bool:
    return any(
        isinstance(node, s.Call) and CATALOGUE.get(node.name.upper(), ("",))[0] == "AGGREGATE"
        for item in select.items
        for node in _walk(item)
    )


def _walk(node: Any) -> Iterator[Any]:
    yield node
    for part in vars(node).values() if isinstance(node, s.Node) else node if isinstance(node, tuple) else ():
        yield from _walk(part)


def analyse(select: s.Select, source: Stream, *, sink: str | None) -> Projection:
    """``sink`` is the stream that is written (a persistent query), None for a query whose rows go to the client.

    Raises ``KsqlError`` with ksqlDB's texts.
    """
    if select.unsupported:
        raise Unsupported(select.unsupported[0])
    if select.emit == "FINAL":
        raise Unsupported("EMIT FINAL is")
    if sink is not None and select.limit is not None:
        raise Unsupported("LIMIT in a persistent query is")
    return _Analysis(select, source, sink).run()


def loosely_resolved(select: s.Select, source: Stream) -> s.Select:
    """The SELECT as it is shown when it is wrong: what is a column of the source is qualified, the rest left alone."""
    known = {name for name, _ in (*source.columns(), *PSEUDO)}

    def qualify(node: Any) -> Any:
        return _rewrite(node, lambda column: replace(column, source=select.alias) if column.name in known else column)

    generated = itertools.count()
    items = tuple(
        s.Item(qualify(item.expression), _alias(item, generated)) if isinstance(item, s.Item) else item
        for item in select.items
    )
    resolved: s.Select = qualify(replace(select, items=()))
    return replace(resolved, items=items, emit="CHANGES")


class _Analysis:
    def __init__(self, select: s.Select, source: Stream, sink: str | None) -> None:
        self.select, self.source, self.sink = select, source, sink
        self.columns = (*source.keys, *source.values, *PSEUDO)
        self.names = {name: (index, kind) for index, (name, kind) in enumerate(self.columns)}

    def run(self) -> Projection:
        select = self.select
        where = self._where()
        partition = [self._partition_key(node) for node in select.partition_by]
        items = self._items()
        for item in items:
            self._resolve(item.expression, "SELECT")
        chosen = [(str(item.alias), self._compile(item.expression, "Select")) for item in items]
        resolved = replace(
            self._qualified(replace(select, items=())),
            items=tuple(self._shown_items()),
            emit="CHANGES" if self.sink is not None else select.emit,
        )
        if self.sink is None:
            if partition:
                raise Unsupported("PARTITION BY in a query that is not persistent is")
            keys: list[tuple[str, Typed]] = []
            values = chosen
        else:
            keys, values = self._split(items, chosen, partition)
        return Projection(self.source, resolved, _typed(keys), _typed(values), self._rows(where, keys, values))

    # -- names ----------------------------------------------------------------------------------------------------

    def _bare(self, node: Any) -> Any:
        """The expression without qualifiers: there is only one source."""
        return _rewrite(node, lambda column: replace(column, source=None))

    def _qualified(self, node: Any) -> Any:
        return _rewrite(node, lambda column: replace(column, source=self.select.alias))

    def _resolve(self, node: Any, clause: str) -> None:
        for part in _walk(node):
            if isinstance(part, s.Column) and (
                part.name not in self.names or part.source not in (None, self.select.alias)
            ):
                name = f"{part.source}.{part.name}" if part.source else part.name
                message = f"Line: {part.line}, Col: {part.column}: {clause} column '{name}' cannot be resolved."
                if clause == "PARTITION BY":
                    message += (
                        f" '{name}' must be a column in the source schema since PARTITION BY is applied on the input."
                    )
                raise KsqlError(message)

    def _compile(self, node: Any, where: str) -> Typed:
        try:
            return Scope(self.names, lenient=where == "Select").compile(self._bare(node))
        except CompileError as error:
            raise KsqlError(f"Invalid {where}: {error.message}") from None

    def _where(self) -> Typed | None:
        node = self.select.where
        if node is None:
            return None
        self._resolve(node, "WHERE")
        shown = show(self._bare(node))
        try:
            typed = self._compile(node, "Predicate")
        except Unsupported:
            raise
        except KsqlError as error:
            if error.message.startswith("Invalid Predicate"):
                raise
            raise KsqlError(f"Error in WHERE expression: {error.message}\nStatement: {shown}") from None
        if typed.kind != BOOLEAN:
            raise KsqlError(
                f"Type error in WHERE expression: Should evaluate to boolean but is {shown} ({typed.kind}) instead."
            )
        return typed

    # -- what is selected -----------------------------------------------------------------------------------------

    def _items(self) -> list[s.Item]:
        """Every selected expression with its name. Stars are spelt out."""
        generated = self._generated()
        found: list[s.Item] = []
        for item in self.select.items:
            if isinstance(item, s.StructStar):
                raise Unsupported("->* is")
            if isinstance(item, s.Star):
                if item.source not in (None, self.select.alias):
                    raise KsqlError(f"'{item.source}' is not a valid stream/table name or alias.")
                found += self._star()
                continue
            alias = _alias(item, generated)
            if item.alias is None and isinstance(item.expression, s.Field) and alias in self.names:
                raise Unsupported("a field without alias that is named as a column is")
            if alias in _PSEUDO_NAMES and self.sink is not None:
                raise KsqlError(f"'{alias}' is a reserved column name. You cannot use it as an alias for a column.")
            found.append(s.Item(item.expression, alias))
        names = [str(item.alias) for item in found]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            if any(
                isinstance(i, s.Item) and i.alias is None and isinstance(i.expression, s.Field)
                for i in self.select.items
            ):
                raise Unsupported("two fields of one name without alias are")
            raise KsqlError(f"Duplicate value columns found in schema: {', '.join(f'`{name}`' for name in twice)}")
        self.found = found
        return found

    def _star(self) -> list[s.Item]:
        """What ``*`` stands for: with PARTITION BY the new key, the value columns, then the old key's."""
        keys = [self._bare(node) for node in self.select.partition_by]
        if not keys or self.sink is None:
            return [s.Item(s.Column(name), name) for name, _ in self.source.columns()]
        generated = self._generated()
        new = [s.Item(key, _natural_name(key) or f"KSQL_COL_{next(generated)}") for key in keys]
        named = {key.name for key in keys if isinstance(key, s.Column)}
        rest = [name for name, _ in (*self.source.values, *self.source.keys) if name not in named]
        calculated = [item for item in new if not isinstance(item.expression, s.Column)]
        if calculated and (len(self.select.items) > 1 or any(item.alias in rest for item in calculated)):
            raise Unsupported("SELECT * and more with PARTITION BY an expression is")
        return [*new, *(s.Item(s.Column(name), name) for name in rest)]

    def _generated(self) -> Iterator[int]:
        """The numbers of the names that expressions get: after the source's own."""
        return itertools.count(
            max((int(match[1]) for name in self.names if (match := _GENERATED.match(name))), default=-1) + 1
        )

    def _shown_items(self) -> list[Any]:
        shown: list[Any] = []
        named = iter(self.found)
        for item in self.select.items:
            if isinstance(item, s.Star):
                shown.append(item)
                for _ in self._star():
                    next(named)
            else:
                one = next(named)
                shown.append(s.Item(self._qualified(one.expression), one.alias))
        return shown

    def _partition_key(self, node: Any) -> Any:
        self._resolve(node, "PARTITION BY")
        if node == s.Literal(None, None):
            if len(self.select.partition_by) > 1:
                raise KsqlError("Cannot PARTITION BY multiple columns including NULL")
            if any(not isinstance(item, s.Item) for item in self.select.items):
                raise Unsupported("SELECT * with PARTITION BY NULL is")
        return self._bare(node)

    def _split(
        self, items: list[s.Item], chosen: list[tuple[str, Typed]], partition: list[Any]
    ) -> tuple[list[tuple[str, Typed]], list[tuple[str, Typed]]]:
        wanted = partition or [s.Column(name) for name, _ in self.source.keys]
        if wanted == [s.Literal(None, None)]:
            wanted = []
        places = [[at for at, item in enumerate(items) if self._bare(item.expression) == key] for key in wanted]
        if not all(places):
            raise self._missing(wanted, partitioned=bool(partition))
        keys: list[tuple[str, Typed]] = []
        taken: set[int] = set()
        for at in places:
            if len(at) > 1:
                both = " and ".join(sorted(str(items[index].alias) for index in at))
                raise KsqlError(
                    f"The projection contains a key column (`{items[at[0]].alias}`) more than once, aliased as: {both}."
                    "\nEach key column must only be in the projection once. If you intended to copy the key into the "
                    "value, then consider using the AS_VALUE function to indicate which key reference should be copied."
                )
            keys.append(chosen[at[0]])
            taken.add(at[0])
        values = [one for index, one in enumerate(chosen) if index not in taken]
        if not values:
            raise KsqlError("The projection contains no value columns.")
        return keys, values

    def _missing(self, wanted: list[Any], *, partitioned: bool) -> KsqlError:
        """All of them are named, those that are selected too; partitioning expressions with their source."""
        what = ("partitioning expression" if partitioned else "key column") + ("s" if len(wanted) > 1 else "")
        shown = [show(self._qualified(key) if partitioned else key) for key in wanted]
        joined = " and ".join(part for part in (", ".join(shown[:-1]), shown[-1]) if part)
        return KsqlError(
            f"Key{'s' if len(wanted) > 1 else ''} missing from projection (ie, SELECT). \nThe query used to build "
            f"`{self.sink}` must include the {what} {joined} in its projection (eg, SELECT {', '.join(shown)}...)."
        )

    # -- rows -----------------------------------------------------------------------------------------------------

    def _rows(self, where: Typed | None, keys: list[tuple[str, Typed]], values: list[tuple[str, Typed]]) -> Any:
        source = self.source
        key_count, width = len(source.keys), len(self.columns)
        end = key_count + len(source.values)
        read_key = reader(source.keys, source.key_format) if source.keys else None
        read_value = reader(source.values, source.value_format)
        all_keys = range(key_count)
        partitioned = bool(self.select.partition_by)
        early = sorted(index - key_count for index in (where.columns if where else ()) if key_count <= index < end)
        late = [index for index in range(len(source.values)) if index not in early]
        test = where.run if where else None
        # of a record that is NULL, a new key is known only if it needs nothing but the old key
        bare_runs = [or_null(typed.run) if max(typed.columns, default=-1) < key_count else null for _, typed in keys]
        key_runs, value_runs = [or_null(typed.run) for _, typed in keys], [or_null(typed.run) for _, typed in values]

        def rows(
            key: bytes | None, value: bytes | None, rowtime: int, partition: int, offset: int
        ) -> tuple[list[Any] | None, list[Any] | None] | None:
            """Key and value of the record that this one becomes; None if there is none. Raises ``RowError``."""
            row: list[Any] = [None] * width
            row[end:] = (rowtime, partition, offset)
            opened_key = read_key.open(key) if read_key is not None and key is not None else None
            if read_key is not None and opened_key is not None:
                read_key.fill(opened_key, row, all_keys, 0)
            # a key that is NULL stays it: it is no key of NULLs
            keyed = partitioned or read_key is None or opened_key is not None
            opened = read_value.open(value) if value is not None else None
            if opened is None:
                if test is not None:
                    return None
                return [run(row) for run in bare_runs] if keyed else None, None
            if test is not None:
                read_value.fill(opened, row, early, key_count)
                if not test(row):
                    return None
            read_value.fill(opened, row, late, key_count)
            return [run(row) for run in key_runs] if keyed else None, [run(row) for run in value_runs]

        return rows


def _typed(columns: list[tuple[str, Typed]]) -> tuple[Column, ...]:
    found: list[Column] = []
    for name, typed in columns:
        if typed.kind is None:
            raise KsqlError(
                "Can't infer a type of null. Please explicitly cast it to a required type, e.g. CAST(null AS VARCHAR)."
            )
        found.append((name, typed.kind))
    return tuple(found)


def _natural_name(node: s.Expression) -> str | None:
    return node.name if isinstance(node, s.Column | s.Field) else None


def _alias(item: s.Item, generated: Iterator[int]) -> str:
    name = item.alias or _natural_name(item.expression)
    return f"KSQL_COL_{next(generated)}" if name is None else name


def _rewrite(node: Any, change: Callable[[s.Column], s.Column]) -> Any:
    if isinstance(node, s.Column):
        return change(node)
    if isinstance(node, tuple):
        return tuple(_rewrite(part, change) for part in node)
    if isinstance(node, s.Node):
        return replace(node, **{name: _rewrite(part, change) for name, part in vars(node).items()})  # type: ignore[type-var]
    return node
