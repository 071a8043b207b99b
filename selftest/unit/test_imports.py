"""Rows of a table in files, whatever their form; and what is no whole row."""

from __future__ import annotations

import gzip
import json
import struct
import zlib
from dataclasses import replace
from decimal import Decimal

import pytest

from topicmark.observe import avro
from topicmark.observe.imports import Found, Opaque, looked_for
from topicmark.services.employees import Employee, random_employees, statements

ROWS = (
    Employee(3, "Ada 0123456789", "Human Resources", Decimal("50123.40")),
    Employee(31, "Søren Abcdef0123", "Sales", Decimal("31.00")),
)


def lines(form: str = "{0.id},{0.name},{0.department},{0.salary}\n") -> str:
    return "".join(form.format(row) for row in ROWS)


def seen(*files: str | bytes, folder: str = "/employees") -> list[Found | Opaque]:
    contents = {f"{folder}/part-m-{n:05}": f.encode() if isinstance(f, str) else f for n, f in enumerate(files)}
    return looked_for(ROWS, list(contents), contents.__getitem__)


def packed(schema_of_salary: str, codec: str, rows: tuple[Employee, ...] = ROWS) -> bytes:
    """A container file, written by the specification."""

    def number(value: int) -> bytes:
        value, out = (value << 1) ^ (value >> 63), bytearray()
        while value > 0x7F:
            out.append(value & 0x7F | 0x80)
            value >>= 7
        return bytes([*out, value])

    def text(value: bytes) -> bytes:
        return number(len(value)) + value

    def field(name: str, kind: str) -> dict[str, object]:
        return {"name": name, "type": ["null", kind], "default": None}

    fields = [
        field("id", "int"),
        field("name", "string"),
        field("department", "string"),
        field("salary", schema_of_salary),
    ]
    schema = json.dumps({"type": "record", "name": "employees", "fields": fields}).encode()
    block = b""
    for row in rows:
        salary = {"string": text(str(row.salary).encode()), "double": struct.pack("<d", float(row.salary))}
        block += number(1) + number(row.id) + number(1) + text(row.name.encode()) + number(1)
        block += text(row.department.encode()) + number(1) + salary[schema_of_salary]
    if codec == "deflate":
        packer = zlib.compressobj(wbits=-15)
        block = packer.compress(block) + packer.flush()
    meta = number(2) + text(b"avro.schema") + text(schema) + text(b"avro.codec") + text(codec.encode()) + number(0)
    return avro.MAGIC + meta + bytes(16) + number(len(rows)) + text(block) + bytes(16)


@pytest.mark.parametrize(
    "content",
    [
        lines(),
        lines("{0.id}\t{0.name}\t{0.department}\t{0.salary}\n"),
        lines("{0.id}\x01{0.name}\x01{0.department}\x01{0.salary}\n"),
        lines("'{0.salary}';'{0.department}';'{0.name}';'{0.id}'\r\n"),
        lines("{0.id}|{0.name}|{0.department}|{0.salary:.1f}\n"),
        lines("{0.id},{0.name},{0.department},{0.salary:E}\n"),
        gzip.compress(lines().encode(), mtime=0),
        packed("string", "null"),
        packed("string", "deflate"),
        packed("double", "null"),
    ],
)
def test_every_row_is_found_whatever_the_form(content: str | bytes) -> None:
    (found,) = seen(content)
    assert isinstance(found, Found)
    assert (dict(found.times), found.maimed, found.folder) == ({3: 1, 31: 1}, {}, "/employees")


@pytest.mark.parametrize(
    "line",
    [
        "3,Ada 0123456789\n",
        "3,Ada 0123456789,Human Resources\n",
        "3,Ada 0123456789,Human Resources,50123.41\n",
        "4,Ada 0123456789,Human Resources,50123.40\n",
        "3,Ada 0123456789,Sales,50123.40\n",
        "3,Ada 0123456789,Human Resources,50123.40,7\n",
        "3,Ada 0123456789,Human Resources,50123.40,extra\n",
        "3,3,Ada 0123456789,Human Resources,50123.40\n",
    ],
)
def test_a_row_with_a_value_less_more_or_changed_is_told(line: str) -> None:
    (found,) = seen(line)
    assert isinstance(found, Found)
    assert (dict(found.times), found.maimed) == ({}, {3: line.rstrip("\n")})


def test_rows_of_several_files_of_a_folder_are_counted_together() -> None:
    first, second = lines().splitlines(keepends=True)
    (found,) = seen(first, second, first)
    assert isinstance(found, Found)
    assert (dict(found.times), found.files) == ({3: 2, 31: 1}, 3)


def test_the_fullest_folder_comes_first_and_of_equals_the_one_without_doubles() -> None:
    contents = {"/a/x": lines() + lines(), "/b/x": lines(), "/c/x": lines().splitlines()[0], "/d/x": "nothing of it"}
    found = looked_for(ROWS, list(contents), lambda path: contents[path].encode())
    assert [one.folder for one in found if isinstance(one, Found)] == ["/b", "/a", "/c"]


def test_a_file_that_cannot_be_read_is_told_unless_the_rows_are_elsewhere() -> None:
    assert seen(b"SEQ\x06x") == [Opaque("/employees/part-m-00000", "a sequence file")]
    assert seen(b"PAR1x") == [Opaque("/employees/part-m-00000", "a Parquet file")]
    assert [type(one) for one in seen(b"SEQ\x06x", lines())] == [Found]
    assert seen("") == []


@pytest.mark.parametrize(
    "content", [b"", b"Obj\x02", avro.MAGIC, packed("string", "null")[:-40], packed("string", "snappy")]
)
def test_what_is_no_avro_file_of_an_import_is_told(content: bytes) -> None:
    with pytest.raises(avro.AvroProblem):
        list(avro.records(content))


def test_rows_are_unlike_any_others_and_hold_nothing_that_delimits() -> None:
    first, second = random_employees(40), random_employees(40)
    assert not {row.name for row in first} & {row.name for row in second}
    assert len({row.id for row in first}) == len({row.name for row in first}) == 40
    assert not any(set(row.name + row.department) & set(",;|\t\n\"'\\") for row in first)
    assert all(row.salary == row.salary.quantize(Decimal("0.01")) for row in first)


def test_the_table_is_made_filled_and_opened_for_reading() -> None:
    made = list(statements((replace(ROWS[0], name="Ada"),)))
    assert made[0].startswith("CREATE TABLE employees (id INTEGER PRIMARY KEY")
    assert made[1] == "INSERT INTO employees VALUES (3, 'Ada', 'Human Resources', 50123.40)"
    assert made[2] == "GRANT SELECT ON employees TO PUBLIC"
