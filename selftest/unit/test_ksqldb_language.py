"""The embedded ksqlDB's parser, types, expressions and formats, without a server."""

from __future__ import annotations

import math

import pytest

from topicmark.ksqldb import sqltypes as t
from topicmark.ksqldb.errors import KsqlError, RowError, Unsupported
from topicmark.ksqldb.expressions import Scope
from topicmark.ksqldb.formats import Format, reader, writer
from topicmark.ksqldb.formatter import expression, quoted, scientific
from topicmark.ksqldb.functions.json import extract
from topicmark.ksqldb.parser import parse
from topicmark.ksqldb.projection import analyse
from topicmark.ksqldb.sources import Stream
from topicmark.ksqldb.values import double_text, parse_timestamp, time_text, timestamp_text

COLUMNS: tuple[tuple[str, t.SqlType], ...] = (
    ("S", t.STRING), ("I", t.INTEGER), ("D", t.DOUBLE), ("N", t.STRING), ("A", t.array(t.INTEGER)), ("B", t.BOOLEAN),
)  # fmt: skip
ROW = ['{"sensor_id": 1}', 7, 1.5, None, [1, 2, 3], None]


def value(text: str) -> object:
    scope = Scope({name: (index, kind) for index, (name, kind) in enumerate(COLUMNS)})
    item = parse(f"SELECT {text} FROM X;")[0].statement.items[0]  # type: ignore[union-attr]
    return scope.compile(item.expression).run(ROW)  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("number", "text"),
    [(1694902173.122458, "1.694902173122458E9"), (0.001, "0.001"), (1e-4, "1.0E-4"), (1e7, "1.0E7"), (100.0, "100.0"),
     (-0.0, "-0.0"), (9999999.5, "9999999.5"),
     (1.5e300, "1.5E300"), (math.inf, "Infinity"), (5e-324, "4.9E-324"), (2e-323, "2.0E-323"), (1e23, "1.0E23")],
)  # fmt: skip
def test_doubles_as_java_prints_them(number, text):
    assert double_text(number) == text


@pytest.mark.parametrize(("number", "text"), [(1.5, "1.5E0"), (0.0, "0E0"), (1234.0, "1.234E3"), (1e-3, "1E-3")])
def test_double_literals_in_statements(number, text):
    assert scientific(number) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [("i + 1", 8), ("i / 2", 3), ("-i / 2", -3), ("-i % 2", -1), ("i + 0.5E0", 7.5), ("i = 7 AND NOT i = 8", True),
     ("n = 'x'", False), ("NOT n = 'x'", True), ("n IS NULL", True), ("a[1] + a[-1]", 4), ("a[4]", None),
     ("CASE i WHEN 7 THEN 'y' END", "y"), ("i IN (1, '7')", True), ("s LIKE '{%}'", True), ("2147483647 + 1", -(2**31)),
     ("EXTRACTJSONFIELD(s, '$.sensor_id')", "1"), ("CAST('1' AS INT) = 1", True), ("'a' + n", "anull")],
)  # fmt: skip
def test_expressions(text, expected):
    assert value(text) == expected


@pytest.mark.parametrize("text", ["i / 0", "i + CAST(n AS INT)", "n LIKE 'x'", "b AND true", "CAST('x' AS INT)"])
def test_errors_of_a_row(text):
    with pytest.raises(RowError):
        value(text)


@pytest.mark.parametrize("text", ["COUNT(*)", "RANDOM()", "UUID()", "TRANSFORM(a, x => x + 1)", "1.5 / 0.5"])
def test_what_only_the_real_one_can_do_is_refused_by_name(text):
    with pytest.raises(Unsupported, match="not supported by the embedded ksqlDB"):
        value(text)


@pytest.mark.parametrize(
    "text",
    ["CREATE TABLE x (a INT PRIMARY KEY) WITH (kafka_topic='x');", "SHOW CONNECTORS;", "PAUSE q;", "DEFINE a = 'b';",
     "ASSERT TOPIC x;", "DROP TABLE x;", "CREATE TYPE x AS INT;", "SELECT COUNT(*) FROM x GROUP BY y EMIT CHANGES;",
     "SELECT * FROM a JOIN b WITHIN 1 HOUR ON a.x = b.x EMIT CHANGES;"],
)  # fmt: skip
def test_the_rest_of_the_language_is_no_syntax_error(text):
    assert len(parse(text)) == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [("SHOW STREAMS", "line 1:13: missing ';' at '<EOF>'"),
     ("SHOW STREAMS SHOW TABLES;", "line 1:14: missing ';' at 'SHOW'"),
     ("CREATE STREAM bad syntax here;", "line 1:19: mismatched input 'syntax' expecting {';', '(', 'WITH'}"),
     ("SELECT a => b FROM c;", "line 1:10: mismatched input '=>'"),
     ("QUERY a;", "line 1:1: mismatched input 'QUERY' expecting {<EOF>, 'SELECT', 'CREATE'"),
     ("SELECT a AS size FROM c;", "line 1:13: mismatched input 'size'")],
)  # fmt: skip
def test_syntax_errors_name_the_place(text, message):
    with pytest.raises(KsqlError) as caught:
        parse(text)
    assert caught.value.message.startswith(message)


def test_identifiers_and_comments():
    (parsed,) = parse('-- a\nSELECT a, `b`, "c", 1d /* d */ FROM emit_ EMIT CHANGES;')
    names = [item.expression.name for item in parsed.statement.items]  # type: ignore[union-attr]
    assert names == ["A", "b", "c", "1D"]
    assert parsed.text.startswith("SELECT")


def test_an_expression_is_written_back():
    item = parse("SELECT NOT (a = 1 OR b LIKE 'x''%') FROM c;")[0].statement.items[0]  # type: ignore[union-attr]
    assert expression(item.expression) == "(NOT ((A = 1) OR (B LIKE 'x''%')))"  # type: ignore[union-attr]


@pytest.mark.parametrize("word", ["SELECT", "QUERY", "MONTHS", "PROPERTIES", "lower", "A B"])
def test_names_that_need_quotes(word):
    assert quoted(word) == f"`{word}`"


@pytest.mark.parametrize("word", ["KEY", "EMIT", "PARTITION", "STRING", "SOURCE", "SENSOR_ID_1"])
def test_names_that_need_none(word):
    assert quoted(word) == word


@pytest.mark.parametrize("path", ["sensor_id", "", "$.", "$[", "$.a b", "$.a-b", '$["a'])
def test_what_is_no_json_path(path):
    with pytest.raises(RowError):
        extract('{"a": 1, "a-b": 2}', path)


def test_times():
    assert timestamp_text(parse_timestamp("2020-05-04T03:02:01.5")) == "2020-05-04T03:02:01.500"
    assert parse_timestamp("1970-01-01T01:00+0100") == 0
    assert time_text(3_600_000) == "01:00"
    with pytest.raises(ValueError, match="Failed to parse timestamp"):
        parse_timestamp("yesterday")


@pytest.mark.parametrize(
    ("form", "data"),
    [(Format("JSON"), b'{"S":"a\xc3\xa9\\n","I":1,"D":1.5E10}'), (Format("DELIMITED"), b'"a,b",1,1.5E10')],
)
def test_formats_go_round(form, data):
    columns = (("S", t.STRING), ("I", t.INTEGER), ("D", t.DOUBLE))
    read = reader(columns, form)
    row: list[object] = [None] * 3
    read.fill(read.open(data), row, range(3), 0)
    assert writer(columns, form)(row) == data


def test_only_what_the_filter_lets_through_is_read_to_the_end():
    source = Stream("S", "S", (), (("A", t.INTEGER), ("B", t.INTEGER)), Format("KAFKA"), Format("JSON"), "")
    query = analyse(parse("SELECT * FROM S WHERE a = 1;")[0].statement, source, sink="X")  # type: ignore[arg-type]
    assert query.rows(None, b'{"a": 2, "b": "no number"}', 0, 0, 0) is None
    with pytest.raises(RowError):
        query.rows(None, b'{"a": 1, "b": "no number"}', 0, 0, 0)
    assert query.rows(None, b'{"a": 1, "b": 2}', 0, 0, 0) == ([], [1, 2])
    assert query.rows(None, None, 0, 0, 0) is None


@pytest.mark.parametrize(
    "literal",
    ["DATE '2020-01-02'", "TIME '10:11:12'", "TIME '10:11:12.5'", "TIMESTAMP '2020-01-02T10:11:12.005'",
     "'it''s'", "1.5E0", "1.50", "9223372036854775807", "true", "null"],
)  # fmt: skip
def test_a_literal_that_is_written_back_is_read_the_same(literal):
    def read(text):
        (parsed,) = parse(f"CREATE STREAM Y AS SELECT {text} D FROM X;")
        return parsed.statement.select.items[0].expression

    node = read(literal)
    assert read(expression(node)) == node
