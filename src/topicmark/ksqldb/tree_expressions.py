"""From lark's tree to ``syntax``: names, literals, expressions and types."""

from __future__ import annotations

from decimal import Decimal as Number
from typing import Any

from lark import Token, Transformer, v_args

from topicmark.ksqldb import sqltypes as t
from topicmark.ksqldb import syntax as s
from topicmark.ksqldb.errors import KsqlError
from topicmark.ksqldb.values import parse_date, parse_time, parse_timestamp

_INT_MAX = 2**31 - 1
_LONG_MAX = 2**63 - 1
_OPERATORS = {"!=": "<>"}


class Flag(str):
    """A word of the statement that only has to be there: ``REPLACE``."""


def has(children: list[Any], word: str) -> bool:
    return any(isinstance(child, Token) and child.type == word for child in children) or Flag(word) in [
        child for child in children if isinstance(child, Flag)
    ]


def kept(children: list[Any]) -> list[Any]:
    return [child for child in children if not isinstance(child, Token | Flag)]


def first(children: list[Any], kind: type) -> Any:
    return next((child for child in children if isinstance(child, kind)), None)


class Name(str):
    """An identifier: upper-cased unless it was quoted. Remembers where it stands."""

    line: int = 1
    column: int = 1


@v_args(inline=False)
class ExpressionBuilder(Transformer[Token, Any]):
    """Expressions, bottom up. Raises ``KsqlError`` for numbers and types that cannot be."""

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
        return str(children[0]) if isinstance(children[0], Name) else text_of(children[0])

    # -- literals -------------------------------------------------------------------------------------------------

    def literal(self, children: list[Token]) -> s.Literal:
        token = children[0]
        if token.type == "NULL":
            return s.Literal(None, None)
        if token.type in ("TRUE", "FALSE"):
            return s.Literal(token.type == "TRUE", t.BOOLEAN)
        if token.type == "STRING":
            return s.Literal(text_of(token), t.STRING)
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
        kind, text = str(children[0]), text_of(children[1])
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
        left, right = kept(children)
        comparison = s.Comparison("IS DISTINCT FROM", left, right)
        return s.Not(comparison) if has(children, "NOT") else comparison

    def either(self, children: list[Any]) -> s.Logical:
        return s.Logical("OR", children[0], children[2])

    def both(self, children: list[Any]) -> s.Logical:
        return s.Logical("AND", children[0], children[2])

    def negated(self, children: list[Any]) -> s.Not:
        return s.Not(children[1])

    def between(self, children: list[Any]) -> Any:
        return _maybe_not(children, s.Between(*kept(children)))

    def is_in(self, children: list[Any]) -> Any:
        value, *items = kept(children)
        return _maybe_not(children, s.In(value, tuple(items)))

    def like(self, children: list[Any]) -> Any:
        value, pattern = kept(children)
        escape = None
        if has(children, "ESCAPE"):
            escape = text_of(children[-1])
            if len(escape) != 1:
                raise KsqlError(
                    f"Failed to prepare statement: Escape character must be exactly one character: {escape}"
                )
        return _maybe_not(children, s.Like(value, pattern, escape))

    def is_null(self, children: list[Any]) -> s.IsNull:
        return s.IsNull(children[0], has(children, "NOT"))

    def when(self, children: list[Any]) -> s.When:
        return s.When(*kept(children))

    def simple_case(self, children: list[Any]) -> s.Case:
        operand, *rest = kept(children)
        return _case(operand, rest)

    def searched_case(self, children: list[Any]) -> s.Case:
        return _case(None, kept(children))

    def cast(self, children: list[Any]) -> s.Cast:
        return s.Cast(*kept(children))

    def make_array(self, children: list[Any]) -> s.MakeArray:
        return s.MakeArray(tuple(kept(children)))

    def entry(self, children: list[Any]) -> tuple[Any, Any]:
        return children[0], children[1]

    def make_map(self, children: list[Any]) -> s.MakeMap:
        return s.MakeMap(tuple(kept(children)))

    def member(self, children: list[Any]) -> tuple[str, Any]:
        return str(children[0]), children[1]

    def make_struct(self, children: list[Any]) -> s.MakeStruct:
        return s.MakeStruct(tuple(kept(children)))

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
        return t.array(kept(children)[0])

    def map_type(self, children: list[Any]) -> t.SqlType:
        return t.map_of(*kept(children))

    def typed(self, children: list[Any]) -> tuple[str, t.SqlType]:
        return str(children[0]), children[1]

    def struct_type(self, children: list[Any]) -> t.SqlType:
        return t.struct(tuple(kept(children)))

    def decimal_type(self, children: list[Any]) -> t.SqlType:
        precision, scale = kept(children)
        return t.decimal(precision, scale)


def decimal_of(number: Number) -> t.SqlType:
    """The type of a decimal literal: ksqlDB counts 0.00 as DECIMAL(3, 2)."""
    _, digits, exponent = number.as_tuple()
    scale = max(0, -int(exponent))
    if number == 0:
        return t.decimal(scale + 1, scale)
    return t.decimal(max(len(str(int("".join(map(str, digits))))), scale), scale)


def text_of(token: Token) -> str:
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
    return s.Not(expression) if has(children, "NOT") else expression


def _case(operand: Any, rest: list[Any]) -> s.Case:
    whens = tuple(child for child in rest if isinstance(child, s.When))
    defaults = [child for child in rest if not isinstance(child, s.When)]
    return s.Case(operand, whens, defaults[0] if defaults else None)
