"""The same two assertions, as tasks."""

from fixtures import expect, task

HINT = "Does it print the sum of its two arguments, and nothing else?"
LOOK = "python solution.py 2 3"


@task("ex0.1", points=1, hint=HINT, look=LOOK)
def test_small_numbers(ask, number):
    """It adds two numbers."""
    seen = ask(number(), number())
    expect(seen.printed).to_be(seen.wanted, seen.asked)


@task("ex0.2", points=1, hint=HINT, look=LOOK)
def test_negative_numbers(ask, number):
    """It adds a negative number."""
    seen = ask(-number(), number())
    expect(seen.printed).to_be(seen.wanted, seen.asked)
