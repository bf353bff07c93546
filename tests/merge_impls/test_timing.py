"""The timing loop: workers take turns to merge a problem, in several rounds, and all results are compared."""

from dataclasses import replace

import numpy as np
import pytest

from merge_impls import MergeProblem, merge
from merge_impls.isolation import BackendFailed, MeasuredMerge
from merge_impls.timing import (
    LEAST_SECONDS,
    InterleavedRounds,
    Quartiles,
    TimedRun,
    order_of_round,
    time_workers,
)


@pytest.fixture
def problem():
    affinities = np.random.default_rng(0).random((2, 6, 7))
    return MergeProblem.from_grid(affinities, [(0, 1), (1, 0)], [0, 0], [0.5])


class FakeWorker:
    """A worker that returns the results in ``answers``, one after the other, and then repeats the last.

    An answer that is a string is raised as ``BackendFailed``. Each merge appends the backend to ``calls``.
    """

    def __init__(self, backend, calls, answers):
        self.backend = self.name = backend
        self.calls, self.answers = calls, list(answers)
        self.first_call_seconds = 0.5

    def merge(self, problem, least_seconds):
        assert least_seconds == LEAST_SECONDS
        self.calls.append(self.backend)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, str):
            raise BackendFailed("crash", answer)
        return MeasuredMerge(answer, seconds=len(self.calls), cpu_seconds=0)


def workers(calls, **answers):
    return [FakeWorker(name, calls, of_worker) for name, of_worker in answers.items()]


def with_other_weight(result, row):
    history = result.history.copy()
    history["weight"][row] /= 2
    return replace(result, history=history)


def test_the_order_of_the_workers_turns_around_in_every_other_round(problem):
    right, calls = merge(problem), []
    time_workers(problem, workers(calls, a=[right], b=[right], c=[right]), rounds=4)
    assert "".join(calls) == "abccbabcaacb"


@pytest.mark.parametrize("count", [2, 3, 5])
def test_no_worker_has_an_advantage_by_its_place_in_the_rounds(count):
    orders = [order_of_round(number, count) for number in range(2 * count)]
    places = [[order.index(worker) for order in orders] for worker in range(count)]
    assert all(sorted(each) == sorted([*range(count)] * 2) for each in places)
    for one in range(count):
        for other in range(one):
            first = [
                before < after for before, after in zip(places[one], places[other], strict=True)
            ]
            assert first[::2] == [not each for each in first[1::2]]


def test_the_caller_chooses_the_worker_that_begins(problem):
    right, calls = merge(problem), []
    time_workers(problem, workers(calls, a=[right], b=[right]), rounds=2, first=2)
    assert "".join(calls) == "baab"


def test_a_worker_left_out_of_one_round_merges_in_the_next(problem):
    right, calls = merge(problem), []
    rounds = InterleavedRounds(problem, workers(calls, a=[right], b=[right]))
    rounds.run_round(without=["a"])
    rounds.run_round()
    assert "".join(calls) == "bab" and rounds.compare() is right
    assert [len(rounds.runs[name].seconds) for name in "ab"] == [1, 2]


def test_a_worker_that_is_not_compared_is_still_timed(problem):
    right = merge(problem)
    other = replace(right, labels=right.labels[::-1].copy(), history=None)
    rounds = InterleavedRounds(problem, workers([], other=[other], good=[right], same=[right]))
    rounds.run_round()
    assert rounds.compare(not_compared=["other"]) is right
    assert not any(run.difference for run in rounds.runs.values())
    assert rounds.results["other"] == [other] and rounds.runs["other"].seconds


def test_workers_of_one_backend_have_runs_by_their_names(problem):
    right = merge(problem)
    one, two = workers([], c=[right]) + workers([], c=["it died"])
    two.name = "c, 2 threads"
    _, runs = time_workers(problem, [one, two], rounds=1, reference="c")
    assert runs["c"].failed == "" and runs["c, 2 threads"].failed == "it died"


def test_the_first_call_and_every_round_have_a_time(problem):
    right, calls = merge(problem), []
    result, runs = time_workers(problem, workers(calls, a=[right], b=[right]), rounds=3)
    assert result is right
    assert runs["a"].seconds == [1, 4, 6] and runs["b"].seconds == [2, 3, 5]
    assert {run.first_call_seconds for run in runs.values()} == {0.5}
    assert not any(run.difference or run.failed for run in runs.values())


def test_a_wrong_result_in_any_round_is_reported_with_its_first_merge(problem):
    right = merge(problem)
    answers = [right, right, with_other_weight(right, 4)]
    fakes = workers([], good=[right], bad=answers)
    result, runs = time_workers(problem, fakes, rounds=3, reference="good")
    assert result is right
    assert "history differs at merge 4: " in runs["bad"].difference
    assert runs["bad"].difference.startswith("compared with good")
    assert "\n" not in runs["bad"].difference
    assert runs["good"].difference == "" and len(runs["bad"].seconds) == 3


def test_a_reference_without_a_history_decides_the_other_arrays(problem):
    right = merge(problem)
    plain = replace(right, history=None)
    wrong = replace(plain, labels=right.labels[::-1].copy())
    fakes = workers([], wrong=[wrong], right=[right], plain=[plain])
    result, runs = time_workers(problem, fakes, rounds=1, reference="plain")
    assert result is right
    assert runs["wrong"].difference.startswith("compared with plain, labels differs")
    assert runs["plain"].difference == runs["right"].difference == ""


def test_the_reference_has_no_difference_if_another_disagrees_with_it(problem):
    right = merge(problem)
    other = replace(with_other_weight(right, 4), labels=right.labels[::-1].copy())
    plain = replace(right, history=None)
    _, runs = time_workers(problem, workers([], other=[other], plain=[plain]), 1, reference="plain")
    assert runs["plain"].difference == "" and runs["other"].difference


def test_without_a_history_of_the_reference_both_that_differ_are_marked(problem):
    right = merge(problem)
    answers = {
        "plain": [replace(right, history=None)],
        "a": [right],
        "b": [with_other_weight(right, 4)],
    }
    _, runs = time_workers(problem, workers([], **answers), rounds=1, reference="plain")
    assert runs["plain"].difference == ""
    assert runs["a"].difference.startswith("b differs: history differs at merge 4")
    assert runs["b"].difference.startswith("compared with a, history differs at merge 4")


def test_without_a_reference_both_that_differ_are_marked(problem):
    right = merge(problem)
    fakes = workers([], wrong=[with_other_weight(right, 4)], right=[right])
    _, runs = time_workers(problem, fakes, rounds=1, reference="elsewhere")
    assert "history differs at merge 4: " in runs["right"].difference
    assert runs["wrong"].difference.startswith("right differs: history differs at merge 4")


def test_a_known_wrong_worker_does_not_make_others_wrong(problem):
    right = merge(problem)
    fakes = workers([], right=[right], wrong=[with_other_weight(right, 4)])
    _, runs = time_workers(problem, fakes, rounds=1, known_wrong=["wrong"])
    assert runs["right"].difference == "" and runs["wrong"].difference


def test_a_backend_whose_own_results_differ_is_marked(problem):
    right = merge(problem)
    answers = [right, with_other_weight(right, 0)]
    _, runs = time_workers(problem, workers([], moody=answers), rounds=2)
    assert "history differs at merge 0: " in runs["moody"].difference


def test_a_failed_worker_merges_no_more_and_the_others_go_on(problem):
    right, calls = merge(problem), []
    fakes = workers(calls, broken=[right, "it died"], good=[right])
    result, runs = time_workers(problem, fakes, rounds=3)
    assert (calls.count("broken"), calls.count("good")) == (2, 3)
    assert runs["broken"].failed == "it died" and len(runs["broken"].seconds) == 1
    assert runs["good"].failed == "" and len(runs["good"].seconds) == 3
    assert result is right


def test_others_are_not_compared_with_a_worker_that_failed(problem):
    right, wrong = merge(problem), with_other_weight(merge(problem), 1)
    fakes = workers([], broken=["it died"], good=[right], bad=[wrong])
    result, runs = time_workers(problem, fakes, rounds=1, reference="good")
    assert result is right
    assert runs["good"].difference == "" and "merge 1" in runs["bad"].difference


def test_a_backend_that_changes_its_input_has_a_difference(problem):
    class Scribbler(FakeWorker):
        def merge(self, problem, least_seconds):
            return replace(super().merge(problem, least_seconds), modified="mask")

    right = merge(problem)
    _, runs = time_workers(problem, [Scribbler("bad", [], [right]), *workers([], good=[right])], 1)
    assert runs["bad"].difference == "changed its input: mask is not what it was"
    assert runs["good"].difference == ""


def test_if_all_fail_there_is_no_result(problem):
    result, runs = time_workers(problem, workers([], a=["it died"], b=["it hung"]), rounds=2)
    assert result is None
    assert [run.failed for run in runs.values()] == ["it died", "it hung"]


def test_kernel_seconds_are_those_without_the_conversion():
    assert TimedRun(0.5, [3.0, 5.0], conversion_seconds=[1.0, 2.0]).seconds_without_conversion == [
        2.0,
        3.0,
    ]
    assert TimedRun(0.5, [3.0, 5.0]).seconds_without_conversion == [3.0, 5.0]


def test_quartiles_are_those_of_numpy():
    quartiles = Quartiles.of_values([4.0, 1.0, 2.0, 3.0, 5.0])
    assert (quartiles.low, quartiles.median, quartiles.high) == (2, 3, 4)
    assert not np.isnan(Quartiles.of_values([1.0]).low)
