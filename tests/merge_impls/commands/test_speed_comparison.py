"""Correct first: who has times in a contest, and what is said of those who have none."""

from contextlib import nullcontext
from dataclasses import replace

import pytest

from merge_impls import Backend, merge
from merge_impls.isolation import Answer, BackendFailed
from merge_impls.speed_comparison import comparison
from merge_impls.speed_comparison.settings import ComparisonSettings

SMALL, WHOLE = (16, 32), (20, 40)
SECONDS = {"heap": [2.0, 4.0, 8.0], "plain": [1.0, 3.0, 2.0]}


def plan(*backends, baseline="heap", threads=1):
    limits = {"rounds": 3, "timeout": 60.0, "memory": 2**30}
    return ComparisonSettings(backends, baseline, WHOLE, ("mild",), ("average",), threads, **limits)


class FakeWorker:
    """Answers as ``BEHAVIOUR`` of its backend says, else as heap does."""

    behaviour = {}
    asked = []

    def __init__(self, backend, threads, core, timeout, start_timeout, memory):
        self.backend, self.threads, self.name = backend, threads, backend
        self.seconds = iter(SECONDS.get(backend, []))

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        pass

    def stop(self):
        pass

    @property
    def first_call_seconds(self):
        if (failure := self.behaviour.get(self.backend, {}).get("start")) is not None:
            self.asked.append((self.backend, "start"))
            raise BackendFailed(failure, f"backend {self.backend}: {failure}")
        return 0.5

    @property
    def declaration(self):
        return Backend(self.backend, "", "3.1", "nowhere:merge", threads=2)

    def merge(self, problem):
        self.asked.append((self.backend, problem.shape))
        did = self.behaviour.get(self.backend, {}).get(problem.shape)
        if did not in (None, "wrong", "no history"):
            raise BackendFailed(did, f"backend {self.backend}: {did}")
        result = merge(problem, "heap")
        if did == "wrong":
            result = replace(result, labels=result.labels[::-1].copy())
        if did == "no history":
            result = replace(result, history=None)
        seconds = next(self.seconds, 1.0) if problem.shape == WHOLE else 100.0
        return Answer(result, seconds, 0.5, 0.25, peak_bytes=7)


@pytest.fixture
def heat(monkeypatch):
    """Rows by backend of one heat, each backend behaving as given."""
    monkeypatch.setattr(comparison, "Worker", FakeWorker)
    monkeypatch.setattr(comparison, "_SMALL", SMALL)

    def rows(given, **behaviour):
        FakeWorker.behaviour, FakeWorker.asked = behaviour, []
        with comparison.SpeedComparison(given, tell=lambda line: None) as field_of_all:
            return {row.backend: row for row in field_of_all.compare("mild", "average")}

    return rows


def test_equal_results_have_times_and_ratios_round_by_round(heat):
    rows = heat(plan("heap", "plain"))
    assert {row.state for row in rows.values()} == {"equal"}
    assert rows["plain"].run.seconds == SECONDS["plain"]
    assert rows["plain"].ratios == [0.5, 0.75, 0.25] and rows["heap"].ratios == [1, 1, 1]


def test_the_reference_merges_the_small_field_alone_unless_it_is_named(heat):
    assert list(heat(plan("heap"))) == ["heap"]
    assert [shape for name, shape in FakeWorker.asked if name == "networkx"] == [SMALL]
    assert list(heat(plan("heap", "networkx"))) == ["heap", "networkx"]
    assert ("networkx", WHOLE) in FakeWorker.asked


@pytest.mark.parametrize(
    ("where", "did", "state"),
    [
        (SMALL, "wrong", "disagrees"),
        (WHOLE, "wrong", "disagrees"),
        (SMALL, "invalid", "disagrees"),
        (SMALL, "unsupported", "unsupported"),
        (WHOLE, "crash", "crash"),
        (SMALL, "timeout", "timeout"),
        (WHOLE, "raised", "raised"),
        ("start", "unavailable", "unavailable"),
    ],
)
def test_who_fails_anywhere_has_a_reason_and_no_time_and_others_have_theirs(
    heat, where, did, state
):
    rows = heat(plan("heap", "plain", "bad"), bad={where: did})
    assert rows["bad"].state == state and rows["bad"].run is None and rows["bad"].ratios == []
    assert rows["bad"].reason and "\n" not in rows["bad"].reason
    assert rows["heap"].state == rows["plain"].state == "equal"


def test_a_wrong_result_is_told_with_field_and_first_difference(heat):
    reason = heat(plan("heap", "bad"), bad={WHOLE: "wrong"})["bad"].reason
    assert reason.startswith("on 20x40, compared with heap, labels differs at [")


def test_who_is_wrong_on_the_small_field_is_not_asked_for_the_whole(heat):
    heat(plan("heap", "bad"), bad={SMALL: "wrong"})
    assert ("bad", SMALL) in FakeWorker.asked and ("bad", WHOLE) not in FakeWorker.asked


def test_a_wrong_baseline_is_blamed_alone_and_there_are_times_but_no_ratios(heat):
    rows = heat(plan("bad", "heap", "plain", baseline="bad"), bad={WHOLE: "wrong"})
    assert rows["bad"].state == "disagrees" and rows["bad"].run is None
    assert rows["bad"].reason.startswith("on 20x40, compared with heap, ")
    for name in ("heap", "plain"):
        assert rows[name].state == "equal" and rows[name].run.seconds and rows[name].ratios == []


def test_heap_merges_the_whole_field_if_it_is_not_named_too(heat):
    rows = heat(plan("bad", "plain", baseline="bad"), bad={WHOLE: "wrong"})
    assert {name: row.state for name, row in rows.items()} == {"bad": "disagrees", "plain": "equal"}


def test_the_reference_is_believed_where_heap_says_otherwise(heat):
    rows = heat(plan("heap", "plain", "networkx"), heap={WHOLE: "wrong"})
    assert rows["heap"].state == "disagrees" and "compared with networkx" in rows["heap"].reason
    assert rows["networkx"].state == rows["plain"].state == "equal"


def test_heap_is_not_believed_if_it_contradicts_the_reference_on_the_small_field(heat):
    rows = heat(plan("plain", baseline="plain"), heap={SMALL: "wrong"})
    assert {name: row.state for name, row in rows.items()} == {
        "plain": "unchecked",
        "heap": "disagrees",
    }


def test_one_without_a_history_is_compared_in_the_rest(heat):
    bad = {SMALL: "no history", WHOLE: "wrong"}
    rows = heat(
        plan("plain", "heap", "bad", baseline="plain"), plain={WHOLE: "no history"}, bad=bad
    )
    states = {name: row.state for name, row in rows.items()}
    assert states == {"plain": "equal", "heap": "equal", "bad": "disagrees"}


@pytest.mark.parametrize("where", [SMALL, WHOLE])
def test_without_the_trusted_one_nobody_is_checked(heat, where):
    rows = heat(plan("heap", "plain"), heap={where: "crash"})
    assert rows["heap"].state == "crash"
    assert (rows["plain"].state, rows["plain"].run) == ("unchecked", None)
    assert rows["plain"].reason == "heap has no result on 20x40 to compare with"


def test_without_the_reference_nobody_is_checked_and_it_has_a_row(heat):
    rows = heat(plan("heap", "plain"), networkx={SMALL: "timeout"})
    assert {name: row.state for name, row in rows.items()} == {
        "heap": "unchecked",
        "plain": "unchecked",
        "networkx": "timeout",
    }


def test_what_cannot_start_is_asked_once_in_a_contest(heat, monkeypatch):
    heat(plan("heap"))
    FakeWorker.behaviour, FakeWorker.asked = {"bad": {"start": "timeout"}}, []
    with comparison.SpeedComparison(plan("heap", "bad"), tell=lambda line: None) as all_of_them:
        states = [row.state for _ in range(3) for row in all_of_them.compare("mild", "average")]
        assert all_of_them.version("bad") is None and all_of_them.version("heap") == "3.1"
    assert states == ["equal", "timeout"] * 3
    assert FakeWorker.asked.count(("bad", "start")) == 1


def test_threads_are_no_more_than_a_backend_can_use(heat):
    rows = heat(plan("heap", "x:y", threads=8))
    assert (rows["heap"].threads, rows["x:y"].threads) == (2, 2)


def test_all_may_use_as_many_threads_and_are_told_the_same_core(monkeypatch):
    asked = []

    def worker(name, threads, core, **limits):
        asked.append((threads, core))
        return nullcontext()

    monkeypatch.setattr(comparison, "Worker", worker)
    with comparison.SpeedComparison(
        plan("heap", "x:y", threads=4), tell=lambda line: None
    ) as of_all:
        assert asked == [(4, of_all.core)] * 3
