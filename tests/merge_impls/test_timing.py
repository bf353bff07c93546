"""The timing loop: workers take turns, and every result is compared with the first."""

from dataclasses import replace

import numpy as np
import pytest

from merge_impls import MergeProblem, merge
from merge_impls.isolation import Answer, BackendFailed
from merge_impls.timing import InterleavedRounds, measure


@pytest.fixture
def problem():
    affinities = np.random.default_rng(0).random((2, 6, 7))
    return MergeProblem.from_grid(affinities, [(0, 1), (1, 0)], [0, 0], [0.5])


class FakeWorker:
    """Gives prepared answers in order, the last of them for ever; notes each call in ``calls``."""

    def __init__(self, backend, calls, answers):
        self.backend = self.name = backend
        self.calls, self.answers = calls, list(answers)
        self.first_call_seconds = 0.5

    def merge(self, problem):
        self.calls.append(self.backend)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, str):
            raise BackendFailed("crash", answer)
        return Answer(answer, seconds=len(self.calls), cpu_seconds=0)


def workers(calls, **answers):
    return [FakeWorker(name, calls, of_worker) for name, of_worker in answers.items()]


def with_other_weight(result, row):
    history = result.history.copy()
    history["weight"][row] /= 2
    return replace(result, history=history)


def test_workers_take_turns_and_each_round_another_begins(problem):
    right, calls = merge(problem), []
    measure(problem, workers(calls, a=[right], b=[right], c=[right]), rounds=4)
    assert "".join(calls) == "abcbcacababc"


def test_the_caller_says_who_begins(problem):
    right, calls = merge(problem), []
    measure(problem, workers(calls, a=[right], b=[right]), rounds=2, first=3)
    assert "".join(calls) == "baab"


def test_who_is_left_out_of_a_round_is_asked_again_in_the_next(problem):
    right, calls = merge(problem), []
    turns = InterleavedRounds(problem, workers(calls, a=[right], b=[right]))
    turns.run_round(without=["a"])
    turns.run_round()
    assert "".join(calls) == "bab" and turns.compare() is right
    assert [len(turns.runs[name].seconds) for name in "ab"] == [1, 2]


def test_who_stands_apart_is_timed_and_compared_with_nobody(problem):
    right = merge(problem)
    other = replace(right, labels=right.labels[::-1].copy(), history=None)
    turns = InterleavedRounds(problem, workers([], other=[other], good=[right], same=[right]))
    turns.run_round()
    assert turns.compare(not_compared=["other"]) is right
    assert not any(run.difference for run in turns.runs.values())
    assert turns.results["other"] == [other] and turns.runs["other"].seconds


def test_workers_of_one_backend_are_told_apart_by_name(problem):
    right = merge(problem)
    one, two = workers([], c=[right]) + workers([], c=["it died"])
    two.name = "c, 2 threads"
    _, runs = measure(problem, [one, two], rounds=1, reference="c")
    assert runs["c"].failed == "" and runs["c, 2 threads"].failed == "it died"


def test_every_round_has_its_time_and_the_first_call_its_own(problem):
    right, calls = merge(problem), []
    result, runs = measure(problem, workers(calls, a=[right], b=[right]), rounds=3)
    assert result is right
    assert runs["a"].seconds == [1, 4, 5] and runs["b"].seconds == [2, 3, 6]
    assert {run.first_call_seconds for run in runs.values()} == {0.5}
    assert not any(run.difference or run.failed for run in runs.values())


def test_a_wrong_result_of_any_round_is_named_with_its_first_differing_merge(problem):
    right = merge(problem)
    answers = [right, right, with_other_weight(right, 4)]
    fakes = workers([], good=[right], bad=answers)
    result, runs = measure(problem, fakes, rounds=3, reference="good")
    assert result is right
    assert "history differs at merge 4: " in runs["bad"].difference
    assert runs["bad"].difference.startswith("compared with good")
    assert "\n" not in runs["bad"].difference
    assert runs["good"].difference == "" and len(runs["bad"].seconds) == 3


def test_the_trusted_backend_is_compared_with_in_all_but_the_history_it_does_not_keep(problem):
    right = merge(problem)
    plain = replace(right, history=None)
    wrong = replace(plain, labels=right.labels[::-1].copy())
    fakes = workers([], wrong=[wrong], right=[right], plain=[plain])
    result, runs = measure(problem, fakes, rounds=1, reference="plain")
    assert result is right
    assert runs["wrong"].difference.startswith("compared with plain, labels differs")
    assert runs["plain"].difference == runs["right"].difference == ""


def test_a_trusted_backend_that_another_contradicts_is_not_blamed(problem):
    right = merge(problem)
    other = replace(with_other_weight(right, 4), labels=right.labels[::-1].copy())
    plain = replace(right, history=None)
    _, runs = measure(problem, workers([], other=[other], plain=[plain]), 1, reference="plain")
    assert runs["plain"].difference == "" and runs["other"].difference


def test_histories_that_the_trusted_backend_cannot_tell_apart_are_held_against_both(problem):
    right = merge(problem)
    answers = {
        "plain": [replace(right, history=None)],
        "a": [right],
        "b": [with_other_weight(right, 4)],
    }
    _, runs = measure(problem, workers([], **answers), rounds=1, reference="plain")
    assert runs["plain"].difference == ""
    assert runs["a"].difference.startswith("b says otherwise: history differs at merge 4")
    assert runs["b"].difference.startswith("compared with a, history differs at merge 4")


def test_without_a_trusted_backend_both_that_differ_are_named(problem):
    right = merge(problem)
    fakes = workers([], wrong=[with_other_weight(right, 4)], right=[right])
    _, runs = measure(problem, fakes, rounds=1, reference="elsewhere")
    assert "history differs at merge 4: " in runs["right"].difference
    assert runs["wrong"].difference.startswith("right says otherwise: history differs at merge 4")


def test_who_is_doubted_already_casts_no_doubt_on_others(problem):
    right = merge(problem)
    fakes = workers([], right=[right], wrong=[with_other_weight(right, 4)])
    _, runs = measure(problem, fakes, rounds=1, known_wrong=["wrong"])
    assert runs["right"].difference == "" and runs["wrong"].difference


def test_a_backend_that_contradicts_itself_is_named_too(problem):
    right = merge(problem)
    answers = [right, with_other_weight(right, 0)]
    _, runs = measure(problem, workers([], moody=answers), rounds=2)
    assert "history differs at merge 0: " in runs["moody"].difference


def test_a_worker_that_fails_is_asked_no_more_and_the_others_go_on(problem):
    right, calls = merge(problem), []
    fakes = workers(calls, broken=[right, "it died"], good=[right])
    result, runs = measure(problem, fakes, rounds=3)
    assert (calls.count("broken"), calls.count("good")) == (2, 3)
    assert runs["broken"].failed == "it died" and len(runs["broken"].seconds) == 1
    assert runs["good"].failed == "" and len(runs["good"].seconds) == 3
    assert result is right


def test_who_fails_from_the_start_is_not_compared_with(problem):
    right, wrong = merge(problem), with_other_weight(merge(problem), 1)
    fakes = workers([], broken=["it died"], good=[right], bad=[wrong])
    result, runs = measure(problem, fakes, rounds=1, reference="good")
    assert result is right
    assert runs["good"].difference == "" and "merge 1" in runs["bad"].difference


def test_a_backend_that_changes_its_input_has_a_difference(problem):
    class Scribbler(FakeWorker):
        def merge(self, problem):
            return replace(super().merge(problem), modified="mask")

    right = merge(problem)
    _, runs = measure(problem, [Scribbler("bad", [], [right]), *workers([], good=[right])], 1)
    assert runs["bad"].difference == "changed its input: mask is not what it was"
    assert runs["good"].difference == ""


def test_if_all_fail_there_is_no_result(problem):
    result, runs = measure(problem, workers([], a=["it died"], b=["it hung"]), rounds=2)
    assert result is None
    assert [run.failed for run in runs.values()] == ["it died", "it hung"]
