"""Statements as ksqlDB writes them back: ``statementText`` and query strings (recordings ksql-1, ksql-3)."""

from __future__ import annotations

import re
from decimal import Decimal as Number

from topicmark.ksqldb import syntax as s
from topicmark.ksqldb.parser import reserved
from topicmark.ksqldb.sqltypes import SqlType
from topicmark.ksqldb.values import date_text, double_text, time_text, timestamp_text

_PLAIN = re.compile(r"[A-Z_][A-Z0-9_@]*\Z")


def quoted(name: str) -> str:
    """The name as it must be written: back quotes unless it is plain, upper-case and no reserved word."""
    return name if _PLAIN.match(name) and name not in reserved() else f"`{name.replace('`', '``')}`"


def plain(name: str) -> str:
    return name


def expression(node: s.Expression, *, names: bool = False) -> str:
    """The expression in full parentheses. ``names``: identifiers are quoted where they must be."""
    show = quoted if names else plain

    def text(part: s.Expression) -> str:
        return expression(part, names=names)

    match node:
        case s.Literal(value, kind):
            return _literal(value, kind)
        case s.Column(name, source):
            return f"{show(source)}.{show(name)}" if source else show(name)
        case s.Unary(sign, value):
            inner = text(value)
            return f"{sign}{' ' if inner.startswith('-') and sign == '-' else ''}{inner}"
        case s.Binary(operator, left, right):
            return f"({text(left)} {operator} {text(right)})"
        case s.Not(value):
            return f"(NOT {text(value)})"
        case s.IsNull(value, negated):
            return f"({text(value)} IS {'NOT ' if negated else ''}NULL)"
        case s.Between(value, low, high):
            return f"({text(value)} BETWEEN {text(low)} AND {text(high)})"
        case s.In(value, items):
            return f"({text(value)} IN ({', '.join(map(text, items))}))"
        case s.Like(value, pattern, escape):
            return f"({text(value)} LIKE {text(pattern)}" + (f" ESCAPE '{escape}')" if escape else ")")
        case s.Case(whens, operand, default):
            parts = ["CASE", *([text(operand)] if operand is not None else [])]
            parts += [f"WHEN {text(when.condition)} THEN {text(when.result)}" for when in whens]
            parts += [f"ELSE {text(default)}"] if default is not None else []
            return f"({' '.join(parts)} END)"
        case s.Cast(value, kind):
            return f"CAST({text(value)} AS {kind.show(show)})"
        case s.Call(name, arguments):
            return f"{show(name)}({', '.join(map(text, arguments))})"
        case s.Unit(name):
            return name
        case s.Field(base, name):
            return f"{text(base)}->{show(name)}"
        case s.Subscript(base, index):
            return f"{text(base)}[{text(index)}]"
        case s.MakeArray(items):
            return f"ARRAY[{', '.join(map(text, items))}]"
        case s.MakeMap(entries):
            return f"MAP({', '.join(f'{text(k)}:={text(v)}' for k, v in entries)})"
        case s.MakeStruct(fields):
            return f"STRUCT({', '.join(f'{show(n)}:={text(v)}' for n, v in fields)})"
    raise AssertionError(node)


def _literal(value: object, kind: SqlType | None) -> str:
    if kind is None:
        return "null"
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Number):
        return str(value)
    if isinstance(value, float):
        return scientific(value)
    times = {"DATE": date_text, "TIME": time_text, "TIMESTAMP": timestamp_text}
    if kind.base not in times:
        return str(value)
    return f"{kind.base} '{times[kind.base](value)}'"  # type: ignore[arg-type] # a restart reads it again


def scientific(value: float) -> str:
    """A DOUBLE literal in a statement text: ``1.5E0``."""
    sign, digits, exponent = Number(double_text(value)).as_tuple()
    shown = "".join(map(str, digits)).lstrip("0").rstrip("0") or "0"
    point = len("".join(map(str, digits)).lstrip("0")) + int(exponent) - 1 if shown != "0" else 0
    return f"{'-' if sign else ''}{shown[0]}{'.' + shown[1:] if shown[1:] else ''}E{point}"


def properties(given: dict[str, s.Literal]) -> str:
    """The inside of ``WITH (…)``, sorted by name."""
    return ", ".join(f"{name}={_literal(value.value, value.kind)}" for name, value in sorted(given.items()))


def create_stream(node: s.CreateStream, given: dict[str, s.Literal]) -> str:
    columns = ", ".join(
        f"{quoted(e.name)} {e.kind.show(quoted)}{' ' + e.role if e.role else ''}" for e in node.elements
    )
    return (
        f"CREATE {'OR REPLACE ' if node.replace else ''}STREAM {'IF NOT EXISTS ' if node.if_not_exists else ''}"
        f"{quoted(node.name)} {f'({columns}) ' if columns else ''}WITH ({properties(given)});"
    )


def create_stream_as(node: s.CreateStreamAs, given: dict[str, s.Literal], resolved: s.Select) -> str:
    return (
        f"CREATE {'OR REPLACE ' if node.replace else ''}STREAM {'IF NOT EXISTS ' if node.if_not_exists else ''}"
        f"{quoted(node.name)} WITH ({properties(given)}) AS {select(resolved)};"
    )


def insert_select(node: s.InsertSelect, resolved: s.Select) -> str:
    inner = properties(node.properties)
    return f"INSERT INTO {quoted(node.target)} {f'WITH ({inner}) ' if inner else ''}{select(resolved)};"


def select(node: s.Select) -> str:
    """A query as part of a persistent one: always EMIT CHANGES."""
    items = [_item(item) for item in node.items]
    text = "SELECT" + (",".join(f"\n  {item}" for item in items) if len(items) > 1 else f" {items[0]}")
    text += f"\nFROM {quoted(node.source)} {quoted(node.alias)}"
    if node.where is not None:
        text += f"\nWHERE {expression(node.where, names=True)}"
    if node.partition_by:
        keys = ", ".join(expression(key, names=True) for key in node.partition_by)
        text += f"\nPARTITION BY {f'({keys})' if len(node.partition_by) > 1 else keys}"
    if node.emit:
        text += f"\nEMIT {node.emit}"
    return text + (f"\nLIMIT {node.limit}" if node.limit is not None else "")


def _item(item: s.Star | s.StructStar | s.Item) -> str:
    if isinstance(item, s.Star):
        return f"{quoted(item.source)}.*" if item.source else "*"
    if isinstance(item, s.StructStar):
        return f"{expression(item.base, names=True)}->*"
    return expression(item.expression, names=True) + (f" {quoted(item.alias)}" if item.alias else "")
