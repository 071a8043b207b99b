"""From lark's tree to ``syntax``."""

from __future__ import annotations

import datetime
import re
from decimal import Decimal as Number
from typing import Any

from lark import Token, Transformer, Tree, v_args

from topicmark.ksqldb import sqltypes as t
from topicmark.ksqldb import syntax as s
from topicmark.ksqldb.errors import KsqlError, Unsupported
from topicmark.ksqldb.values import parse_date, parse_time, parse_timestamp

_INT_MAX = 2**31 - 1
_LONG_MAX = 2**63 - 1
_OPERATORS = {"!=": "<>"}


class Flag(str):
    """A word of the statement that only has to be there: ``REPLACE``."""


def _is(children: list[Any], word: str) -> bool:
    return any(isinstance(child, Token) and child.type == word for child in children) or Flag(word) in [
        child for child in children if isinstance(child, Flag)
    ]


def _kept(children: list[Any]) -> list[Any]:
    return [child for child in children if not isinstance(child, Token | Flag)]


def _first(children: list[Any], kind: type) -> Any:
    return next((child for child in children if isinstance(child, kind)), None)


class Name(str):
    """An identifier: upper-cased unless it was quoted. Remembers where it stands."""

    line: int = 1
    column: int = 1


@v_args(inline=False)
class Builder(Transformer[Token, Any]):
    """One statement's tree, bottom up. Raises ``KsqlError`` for numbers and types that cannot be."""

    def bare(self, children: list[Token]) -> Name:
        token = children[0]
        text = str(token)
        if token.type in ("BACKQUOTED_IDENTIFIER", "QUOTED_IDENTIFIER"):
            quote = text[0]
            text = text[1:-1].replace(quote * 2, quote)
        else:
            text = text.upper()
        name = Name(text)
        name.line, name.column = token.line or 1, token.column or 1
        return name

    def name(self, children: list[Any]) -> Name:
        return children[0] if isinstance(children[0], Name) else self.bare(children)

    def resource(self, children: list[Any]) -> str:
        return str(children[0]) if isinstance(children[0], Name) else _text(children[0])

    # -- literals -------------------------------------------------------------------------------------------------

    def literal(self, children: list[Token]) -> s.Literal:
        token = children[0]
        if token.type == "NULL":
            return s.Literal(None, None)
        if token.type in ("TRUE", "FALSE"):
            return s.Literal(token.type == "TRUE", t.BOOLEAN)
        if token.type == "STRING":
            return s.Literal(_text(token), t.STRING)
        if token.type == "INTEGER_VALUE":
            return _integer(token)
        if token.type == "DECIMAL_VALUE":
            number = Number(str(token))
            return s.Literal(number, decimal_of(number))
        value = float(str(token))
        if value in (float("inf"), float("-inf")):
            raise _unprepared(token, f"Number overflows DOUBLE: {token}")
        return s.Literal(value, t.DOUBLE)

    def number(self, children: list[Token]) -> int:
        return int("".join(children))

    def typed_literal(self, children: list[Any]) -> s.Literal:
        kind, text = str(children[0]), _text(children[1])
        try:
            if kind == "DATE":
                return s.Literal(parse_date(text), t.DATE)
            if kind == "TIME":
                return s.Literal(parse_time(text), t.TIME)
            if kind == "TIMESTAMP":
                return s.Literal(parse_timestamp(text), t.TIMESTAMP)
        except ValueError as error:
            raise KsqlError(f"Failed to prepare statement: {error}") from error
        raise KsqlError(f"Failed to prepare statement: Unknown type: {kind}")

    # -- expressions ----------------------------------------------------------------------------------------------

    def column(self, children: list[Name]) -> s.Column:
        return s.Column(str(children[0]), None, children[0].line, children[0].column)

    def qualified(self, children: list[Name]) -> s.Column:
        return s.Column(str(children[1]), str(children[0]), children[0].line, children[0].column)

    def parenthesised(self, children: list[Any]) -> Any:
        return children[0]

    def unary(self, children: list[Any]) -> Any:
        sign, value = str(children[0]), children[1]
        if sign == "-" and isinstance(value, s.Literal) and value.kind in (t.INTEGER, t.BIGINT):
            return s.Literal(-value.value, value.kind)  # type: ignore[operator]
        if (
            sign == "-"
            and isinstance(value, s.Literal)
            and (value.kind == t.DOUBLE or isinstance(value.kind, t.Decimal))
        ):
            return s.Literal(-value.value, value.kind)  # type: ignore[operator]
        return s.Unary(sign, value)

    def arithmetic(self, children: list[Any]) -> s.Arithmetic:
        return s.Arithmetic(str(children[1]), children[0], children[2])

    def concatenation(self, children: list[Any]) -> s.Call:
        return s.Call("CONCAT", (children[0], children[1]))

    def comparison(self, children: list[Token]) -> str:
        return _OPERATORS.get(str(children[0]), str(children[0]))

    def compare(self, children: list[Any]) -> s.Comparison:
        return s.Comparison(children[1], children[0], children[2])

    def distinct(self, children: list[Any]) -> Any:
        left, right = _kept(children)
        comparison = s.Comparison("IS DISTINCT FROM", left, right)
        return s.Not(comparison) if _is(children, "NOT") else comparison

    def either(self, children: list[Any]) -> s.Logical:
        return s.Logical("OR", children[0], children[2])

    def both(self, children: list[Any]) -> s.Logical:
        return s.Logical("AND", children[0], children[2])

    def negated(self, children: list[Any]) -> s.Not:
        return s.Not(children[1])

    def between(self, children: list[Any]) -> Any:
        return _maybe_not(children, s.Between(*_kept(children)))

    def is_in(self, children: list[Any]) -> Any:
        value, *items = _kept(children)
        return _maybe_not(children, s.In(value, tuple(items)))

    def like(self, children: list[Any]) -> Any:
        value, pattern = _kept(children)
        escape = None
        if _is(children, "ESCAPE"):
            escape = _text(children[-1])
            if len(escape) != 1:
                raise KsqlError(
                    f"Failed to prepare statement: Escape character must be exactly one character: {escape}"
                )
        return _maybe_not(children, s.Like(value, pattern, escape))

    def is_null(self, children: list[Any]) -> s.IsNull:
        return s.IsNull(children[0], _is(children, "NOT"))

    def when(self, children: list[Any]) -> s.When:
        return s.When(*_kept(children))

    def simple_case(self, children: list[Any]) -> s.Case:
        operand, *rest = _kept(children)
        return _case(operand, rest)

    def searched_case(self, children: list[Any]) -> s.Case:
        return _case(None, _kept(children))

    def cast(self, children: list[Any]) -> s.Cast:
        return s.Cast(*_kept(children))

    def make_array(self, children: list[Any]) -> s.MakeArray:
        return s.MakeArray(tuple(_kept(children)))

    def entry(self, children: list[Any]) -> tuple[Any, Any]:
        return children[0], children[1]

    def make_map(self, children: list[Any]) -> s.MakeMap:
        return s.MakeMap(tuple(_kept(children)))

    def member(self, children: list[Any]) -> tuple[str, Any]:
        return str(children[0]), children[1]

    def make_struct(self, children: list[Any]) -> s.MakeStruct:
        return s.MakeStruct(tuple(_kept(children)))

    def unit_argument(self, children: list[Token]) -> s.Unit:
        return s.Unit(children[0].upper())

    def call(self, children: list[Any]) -> s.Call:
        return s.Call(str(children[0]), tuple(children[1:]))

    def call_star(self, children: list[Any]) -> s.Call:
        return s.Call(str(children[0]), ())

    def subscript(self, children: list[Any]) -> s.Subscript:
        return s.Subscript(children[0], children[1])

    def field(self, children: list[Any]) -> s.Field:
        return s.Field(children[0], str(children[1]))

    # -- types ----------------------------------------------------------------------------------------------------

    def named_type(self, children: list[Any]) -> t.SqlType:
        name = str(children[0])
        if len(children) > 1 and name not in ("VARCHAR", "STRING"):
            raise KsqlError(f"Cannot resolve unknown type: {name}")
        if name == "DECIMAL" or name not in t.PRIMITIVES:
            raise KsqlError(f"Cannot resolve unknown type: {name}")
        return t.PRIMITIVES[name]

    def array_type(self, children: list[Any]) -> t.SqlType:
        return t.array(_kept(children)[0])

    def map_type(self, children: list[Any]) -> t.SqlType:
        return t.map_of(*_kept(children))

    def typed(self, children: list[Any]) -> tuple[str, t.SqlType]:
        return str(children[0]), children[1]

    def struct_type(self, children: list[Any]) -> t.SqlType:
        return t.struct(tuple(_kept(children)))

    def decimal_type(self, children: list[Any]) -> t.SqlType:
        precision, scale = _kept(children)
        return t.decimal(precision, scale)

    # -- queries --------------------------------------------------------------------------------------------------

    def star(self, _: list[Any]) -> s.Star:
        return s.Star()

    def source_star(self, children: list[Any]) -> s.Star:
        return s.Star(str(children[0]))

    def struct_star(self, children: list[Any]) -> s.StructStar:
        return s.StructStar(children[0])

    def item(self, children: list[Any]) -> s.Item:
        kept = _kept(children)
        return s.Item(kept[0], str(kept[1]) if len(kept) > 1 else None)

    def relation(self, children: list[Any]) -> tuple[str, str]:
        names = _kept(children)
        return str(names[0]), str(names[-1])

    def where(self, children: list[Any]) -> tuple[str, Any]:
        return "where", children[1]

    def partition_by(self, children: list[Any]) -> tuple[str, Any]:
        return "partition_by", tuple(_kept(children))

    def limit(self, children: list[Any]) -> tuple[str, Any]:
        return "limit", children[1]

    def emit(self, children: list[Any]) -> tuple[str, Any]:
        return "emit", str(children[1]).upper()

    def _not_run(what: str) -> Any:  # type: ignore[misc]  # noqa: N805 (makes a method)
        def method(self: Any, _: list[Any]) -> tuple[str, Any]:  # noqa: ARG001 (lark calls it as a method)
            return "unsupported", what

        return method

    joined = _not_run("a JOIN is")
    window = _not_run("a WINDOW is")
    group_by = _not_run("GROUP BY is")
    having = _not_run("HAVING is")

    def select(self, children: list[Any]) -> s.Select:
        items = tuple(child for child in children if isinstance(child, s.Star | s.StructStar | s.Item))
        pairs = [child for child in children if isinstance(child, tuple)]
        source, alias = pairs[0]
        clauses = {key: value for key, value in pairs[1:] if key != "unsupported"}
        beyond = tuple(value for key, value in pairs[1:] if key == "unsupported")
        return s.Select(items, source, alias, unsupported=beyond, **clauses)

    # -- statements -----------------------------------------------------------------------------------------------

    def or_replace(self, _: list[Any]) -> Flag:
        return Flag("REPLACE")

    def if_not_exists(self, _: list[Any]) -> Flag:
        return Flag("EXISTS")

    def if_exists(self, _: list[Any]) -> Flag:
        return Flag("EXISTS")

    def delete_topic(self, _: list[Any]) -> Flag:
        return Flag("DELETE")

    def role(self, children: list[Token]) -> Flag:
        return Flag(" ".join(child.upper() for child in children if child.type != "STRING"))

    def element(self, children: list[Any]) -> s.Element:
        return s.Element(str(children[0]), children[1], str(children[2]) if len(children) > 2 else "")

    def elements(self, children: list[Any]) -> list[s.Element]:
        return children

    def property(self, children: list[Any]) -> tuple[str, s.Literal]:
        key = children[0]
        return str(key) if isinstance(key, Name) else _text(key).upper(), children[-1]

    def with_(self, children: list[Any]) -> Any:
        return dict(_kept(children))

    def columns(self, children: list[Any]) -> list[str]:
        return [str(child) for child in children]

    def create_stream(self, children: list[Any]) -> s.CreateStream:
        return s.CreateStream(
            str(_first(children, Name)),
            tuple(_first(children, list) or ()),
            _properties(children),
            _is(children, "REPLACE"),
            _is(children, "EXISTS"),
        )

    def create_stream_as(self, children: list[Any]) -> s.CreateStreamAs:
        return s.CreateStreamAs(
            str(_first(children, Name)),
            _properties(children),
            _first(children, s.Select),
            _is(children, "REPLACE"),
            _is(children, "EXISTS"),
        )

    def insert_select(self, children: list[Any]) -> s.InsertSelect:
        return s.InsertSelect(str(_first(children, Name)), _properties(children), _first(children, s.Select))

    def insert_values(self, children: list[Any]) -> s.InsertValues:
        kept = [child for child in children if not isinstance(child, Token)]
        columns = tuple(kept[1]) if len(kept) > 1 and isinstance(kept[1], list) else ()
        values = [child for child in kept[1:] if not isinstance(child, list)]
        return s.InsertValues(str(kept[0]), columns, tuple(values))

    def drop_stream(self, children: list[Any]) -> s.DropStream:
        return s.DropStream(str(_first(children, Name)), "STREAM", _is(children, "EXISTS"), _is(children, "DELETE"))

    def drop_table(self, children: list[Any]) -> s.DropStream:
        return s.DropStream(str(_first(children, Name)), "TABLE", _is(children, "EXISTS"), _is(children, "DELETE"))

    def terminate(self, children: list[Any]) -> s.Terminate:
        return s.Terminate(str(children[1]))

    def terminate_all(self, _: list[Any]) -> s.Terminate:
        return s.Terminate(None)

    def show(self, children: list[Any]) -> Any:
        return children[1]

    def _showing(what: str) -> Any:  # type: ignore[misc]  # noqa: N805 (makes a method)
        def method(self: Any, children: list[Any]) -> s.Show:  # noqa: ARG001 (lark calls it as a method)
            return s.Show(what, _is(children, "EXTENDED"))

        return method

    show_topics = _showing("TOPICS")
    show_all_topics = _showing("ALL TOPICS")
    show_streams = _showing("STREAMS")
    show_tables = _showing("TABLES")
    show_queries = _showing("QUERIES")
    show_properties = _showing("PROPERTIES")
    show_functions = _showing("FUNCTIONS")
    show_types = _showing("TYPES")
    show_variables = _showing("VARIABLES")

    def describe(self, children: list[Any]) -> s.Describe:
        return s.Describe(str(_first(children, Name)), _is(children, "EXTENDED"))

    def describe_streams(self, children: list[Any]) -> s.Show:
        return s.Show("STREAM DESCRIPTIONS", _is(children, "EXTENDED"))

    def describe_function(self, children: list[Any]) -> s.DescribeFunction:
        return s.DescribeFunction(str(_first(children, Name)))

    def explain_query(self, children: list[Any]) -> s.Explain:
        return s.Explain(str(children[1]))

    def explain_statement(self, children: list[Any]) -> s.Explain:
        return s.Explain(None, children[1])

    def interval(self, children: list[Any]) -> tuple[str, int]:
        return "interval", int(children[1])

    def print_topic(self, children: list[Any]) -> s.Print:
        topic = next(child for child in children if not isinstance(child, Token | tuple))
        clauses: dict[str, int] = dict(child for child in children if isinstance(child, tuple))
        return s.Print(topic, _is(children, "BEGINNING"), **clauses)

    def set_property(self, children: list[Any]) -> s.SetProperty:
        return s.SetProperty(_text(children[1]), _text(children[-1]))

    def unset_property(self, children: list[Any]) -> s.UnsetProperty:
        return s.UnsetProperty(_text(children[1]))

    def _beyond(what: str) -> Any:  # type: ignore[misc]  # noqa: N805 (makes a method)
        def method(self: Any, _: list[Any]) -> s.Beyond:  # noqa: ARG001 (lark calls it as a method)
            return s.Beyond(what)

        return method

    beyond_table = _beyond("a table is")

    def table_as(self, parts: list[Any]) -> Any:
        """A table of what is no aggregation: ksqlDB refuses it, whatever the source."""
        select = next(part for part in parts if isinstance(part, s.Select))
        return s.Beyond("a table is") if select.unsupported else s.TableOfStream()

    beyond_source = _beyond("a SOURCE stream is")
    beyond_connector = _beyond("a connector statement is")
    show_connectors = beyond_connector
    beyond_type = _beyond("a type of one's own is")
    beyond_variable = _beyond("a variable is")
    beyond_pause = _beyond("PAUSE and RESUME are")
    beyond_alter = _beyond("ALTER is")
    beyond_assert = _beyond("ASSERT is")

    def beyond_zone(self, _: list[Any]) -> Any:
        raise Unsupported("AT TIME ZONE is")

    def __default__(self, data: Any, children: list[Any], meta: Any) -> Any:
        if data == "with":
            return self.with_(children)
        return Tree(data, children, meta)


def decimal_of(number: Number) -> t.SqlType:
    """The type of a decimal literal: ksqlDB counts 0.00 as DECIMAL(3, 2)."""
    _, digits, exponent = number.as_tuple()
    scale = max(0, -int(exponent))
    if number == 0:
        return t.decimal(scale + 1, scale)
    return t.decimal(max(len(str(int("".join(map(str, digits))))), scale), scale)


def _text(token: Token) -> str:
    return str(token)[1:-1].replace("''", "'")


def _integer(token: Token) -> s.Literal:
    value = int(str(token))
    if value <= _INT_MAX:
        return s.Literal(value, t.INTEGER)
    if value <= _LONG_MAX:
        return s.Literal(value, t.BIGINT)
    raise _unprepared(token, f"Invalid numeric literal: {token}")


def _unprepared(token: Token, problem: str) -> KsqlError:
    return KsqlError(f"Failed to prepare statement: line {token.line}:{token.column}: {problem}")


def _maybe_not(children: list[Any], expression: Any) -> Any:
    return s.Not(expression) if _is(children, "NOT") else expression


def _case(operand: Any, rest: list[Any]) -> s.Case:
    whens = tuple(child for child in rest if isinstance(child, s.When))
    defaults = [child for child in rest if not isinstance(child, s.When)]
    return s.Case(operand, whens, defaults[0] if defaults else None)


def _properties(children: list[Any]) -> s.Properties:
    return tuple((_first(children, dict) or {}).items())


__all__ = ["Builder", "datetime", "decimal_of", "re"]
