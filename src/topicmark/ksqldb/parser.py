"""From text to statements: the grammar in ``grammar.lark`` and the texts of ksqlDB's syntax errors."""

from __future__ import annotations

import functools
import re
from pathlib import Path

from lark import Lark, Tree, UnexpectedToken
from lark.exceptions import VisitError

from topicmark.ksqldb.errors import KsqlError, Unsupported
from topicmark.ksqldb.syntax import Parsed
from topicmark.ksqldb.tree import Builder

_GRAMMAR = Path(__file__).with_name("grammar.lark")
_FIRST = [
    "SELECT", "CREATE", "INSERT", "DESCRIBE", "PRINT", "EXPLAIN", "SHOW", "LIST", "TERMINATE", "PAUSE", "RESUME",
    "DROP", "SET", "DEFINE", "UNDEFINE", "UNSET", "ASSERT", "ALTER",
]  # fmt: skip
_SYMBOLS = {
    "SEMICOLON": "';'", "LPAR": "'('", "COMMA": "','", "RPAR": "')'", "LSQB": "'['", "RSQB": "']'", "DOT": "'.'",
    "EQUAL": "'='", "PLUS": "'+'", "MINUS": "'-'", "STAR": "'*'", "SLASH": "'/'", "PERCENT": "'%'",
    "LESSTHAN": "'<'", "MORETHAN": "'>'", "STRING_TYPE": "'STRING'", "$END": "<EOF>",
}  # fmt: skip
_KINDS = {
    "STRING", "INTEGER_VALUE", "DECIMAL_VALUE", "FLOATING_POINT_VALUE", "IDENTIFIER", "DIGIT_IDENTIFIER",
    "QUOTED_IDENTIFIER", "BACKQUOTED_IDENTIFIER",
}  # fmt: skip


@functools.cache
def _lark() -> Lark:
    return _load(None)


def _load(cache: Path | None) -> Lark:
    return Lark(
        _GRAMMAR.read_text(encoding="utf-8"),
        parser="lalr",
        start=["start", "elsewhere"],
        lexer="basic",
        propagate_positions=True,
        maybe_placeholders=False,
        cache=str(cache) if cache else False,
    )


def warm(cache: Path) -> None:
    """Keep the parser's tables in the file ``cache``: building them takes most of a second, reading them little."""
    global _lark
    loaded = _load(cache)
    _lark = functools.cache(lambda: loaded)


@functools.cache
def reserved() -> frozenset[str]:
    """The words that can be names only in quotes: the keywords that the rule ``name`` does not list."""
    texts = {terminal.name: terminal.pattern.value.upper() for terminal in _lark().terminals}
    names = [rule for rule in _lark().rules if rule.origin.name in ("name", "bare")]
    free = {texts[symbol.name] for rule in names for symbol in rule.expansion if symbol.is_term}
    return frozenset(text for text in texts.values() if text.isalpha()) - free


def parse(text: str) -> list[Parsed]:
    """The statements of ``text``. Raises ``KsqlError`` as ksqlDB words it: one wrong statement spoils them all."""
    refuse_variables(text)
    try:
        tree = _lark().parse(text, start="start")
        return [
            Parsed(Builder().transform(part), _text_of(part, text)) for part in tree.children if isinstance(part, Tree)
        ]
    except UnexpectedToken as error:
        raise _syntax_error(error, text) from None
    except VisitError as error:
        if not isinstance(error.orig_exc, KsqlError):
            raise
        error.orig_exc.text = error.orig_exc.text or text
        raise error.orig_exc from None


def refuse_variables(text: str) -> None:
    bare = re.sub(r"'([^']|'')*'", "''", text)
    if "${" in bare:
        raise Unsupported("variable substitution (${…}) is")


def _text_of(part: object, text: str) -> str:
    start, end = part.meta.start_pos, part.meta.end_pos  # type: ignore[attr-defined]
    return text[start : text.index(";", end) + 1]


def _syntax_error(error: UnexpectedToken, text: str) -> KsqlError:
    token = error.token
    if token.type == "LAMBDA" and re.search(r"\b(TRANSFORM|REDUCE|FILTER)\s*\(", text, re.IGNORECASE):
        return Unsupported("a lambda function (=>) is")
    if token.type == "$END":
        line, column, shown = text.count("\n") + 1, len(text) - text.rfind("\n"), "<EOF>"
    else:
        line, column, shown = token.line or 1, token.column or 1, str(token)
    at = f"line {line}:{column}"
    expected = error.accepts or error.expected
    if {"SELECT", "CREATE", "INSERT", "DROP"} <= expected and "NOT" not in error.expected:  # where a statement begins
        wanted = "{<EOF>, " + ", ".join(f"'{word}'" for word in _FIRST) + "}"
        return KsqlError(f"{at}: mismatched input '{shown}' expecting {wanted}", text=text)
    if "SEMICOLON" in expected and (token.type == "$END" or shown.upper() in _FIRST):
        return KsqlError(f"{at}: missing ';' at '{shown}'", text=text)
    return KsqlError(f"{at}: mismatched input '{shown}' expecting {_wanted(expected)}", text=text)


def _wanted(expected: set[str]) -> str:
    """The set as ANTLR shows it. After ``CREATE STREAM name`` AS is not among them (recording ksql-3)."""
    names = set(expected)
    if {"SEMICOLON", "LPAR", "WITH", "AS"} == names:
        names -= {"AS"}
    order = list(_SYMBOLS)
    ordered = sorted(names, key=lambda name: (order.index(name) if name in _SYMBOLS else len(order), name))
    shown = [_SYMBOLS.get(name, name if name in _KINDS else f"'{name}'") for name in ordered]
    return shown[0] if len(shown) == 1 else "{" + ", ".join(shown) + "}"
