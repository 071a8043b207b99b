"""From lark's tree to ``syntax``. A rule's method is named as the rule; keywords are not among its children."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal as Number
from typing import Any, NamedTuple

from lark import Token, Transformer, Tree

from topicmark.ksqldb import sqltypes as t
from topicmark.ksqldb import syntax as s
from topicmark.ksqldb.errors import KsqlError, Unsupported
from topicmark.ksqldb.values import parse_date, parse_time, parse_timestamp

_INT_MAX = 2**31 - 1
_LONG_MAX = 2**63 - 1
_TIMES = {"DATE": (parse_date, t.DATE), "TIME": (parse_time, t.TIME), "TIMESTAMP": (parse_timestamp, t.TIMESTAMP)}
_BEYOND = {
    "beyond_table": "a table is", "beyond_source": "a SOURCE stream is", "beyond_connector": "a connector statement is",
    "beyond_type": "a type of one's own is", "beyond_variable": "a variable is", "beyond_pause": "PAUSE and RESUME are",
    "beyond_alter": "ALTER is", "beyond_assert": "ASSERT is", "beyond_explain": "EXPLAIN of a statement is",
}  # fmt: skip
_BEYOND_CLAUSES = {"joined": "a JOIN is", "window": "a WINDOW is", "group_by": "GROUP BY is", "having": "HAVING is"}


class Name(str):
    """An identifier: upper-cased unless it was quoted. Remembers where it stands."""

    line: int = 1
    column: int = 1


class _Clause(NamedTuple):
    """A part of a statement that may be missing: the field of the statement's node that it sets."""

    field: str
    value: Any


def _node(kind: Callable[..., Any], /, **fixed: Any) -> Any:
    """A method that makes ``kind`` of a rule's children: clauses by their fields, all others in their order."""

    def make(self: Any, children: list[Any]) -> Any:  # noqa: ARG001 (lark calls it as a method)
        given = dict(child for child in children if isinstance(child, _Clause))
        return kind(*[child for child in children if not isinstance(child, _Clause)], **given, **fixed)

    return make


def _list(kind: Callable[..., Any]) -> Any:
    """A method that makes ``kind`` of all of a rule's children together."""
    return lambda self, children: kind(tuple(children))  # noqa: ARG005


def _clause(field: str, make: Callable[[list[Any]], Any] = lambda _: True) -> Any:
    return lambda self, children: _Clause(field, make(children))  # noqa: ARG005


def _maybe_not(kind: Callable[..., Any]) -> Any:
    """A method for ``a NOT? … b``: the only token among the children is that NOT."""

    def make(self: Any, children: list[Any]) -> Any:  # noqa: ARG001
        rest = [child for child in children if not isinstance(child, Token)]
        return kind(*rest) if len(rest) == len(children) else s.Not(kind(*rest))

    return make


def _only(children: list[Any]) -> Any:
    return children[0]


class Builder(Transformer[Token, Any]):
    """One statement's tree, bottom up. Raises ``KsqlError`` for what can be no statement."""

    # -- names and literals ---------------------------------------------------------------------------------------

    def bare(self, children: list[Token]) -> Name:
        token = children[0]
        text = str(token)
        if token.type in ("BACKQUOTED_IDENTIFIER", "QUOTED_IDENTIFIER"):
            name = Name(text[1:-1].replace(text[0] * 2, text[0]))
        else:
            name = Name(text.upper())
        name.line, name.column = token.line or 1, token.column or 1
        return name

    def name(self, children: list[Any]) -> Name:
        return children[0] if isinstance(children[0], Name) else self.bare(children)

    def resource(self, children: list[Any]) -> str:
        return children[0] if isinstance(children[0], Name) else _text(children[0])

    def literal(self, children: list[Token]) -> s.Literal:
        token = children[0]
        match token.type:
            case "NULL":
                return s.Literal(None, None)
            case "TRUE" | "FALSE":
                return s.Literal(token.type == "TRUE", t.BOOLEAN)
            case "STRING":
                return s.Literal(_text(token), t.STRING)
            case "INTEGER_VALUE":
                whole = int(token)
                if whole > _LONG_MAX:
                    raise _unprepared(f"line {token.line}:{token.column}: Invalid numeric literal: {token}")
                return s.Literal(whole, t.INTEGER if whole <= _INT_MAX else t.BIGINT)
            case "DECIMAL_VALUE":
                number = Number(token)
                return s.Literal(number, decimal_of(number))
        value = float(token)
        if value == float("inf"):
            raise _unprepared(f"line {token.line}:{token.column}: Number overflows DOUBLE: {token}")
        return s.Literal(value, t.DOUBLE)

    def number(self, children: list[Token]) -> int:
        return int("".join(children))

    def typed_literal(self, children: list[Any]) -> s.Literal:
        kind, text = children[0], _text(children[1])
        if kind not in _TIMES:
            raise _unprepared(f"Unknown type: {kind}")
        parse, sql_type = _TIMES[kind]
        try:
            return s.Literal(parse(text), sql_type)
        except ValueError as error:
            raise _unprepared(str(error)) from error

    # -- expressions ----------------------------------------------------------------------------------------------

    def column(self, children: list[Name]) -> s.Column:
        source = children[0] if len(children) > 1 else None
        return s.Column(children[-1], source, children[0].line, children[0].column)

    def unary(self, children: list[Any]) -> s.Expression:
        sign, value = str(children[0]), children[1]
        if sign == "-" and isinstance(value, s.Literal) and value.kind and value.kind.is_number:
            return s.Literal(-value.value, value.kind)  # type: ignore[operator]
        return s.Unary(sign, value)

    def logical(self, children: list[Any]) -> s.Logical:
        return s.Logical(children[1].type, children[0], children[2])

    def arithmetic(self, children: list[Any]) -> s.Arithmetic:
        return s.Arithmetic(str(children[1]), children[0], children[2])

    def concatenation(self, children: list[Any]) -> s.Call:
        return s.Call("CONCAT", tuple(children))

    def comparison(self, children: list[Token]) -> str:
        return "<>" if children[0] == "!=" else str(children[0])

    def compare(self, children: list[Any]) -> s.Comparison:
        return s.Comparison(children[1], children[0], children[2])

    distinct = _maybe_not(lambda left, right: s.Comparison("IS DISTINCT FROM", left, right))
    negated = _node(s.Not)
    between = _maybe_not(s.Between)
    is_in = _maybe_not(lambda value, *items: s.In(value, items))
    like = _maybe_not(s.Like)
    is_null = _node(s.IsNull, negated=False)
    is_not_null = _node(s.IsNull, negated=True)

    def escape(self, children: list[Token]) -> str:
        text = _text(children[0])
        if len(text) != 1:
            raise _unprepared(f"Escape character must be exactly one character: {text}")
        return text

    operand = _clause("operand", _only)
    default = _clause("default", _only)
    when = _node(s.When)
    case = _node(lambda *whens, **given: s.Case(whens, **given))
    cast = _node(s.Cast)
    make_array = _list(s.MakeArray)
    entry = member = _list(tuple)
    make_map = _list(s.MakeMap)
    make_struct = _list(s.MakeStruct)
    unit_argument = _node(lambda token: s.Unit(token.type))
    call = _node(lambda name, *arguments: s.Call(name, arguments))
    subscript = _node(s.Subscript)
    field = _node(s.Field)

    # -- types ----------------------------------------------------------------------------------------------------

    def named_type(self, children: list[Any]) -> t.SqlType:
        name = children[0]
        if name not in t.PRIMITIVES or (len(children) > 1 and name not in ("VARCHAR", "STRING")):
            raise KsqlError(f"Cannot resolve unknown type: {name}")
        return t.PRIMITIVES[name]

    array_type = _node(t.array)
    map_type = _node(t.map_of)
    typed = _list(tuple)
    struct_type = _list(t.struct)
    decimal_type = _node(t.decimal)

    # -- queries --------------------------------------------------------------------------------------------------

    star = _node(s.Star)
    struct_star = _node(s.StructStar)
    item = _node(s.Item)

    def relation(self, children: list[Name]) -> _Clause:
        return _Clause("relation", (children[0], children[-1]))

    def partition_by(self, children: list[Any]) -> _Clause:
        if not children:
            raise _unprepared("PARTITION BY requires at least one expression")
        return _Clause("partition_by", tuple(children))

    where = _clause("where", _only)
    limit = _clause("limit", _only)
    emit = _clause("emit", lambda children: children[0].type)

    def select(self, children: list[Any]) -> s.Select:
        items = tuple(child for child in children if not isinstance(child, _Clause))
        clauses = [child for child in children if isinstance(child, _Clause)]
        source, alias = clauses[0].value
        beyond = tuple(clause.value for clause in clauses if clause.field == "unsupported")
        given = dict(clause for clause in clauses[1:] if clause.field != "unsupported")
        return s.Select(items, source, alias, unsupported=beyond, **given)

    # -- statements -----------------------------------------------------------------------------------------------

    or_replace = _clause("replace")
    if_not_exists = _clause("if_not_exists")
    if_exists = _clause("if_exists")
    delete_topic = _clause("delete_topic")
    extended = _clause("extended")
    from_beginning = _clause("from_beginning")
    interval = _clause("interval", lambda children: int(children[0]))

    def element(self, children: list[Any]) -> s.Element:
        role = " ".join(token.type for token in children[2:] if token.type != "STRING")
        return s.Element(children[0], children[1], role)

    def property(self, children: list[Any]) -> tuple[str, s.Literal]:
        name, value = children
        return name if isinstance(name, Name) else _text(name).upper(), value

    elements = _clause("elements", tuple)
    columns = _clause("columns", tuple)
    properties = _clause("properties", dict)

    create_stream = _node(s.CreateStream)
    create_stream_as = _node(s.CreateStreamAs)
    insert_select = _node(s.InsertSelect)
    insert_values = _node(lambda target, *values, **given: s.InsertValues(target, values, **given))
    drop_stream = _node(s.Drop, kind="STREAM")
    drop_table = _node(s.Drop, kind="TABLE")
    terminate = _node(s.Terminate)
    show = _node(lambda shown: shown)
    describe = _node(s.Describe)
    describe_function = _node(s.DescribeFunction)
    explain = _node(s.Explain)
    print_topic = _node(s.Print)
    set_property = _node(lambda name, value: s.SetProperty(_text(name), _text(value)))
    unset_property = _node(lambda name: s.SetProperty(_text(name), None))

    def table_as(self, children: list[Any]) -> s.Statement:
        """A table of what is no aggregation: ksqlDB refuses it, whatever the source."""
        select = next(child for child in children if isinstance(child, s.Select))
        return s.Beyond("a table is") if select.unsupported else s.TableOfStream()

    def beyond_zone(self, _: list[Any]) -> s.Expression:
        raise Unsupported("AT TIME ZONE is")

    def __default__(self, data: Any, children: list[Any], meta: Any) -> Any:
        """The rules that are many of one kind: SHOW, and what is refused."""
        if data in _BEYOND:
            return s.Beyond(_BEYOND[data])
        if data in _BEYOND_CLAUSES:
            return _Clause("unsupported", _BEYOND_CLAUSES[data])
        if data.startswith("show_"):
            return s.Show(data.removeprefix("show_").replace("_", " ").upper(), bool(children))
        return Tree(data, children, meta)


def decimal_of(number: Number) -> t.SqlType:
    """The type of a decimal literal: ksqlDB counts 0.00 as DECIMAL(3, 2)."""
    _, digits, exponent = number.as_tuple()
    scale = max(0, -int(exponent))
    return t.decimal(scale + 1 if number == 0 else max(len(digits), scale), scale)


def _text(token: Token) -> str:
    return token[1:-1].replace("''", "'")


def _unprepared(problem: str) -> KsqlError:
    return KsqlError(f"Failed to prepare statement: {problem}")
