"""JSON read and written as Jackson does for ksqlDB: numbers keep their digits, trailing text is ignored."""

from __future__ import annotations

import json
import re
from decimal import Decimal as Number
from json.encoder import encode_basestring
from typing import Any, NoReturn

_LONGEST = 10_000
_SPACE = re.compile(r"[ \t\n\r]*")
_ESCAPED = re.compile(r"\\u00[01][0-9a-f]")


class WholeText(str):
    """The text of a whole number in JSON."""

    __slots__ = ()


class FloatText(str):
    """The text of a number with a point or an exponent in JSON."""

    __slots__ = ()


def _constant(text: str) -> NoReturn:
    raise json.JSONDecodeError(f"not a JSON value: {text}", text, 0)


_DECODER = json.JSONDecoder(parse_int=WholeText, parse_float=FloatText, parse_constant=_constant)
_scan: Any = _DECODER.scan_once  # type: ignore[attr-defined]  # what raw_decode wraps


def decode(text: str) -> Any:
    """The first JSON value of ``text``. Raises ``json.JSONDecodeError``."""
    start = 0
    if text[:1] != "{":
        space = _SPACE.match(text)
        start = space.end() if space else 0
    try:
        return _scan(text, start)[0]
    except StopIteration as error:
        raise json.JSONDecodeError("Expecting value", text, error.value) from None


def quote(text: str) -> str:
    """A JSON string: only what must be escaped is, control characters in upper-case hex."""
    shown = encode_basestring(text)
    return (
        _ESCAPED.sub(lambda found: found.group(0)[:4] + found.group(0)[4:].upper(), shown) if "\\u" in shown else shown
    )


def number(text: str, *, plain: bool = False) -> str:
    """The digits of a decoded number as Java's ``BigDecimal`` prints them (``plain``: without exponent)."""
    if type(text) is WholeText:
        return "0" if text == "-0" else str(text)
    value = Number(text)
    if plain and abs(value.adjusted()) > _LONGEST:
        raise ValueError("a number too long to be written out")
    return format(value, "f") if plain else str(value)


def encode(value: Any, *, plain: bool = False) -> str:
    """Compact JSON of a decoded value."""
    if value is None:
        return "null"
    if value is True or value is False:
        return "true" if value else "false"
    if isinstance(value, WholeText | FloatText):
        return number(value, plain=plain)
    if isinstance(value, str):
        return quote(value)
    if isinstance(value, list):
        return "[" + ",".join([encode(item, plain=plain) for item in value]) + "]"
    return "{" + ",".join([f"{quote(key)}:{encode(held, plain=plain)}" for key, held in value.items()]) + "}"
