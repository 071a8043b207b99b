"""INSERT INTO … VALUES: one record, its values coerced as ksqlDB coerces them."""

from __future__ import annotations

from typing import Any

from topicmark.ksqldb import sqltypes as t
from topicmark.ksqldb import syntax as s
from topicmark.ksqldb.casts import converter
from topicmark.ksqldb.errors import KsqlError, RowError, Unsupported
from topicmark.ksqldb.expressions import Scope
from topicmark.ksqldb.formats import writer
from topicmark.ksqldb.sources import Stream
from topicmark.ksqldb.values import text_of


def record(node: s.InsertValues, stream: Stream) -> tuple[bytes | None, bytes | None, int | None]:
    """Key, value and timestamp (milliseconds, None: now). Raises ``KsqlError``."""
    masked = masked_text(node)
    try:
        return _record(node, stream)
    except Unsupported:
        raise
    except KsqlError as error:
        raise KsqlError(f"Failed to insert values into '{stream.name}'. {error.message}", text=masked) from None
    except RowError as error:
        raise KsqlError(f"Failed to insert values into '{stream.name}'. {error}", text=masked) from None


def masked_text(node: s.InsertValues) -> str:
    """ksqlDB hides the values in what it shows."""
    columns = f" ({', '.join(f'`{name}`' for name in node.columns)})" if node.columns else ""
    values = ", ".join("'[value]'" for _ in node.values)
    return f"INSERT INTO `{node.target}`{columns} VALUES ({values});"  # noqa: S608 (shown, never run)


def _record(node: s.InsertValues, stream: Stream) -> tuple[bytes | None, bytes | None, int | None]:
    known = {"ROWTIME": t.BIGINT, **dict(stream.columns())}
    names = list(node.columns) or [name for name, _ in stream.columns()]
    for name in names:
        if name not in known:
            raise KsqlError(f"Column name `{name}` does not exist.")
    if len(names) != len(node.values):
        raise KsqlError(
            f"Expected a value for each column. Expected Columns: [{', '.join(f'`{name}`' for name in names)}]. "
            f"Got [{', '.join('[value]' for _ in node.values)}]"
        )
    given = {name: _value(name, known[name], value) for name, value in zip(names, node.values, strict=True)}
    keys = [given.get(name) for name, _ in stream.keys]
    values = [given.get(name) for name, _ in stream.values]
    key = writer(stream.keys, stream.key_format)(keys) if stream.keys else None
    value = writer(stream.values, stream.value_format)(values)
    return key, value, given.get("ROWTIME")


def _value(name: str, wanted: t.SqlType, node: s.Expression) -> Any:
    typed = Scope({}).compile(node)
    value = typed.run(())
    if value is None or typed.kind is None or typed.kind == wanted:
        return value
    kind = typed.kind
    if (
        t.upcasts(kind, wanted)
        or (isinstance(wanted, t.Decimal) and kind in (t.INTEGER, t.BIGINT))
        or (kind.base == wanted.base and kind.base in ("ARRAY", "MAP", "STRUCT"))
    ):
        return converter(kind, wanted)(value)
    raise KsqlError(f"Expected type {wanted} for field `{name}` but got {kind}({text_of(value, kind)})")
