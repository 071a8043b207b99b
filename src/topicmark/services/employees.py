"""The table that exercise 8 imports: rows that nobody has seen before, and the database that holds them."""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

USER, PASSWORD, DATABASE, TABLE = "root", "pwd1234", "employees", "employees"
"""As the course's chart sets them."""
_FIRST = ("Ada", "Bjørn", "Chloé", "Dennis", "Edsger", "Frances", "Grace", "Hedy", "Ivan", "José", "Katherine", "Søren")
_DEPARTMENTS = ("Engineering", "Marketing", "Sales", "Human Resources", "Finance", "Research", "Field Service")
_MOST_APART = 7


@dataclass(frozen=True, slots=True)
class Employee:
    """One row. ``name`` is unlike any other, in this run or another; no value holds what may delimit fields."""

    id: int
    name: str
    department: str
    salary: Decimal


def random_employees(count: int) -> tuple[Employee, ...]:
    """``count`` rows. Ids grow with gaps: who splits by them gets parts of unequal size."""
    rows, number = [], 0
    for _ in range(count):
        number += random.randint(1, _MOST_APART)  # noqa: S311 — to be unlike, not to be secret
        cents = random.randint(3_000_000, 12_000_000)  # noqa: S311
        name = f"{random.choice(_FIRST)} {uuid.uuid4().hex[:10].capitalize()}"  # noqa: S311
        rows.append(Employee(number, name, random.choice(_DEPARTMENTS), Decimal(cents) / 100))  # noqa: S311
    return tuple(rows)


def statements(rows: Sequence[Employee]) -> Iterator[str]:
    """What makes and fills the table, a line each. The server's superuser owns it: whoever imports it only reads."""
    yield (
        f"CREATE TABLE {TABLE} (id INTEGER PRIMARY KEY, name VARCHAR(100) NOT NULL, "
        "department VARCHAR(100) NOT NULL, salary NUMERIC(10, 2) NOT NULL)"
    )
    for row in rows:
        values = f"{row.id}, '{row.name}', '{row.department}', {row.salary}"  # ours, and without quotes in them
        yield f"INSERT INTO {TABLE} VALUES ({values})"  # noqa: S608
    yield f"GRANT SELECT ON {TABLE} TO PUBLIC"
