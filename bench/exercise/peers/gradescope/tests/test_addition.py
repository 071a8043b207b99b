import unittest

from gradescope_utils.autograder_utils.decorators import weight
from solution import add


class TestAddition(unittest.TestCase):
    @weight(1)
    def test_small_numbers(self):
        self.assertEqual(add(2, 3), 5)

    @weight(1)
    def test_negative_numbers(self):
        self.assertEqual(add(-4, 1), -3)
