"""``for_each_example`` draws the requested number of examples, the same for a seed, and leaves no files."""

import os
import zlib

import numpy as np
import pytest
from hypothesis import strategies as st

from merge_impls import merge
from merge_impls.conformance import validate
from merge_impls.conformance.generate.examples import for_each_example

NUMBERS = st.integers(0, 10**9)


def draw_numbers(count=100, seeded_by="0"):
    seen = []
    for_each_example(NUMBERS, seen.append, count, seeded_by)
    return seen


def test_the_requested_number_is_drawn_and_the_same_ones_for_a_seed():
    assert len(draw_numbers(73)) == 73
    assert draw_numbers() == draw_numbers()
    assert draw_numbers() != draw_numbers(seeded_by="1")


def test_the_first_exception_of_the_body_ends_the_loop_and_is_raised():
    seen = []

    def body(number):
        seen.append(number)
        if len(seen) == 5:
            raise LookupError("the fifth")

    with pytest.raises(LookupError, match="the fifth"):
        for_each_example(NUMBERS, body, 100, "0")
    assert len(seen) == 5


def test_nothing_is_left_in_the_current_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert validate(lambda problem: merge(problem, "heap"), examples=50, only="random/*").passed
    assert os.listdir(tmp_path) == []


def test_a_check_draws_the_same_problems_again_and_others_for_another_seed():
    def problems_of(seed):
        seen = []

        def backend(problem):
            seen.append((problem.shape, zlib.crc32(np.ascontiguousarray(problem.affinities))))
            return merge(problem, "heap")

        assert validate(backend, examples=30, seed=seed, only="random/2-D grids, average").passed
        return seen

    assert problems_of(0) == problems_of(0)
    assert len(set(problems_of(0)) & set(problems_of(1))) < 10
