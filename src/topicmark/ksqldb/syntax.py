"""What a statement says: the tree that the parser builds. Nothing here knows any stream."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Union

from topicmark.ksqldb.sqltypes import SqlType


@dataclass(frozen=True, slots=True)
class Literal:
    """``kind`` is None for NULL. Decimals are ``decimal.Decimal``, times as in ``values``."""

    value: object
    kind: SqlType | None


@dataclass(frozen=True, slots=True)
class Column:
    name: str
    source: str | None = None
    line: int = field(default=1, compare=False)
    column: int = field(default=1, compare=False)


@dataclass(frozen=True, slots=True)
class Unary:
    sign: str
    value: Expression


@dataclass(frozen=True, slots=True)
class Arithmetic:
    operator: str
    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True)
class Comparison:
    operator: str
    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True)
class Logical:
    operator: str
    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True)
class Not:
    value: Expression


@dataclass(frozen=True, slots=True)
class IsNull:
    value: Expression
    negated: bool


@dataclass(frozen=True, slots=True)
class Between:
    value: Expression
    low: Expression
    high: Expression


@dataclass(frozen=True, slots=True)
class In:
    value: Expression
    items: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Like:
    value: Expression
    pattern: Expression
    escape: str | None


@dataclass(frozen=True, slots=True)
class When:
    condition: Expression
    result: Expression


@dataclass(frozen=True, slots=True)
class Case:
    """``operand`` is set for ``CASE x WHEN 1 …``."""

    operand: Expression | None
    whens: tuple[When, ...]
    default: Expression | None


@dataclass(frozen=True, slots=True)
class Cast:
    value: Expression
    kind: SqlType


@dataclass(frozen=True, slots=True)
class Call:
    name: str
    arguments: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit of time where a function takes one: ``TIMESTAMPADD(MINUTES, …)``."""

    name: str


@dataclass(frozen=True, slots=True)
class Field:
    base: Expression
    name: str


@dataclass(frozen=True, slots=True)
class Subscript:
    base: Expression
    index: Expression


@dataclass(frozen=True, slots=True)
class MakeArray:
    items: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class MakeMap:
    entries: tuple[tuple[Expression, Expression], ...]


@dataclass(frozen=True, slots=True)
class MakeStruct:
    fields: tuple[tuple[str, Expression], ...]


Expression = Union[  # noqa: UP007 (classes above are named before they exist)
    Literal, Column, Unary, Arithmetic, Comparison, Logical, Not, IsNull, Between, In, Like, Case, Cast, Call, Unit,
    Field, Subscript, MakeArray, MakeMap, MakeStruct,
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Star:
    """``*`` or ``source.*``."""

    source: str | None = None


@dataclass(frozen=True, slots=True)
class StructStar:
    """``expression->*``."""

    base: Expression


@dataclass(frozen=True, slots=True)
class Item:
    expression: Expression
    alias: str | None


@dataclass(frozen=True, slots=True)
class Select:
    items: tuple[Star | StructStar | Item, ...]
    source: str
    alias: str
    where: Expression | None = None
    partition_by: tuple[Expression, ...] = ()
    emit: str | None = None
    limit: int | None = None
    unsupported: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Element:
    """A column of CREATE STREAM. ``role`` is ``""``, ``KEY``, ``PRIMARY KEY`` or ``HEADERS``."""

    name: str
    kind: SqlType
    role: str = ""


Properties = tuple[tuple[str, Literal], ...]


@dataclass(frozen=True, slots=True)
class CreateStream:
    name: str
    elements: tuple[Element, ...]
    properties: Properties
    replace: bool = False
    if_not_exists: bool = False


@dataclass(frozen=True, slots=True)
class CreateStreamAs:
    name: str
    properties: Properties
    select: Select
    replace: bool = False
    if_not_exists: bool = False


@dataclass(frozen=True, slots=True)
class InsertSelect:
    target: str
    properties: Properties
    select: Select


@dataclass(frozen=True, slots=True)
class InsertValues:
    target: str
    columns: tuple[str, ...]
    values: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class DropStream:
    name: str
    kind: str = "STREAM"
    if_exists: bool = False
    delete_topic: bool = False


@dataclass(frozen=True, slots=True)
class Terminate:
    """``query`` None is TERMINATE ALL."""

    query: str | None


@dataclass(frozen=True, slots=True)
class Show:
    """``what``: TOPICS, ALL TOPICS, STREAMS, TABLES, QUERIES, PROPERTIES, FUNCTIONS, TYPES, VARIABLES."""

    what: str
    extended: bool = False


@dataclass(frozen=True, slots=True)
class Describe:
    name: str
    extended: bool = False


@dataclass(frozen=True, slots=True)
class DescribeFunction:
    name: str


@dataclass(frozen=True, slots=True)
class Explain:
    query: str | None
    statement: Statement | None = None


@dataclass(frozen=True, slots=True)
class Print:
    topic: str
    from_beginning: bool = False
    interval: int = 1
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class SetProperty:
    name: str
    value: str


@dataclass(frozen=True, slots=True)
class UnsetProperty:
    name: str


@dataclass(frozen=True, slots=True)
class Beyond:
    """A statement of the language that is not run here. ``what`` is said in the refusal."""

    what: str


@dataclass(frozen=True, slots=True)
class TableOfStream:
    """``CREATE TABLE … AS SELECT`` without an aggregation."""


Statement = Union[  # noqa: UP007
    Select, CreateStream, CreateStreamAs, InsertSelect, InsertValues, DropStream, Terminate, Show, Describe,
    DescribeFunction, Explain, Print, SetProperty, UnsetProperty, Beyond, TableOfStream,
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Parsed:
    """A statement with the text it was written as, semicolon included."""

    statement: Statement
    text: str
