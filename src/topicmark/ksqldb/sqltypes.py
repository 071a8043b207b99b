"""SQL types, and how ksqlDB writes them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from topicmark.ksqldb.errors import KsqlError

Quoting = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class SqlType:
    """A type without parameters, and what all types share. ``base`` is ksqlDB's name for the kind."""

    base: str

    def show(self, quoted: Quoting = lambda name: f"`{name}`") -> str:
        """As SQL; ``quoted`` is applied to the names of struct fields."""
        del quoted
        return self.base

    def __str__(self) -> str:
        return self.show()

    @property
    def is_number(self) -> bool:
        return self.base in _WIDTH


@dataclass(frozen=True, slots=True)
class Decimal(SqlType):
    precision: int = 38
    scale: int = 0

    def show(self, quoted: Quoting = lambda name: f"`{name}`") -> str:
        del quoted
        return f"DECIMAL({self.precision}, {self.scale})"


@dataclass(frozen=True, slots=True)
class Array(SqlType):
    item: SqlType = SqlType("STRING")

    def show(self, quoted: Quoting = lambda name: f"`{name}`") -> str:
        return f"ARRAY<{self.item.show(quoted)}>"


@dataclass(frozen=True, slots=True)
class Map(SqlType):
    key: SqlType = SqlType("STRING")
    value: SqlType = SqlType("STRING")

    def show(self, quoted: Quoting = lambda name: f"`{name}`") -> str:
        return f"MAP<{self.key.show(quoted)}, {self.value.show(quoted)}>"


@dataclass(frozen=True, slots=True)
class Struct(SqlType):
    fields: tuple[tuple[str, SqlType], ...] = ()

    def show(self, quoted: Quoting = lambda name: f"`{name}`") -> str:
        inner = ", ".join(f"{quoted(name)} {kind.show(quoted)}" for name, kind in self.fields)
        return f"STRUCT<{inner}>" if inner else "STRUCT< >"

    def field(self, name: str) -> SqlType | None:
        return next((kind for field, kind in self.fields if field == name), None)


BOOLEAN = SqlType("BOOLEAN")
INTEGER = SqlType("INTEGER")
BIGINT = SqlType("BIGINT")
DOUBLE = SqlType("DOUBLE")
STRING = SqlType("STRING")
BYTES = SqlType("BYTES")
DATE = SqlType("DATE")
TIME = SqlType("TIME")
TIMESTAMP = SqlType("TIMESTAMP")

PRIMITIVES = {kind.base: kind for kind in (BOOLEAN, INTEGER, BIGINT, DOUBLE, STRING, BYTES, DATE, TIME, TIMESTAMP)}
PRIMITIVES |= {"INT": INTEGER, "VARCHAR": STRING}
_WIDTH = {"INTEGER": 0, "BIGINT": 1, "DECIMAL": 2, "DOUBLE": 3}
TIMES = (DATE, TIME, TIMESTAMP)


def decimal(precision: int, scale: int) -> Decimal:
    """Raises ``KsqlError`` for a precision or scale that no decimal can have."""
    for holds, rule in ((precision >= 1, "precision must be >= 1"), (scale >= 0, "scale must be >= 0"),
                        (precision >= scale, "precision must be >= scale")):  # fmt: skip
        if not holds:
            raise KsqlError(f"DECIMAL {rule}: DECIMAL({precision},{scale})")
    return Decimal("DECIMAL", precision, scale)


def array(item: SqlType) -> Array:
    return Array("ARRAY", item)


def map_of(key: SqlType, value: SqlType) -> Map:
    return Map("MAP", key, value)


def struct(fields: tuple[tuple[str, SqlType], ...]) -> Struct:
    """Raises ``KsqlError`` for two fields of one name."""
    names = [name for name, _ in fields]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise KsqlError(f"Duplicate field names found in STRUCT: '{', '.join(f'`{name}`' for name in twice)}'")
    return Struct("STRUCT", fields)


def to_decimal(kind: SqlType) -> Decimal:
    """The decimal that holds every value of ``kind``, a number that is no DOUBLE."""
    if isinstance(kind, Decimal):
        return kind
    return Decimal("DECIMAL", 10 if kind == INTEGER else 19, 0)


def widen(left: SqlType, right: SqlType) -> SqlType:
    """The narrowest number type that holds both. Both must be numbers."""
    if DOUBLE in (left, right):
        return DOUBLE
    if "DECIMAL" in (left.base, right.base):
        one, other = to_decimal(left), to_decimal(right)
        whole = max(one.precision - one.scale, other.precision - other.scale)
        scale = max(one.scale, other.scale)
        return Decimal("DECIMAL", whole + scale, scale)
    return BIGINT if BIGINT in (left, right) else INTEGER


def upcasts(source: SqlType, target: SqlType) -> bool:
    """Whether a value of ``source`` may stand where ``target`` is asked for, without a CAST."""
    if source == target:
        return True
    if isinstance(source, Decimal) and isinstance(target, Decimal):
        return source.scale <= target.scale and source.precision - source.scale <= target.precision - target.scale
    if source.is_number and target.is_number:
        if isinstance(target, Decimal):
            return source != DOUBLE and upcasts(to_decimal(source), target)
        return _WIDTH[source.base] < _WIDTH[target.base]
    return source == STRING and target in TIMES


def children(kind: SqlType) -> tuple[SqlType, ...]:
    if isinstance(kind, Array):
        return (kind.item,)
    if isinstance(kind, Map):
        return (kind.key, kind.value)
    return tuple(inner for _, inner in kind.fields) if isinstance(kind, Struct) else ()


def contains(kind: SqlType, base: str) -> bool:
    return kind.base == base or any(contains(inner, base) for inner in children(kind))
