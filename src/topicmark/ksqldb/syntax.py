"""What a statement says: the tree that the parser builds. Nothing here knows any stream."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import dataclass_transform

from topicmark.ksqldb.sqltypes import SqlType


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
class Node:
    """Every class below is a frozen dataclass."""

    def __init_subclass__(cls) -> None:
        dataclass(frozen=True)(cls)


class Expression(Node):
    pass


class Literal(Expression):
    """``kind`` is None for NULL. Decimals are ``decimal.Decimal``, times as in ``values``."""

    value: object
    kind: SqlType | None


class Column(Expression):
    name: str
    source: str | None = None
    line: int = field(default=1, compare=False)
    column: int = field(default=1, compare=False)


class Unary(Expression):
    sign: str
    value: Expression


class Binary(Expression):
    operator: str
    left: Expression
    right: Expression


class Arithmetic(Binary):
    pass


class Comparison(Binary):
    pass


class Logical(Binary):
    pass


class Not(Expression):
    value: Expression


class IsNull(Expression):
    value: Expression
    negated: bool


class Between(Expression):
    value: Expression
    low: Expression
    high: Expression


class In(Expression):
    value: Expression
    items: tuple[Expression, ...]


class Like(Expression):
    value: Expression
    pattern: Expression
    escape: str | None = None


class When(Node):
    condition: Expression
    result: Expression


class Case(Expression):
    """``operand`` is set for ``CASE x WHEN 1 …``."""

    whens: tuple[When, ...]
    operand: Expression | None = None
    default: Expression | None = None


class Cast(Expression):
    value: Expression
    kind: SqlType


class Call(Expression):
    name: str
    arguments: tuple[Expression, ...]


class Unit(Expression):
    """A unit of time where a function takes one: ``TIMESTAMPADD(MINUTES, …)``."""

    name: str


class Field(Expression):
    base: Expression
    name: str


class Subscript(Expression):
    base: Expression
    index: Expression


class MakeArray(Expression):
    items: tuple[Expression, ...]


class MakeMap(Expression):
    entries: tuple[tuple[Expression, Expression], ...]


class MakeStruct(Expression):
    fields: tuple[tuple[str, Expression], ...]


class Star(Node):
    """``*`` or ``source.*``."""

    source: str | None = None


class StructStar(Node):
    """``expression->*``."""

    base: Expression


class Item(Node):
    expression: Expression
    alias: str | None = None


class Statement(Node):
    pass


class Select(Statement):
    """``unsupported``: what it has beyond this, in the words of the refusals."""

    items: tuple[Star | StructStar | Item, ...]
    source: str
    alias: str
    where: Expression | None = None
    partition_by: tuple[Expression, ...] = ()
    emit: str | None = None
    limit: int | None = None
    unsupported: tuple[str, ...] = ()


class Element(Node):
    """A column of CREATE STREAM. ``role`` is ``""``, ``KEY``, ``PRIMARY KEY``, ``HEADERS`` or ``HEADER``."""

    name: str
    kind: SqlType
    role: str = ""


Properties = dict[str, Literal]


class CreateStream(Statement):
    name: str
    elements: tuple[Element, ...] = ()
    properties: Properties = field(default_factory=dict)
    replace: bool = False
    if_not_exists: bool = False


class CreateStreamAs(Statement):
    name: str
    select: Select
    properties: Properties = field(default_factory=dict)
    replace: bool = False
    if_not_exists: bool = False


class InsertSelect(Statement):
    target: str
    select: Select
    properties: Properties = field(default_factory=dict)


class InsertValues(Statement):
    target: str
    values: tuple[Expression, ...]
    columns: tuple[str, ...] = ()


class Drop(Statement):
    """``kind``: STREAM or TABLE."""

    name: str
    kind: str
    if_exists: bool = False
    delete_topic: bool = False


class Terminate(Statement):
    """``query`` None is TERMINATE ALL."""

    query: str | None = None


class Show(Statement):
    """``what`` as it is written: TOPICS, ALL TOPICS, STREAMS, …; STREAM DESCRIPTIONS is DESCRIBE STREAMS."""

    what: str
    extended: bool = False


class Describe(Statement):
    name: str
    extended: bool = False


class DescribeFunction(Statement):
    name: str


class Explain(Statement):
    query: str


class Print(Statement):
    topic: str
    from_beginning: bool = False
    interval: int = 1
    limit: int | None = None


class SetProperty(Statement):
    """``value`` None is UNSET."""

    name: str
    value: str | None


class Beyond(Statement):
    """A statement of the language that is not run here. ``what`` is said in the refusal."""

    what: str


class TableOfStream(Statement):
    """``CREATE TABLE … AS SELECT`` without an aggregation."""


class Parsed(Node):
    """A statement with the text it was written as, semicolon included."""

    statement: Statement
    text: str
