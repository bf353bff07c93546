"""The description of a machine names the cores that a process may use."""

import os

import pytest

from merge_impls.machine import describe_machine, format_ranges, usable_core_numbers


@pytest.mark.parametrize(
    ("numbers", "text"),
    [([], ""), ([3], "3"), ([0, 1], "0-1"), ([0, 1, 2, 5, 7, 8], "0-2,5,7-8")],
)
def test_neighbouring_numbers_are_a_range(numbers, text):
    assert format_ranges(numbers) == text


@pytest.mark.skipif(len(usable_core_numbers()) < 2, reason="needs two cores")
def test_two_sets_of_cores_are_two_machines():
    first, *_, last = before = usable_core_numbers()
    try:
        os.sched_setaffinity(0, [first])
        on_first = describe_machine()
        os.sched_setaffinity(0, [last])
        assert on_first["cores"] == 1 and on_first != describe_machine()
    finally:
        os.sched_setaffinity(0, before)
