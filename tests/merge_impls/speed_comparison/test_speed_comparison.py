"""Only backends with right results get times in a comparison; the others get a state and a reason."""

from contextlib import nullcontext
from dataclasses import replace

import pytest

from merge_impls import Backend, merge
from merge_impls.isolation import BackendFailed, MeasuredMerge
from merge_impls.speed_comparison import check_and_time_backends
from merge_impls.speed_comparison.settings import ComparisonSettings

SMALL, WHOLE, LARGER = (16, 32), (20, 40), (24, 48)
SMALL_SIZE, SIZE, LARGER_SIZE = (9 * height * width for height, width in (SMALL, WHOLE, LARGER))
SECONDS = {"heap": [2.0, 4.0, 8.0], "plain": [1.0, 3.0, 2.0]}


def settings(*backends, baseline="heap", threads=1, sizes=(SIZE,)):
    limits = {"rounds": 3, "timeout": 60.0, "memory": 2**30}
    return ComparisonSettings(
        backends, baseline, ("street-mild",), sizes, ("average",), threads, **limits
    )


class FakeWorker:
    """A worker that merges with heap, and fails where ``behaviour`` says so.

    behaviour: for each backend, the failure by the shape of the problem, or at the "start".
    calls: (backend, shape of the problem) of each merge, and (backend, "start") of each failed start.
    """

    behaviour = {}
    calls = []

    def __init__(self, backend, threads, core, timeout, start_timeout, memory, name):
        self.backend, self.threads, self.name = backend, threads, name or backend
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
            self.calls.append((self.backend, "start"))
            raise BackendFailed(failure, f"backend {self.backend}: {failure}")
        return 0.5

    @property
    def declaration(self):
        return Backend(self.backend, "", "3.1", "nowhere:merge", threads=2)

    def merge(self, problem, least_seconds):
        self.calls.append((self.backend, problem.shape))
        failure = self.behaviour.get(self.backend, {}).get(problem.shape)
        if failure not in (None, "wrong", "no history"):
            raise BackendFailed(failure, f"backend {self.backend}: {failure}")
        result = merge(problem, "heap")
        if failure == "wrong":
            result = replace(result, labels=result.labels[::-1].copy())
        if failure == "no history":
            result = replace(result, history=None)
        seconds = next(self.seconds, 1.0) if problem.shape == WHOLE else 100.0
        return MeasuredMerge(result, seconds, 0.5, 0.25, peak_bytes=7)


@pytest.fixture
def compare(monkeypatch):
    """A function that runs a comparison with fake workers; it returns the row of each backend."""
    monkeypatch.setattr(check_and_time_backends, "Worker", FakeWorker)
    monkeypatch.setattr(check_and_time_backends, "SMALL_SIZE", SMALL_SIZE)

    def rows(given, **behaviour):
        FakeWorker.behaviour, FakeWorker.calls = behaviour, []
        with check_and_time_backends.SpeedComparison(
            given, report_progress=lambda line: None
        ) as compared:
            return {row.backend: row for row in compared.compare("street-mild", "average")}

    return rows


def test_equal_backends_have_times_and_a_ratio_for_each_round(compare):
    rows = compare(settings("heap", "plain"))
    assert {row.state for row in rows.values()} == {"equal"}
    assert rows["plain"].run.seconds == SECONDS["plain"]
    assert rows["plain"].ratios == [0.5, 0.75, 0.25] and rows["heap"].ratios == [1, 1, 1]
    assert rows["plain"].noise == [1, 1, 1] and rows["plain"].noise_floor == 0
    assert (rows["plain"].verdict, rows["heap"].verdict) == ("faster", "indistinguishable")


def test_networkx_merges_the_whole_field_only_if_it_is_named(compare):
    assert list(compare(settings("heap"))) == ["heap"]
    assert [shape for name, shape in FakeWorker.calls if name == "networkx"] == [SMALL]
    assert list(compare(settings("heap", "networkx"))) == ["heap", "networkx"]
    assert ("networkx", WHOLE) in FakeWorker.calls


@pytest.mark.parametrize(
    ("where", "failure", "state"),
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
def test_a_failed_backend_has_a_reason_and_no_times(compare, where, failure, state):
    rows = compare(settings("heap", "plain", "bad"), bad={where: failure})
    assert rows["bad"].state == state and rows["bad"].run is None and rows["bad"].ratios == []
    assert rows["bad"].reason and "\n" not in rows["bad"].reason
    assert rows["heap"].state == rows["plain"].state == "equal"


def test_the_reason_names_the_field_and_the_first_difference(compare):
    reason = compare(settings("heap", "bad"), bad={WHOLE: "wrong"})["bad"].reason
    assert reason.startswith("on 20x40, compared with heap, labels differs at [")


def test_a_backend_wrong_on_the_small_field_skips_the_whole_field(compare):
    compare(settings("heap", "bad"), bad={SMALL: "wrong"})
    assert ("bad", SMALL) in FakeWorker.calls and ("bad", WHOLE) not in FakeWorker.calls


def test_with_a_wrong_baseline_the_others_have_times_but_no_ratios(compare):
    rows = compare(settings("bad", "heap", "plain", baseline="bad"), bad={WHOLE: "wrong"})
    assert rows["bad"].state == "disagrees" and rows["bad"].run is None
    assert rows["bad"].reason.startswith("on 20x40, compared with heap, ")
    for name in ("heap", "plain"):
        assert rows[name].state == "equal" and rows[name].run.seconds and rows[name].ratios == []


def test_heap_is_the_reference_of_the_whole_field_even_if_not_named(compare):
    rows = compare(settings("bad", "plain", baseline="bad"), bad={WHOLE: "wrong"})
    assert {name: row.state for name, row in rows.items()} == {"bad": "disagrees", "plain": "equal"}


def test_heap_fails_where_it_differs_from_networkx(compare):
    rows = compare(settings("heap", "plain", "networkx"), heap={WHOLE: "wrong"})
    assert rows["heap"].state == "disagrees" and "compared with networkx" in rows["heap"].reason
    assert rows["networkx"].state == rows["plain"].state == "equal"


def test_heap_is_no_reference_if_it_differs_on_the_small_field(compare):
    rows = compare(settings("plain", baseline="plain"), heap={SMALL: "wrong"})
    assert {name: row.state for name, row in rows.items()} == {
        "plain": "unchecked",
        "heap": "disagrees",
    }


def test_results_without_a_history_are_compared_in_the_other_arrays(compare):
    bad = {SMALL: "no history", WHOLE: "wrong"}
    rows = compare(
        settings("plain", "heap", "bad", baseline="plain"), plain={WHOLE: "no history"}, bad=bad
    )
    states = {name: row.state for name, row in rows.items()}
    assert states == {"plain": "equal", "heap": "equal", "bad": "disagrees"}


@pytest.mark.parametrize("where", [SMALL, WHOLE])
def test_without_heap_no_other_backend_is_checked(compare, where):
    rows = compare(settings("heap", "plain"), heap={where: "crash"})
    assert rows["heap"].state == "crash"
    assert (rows["plain"].state, rows["plain"].run) == ("unchecked", None)
    assert rows["plain"].reason == "heap has no result on 20x40 to compare with"


def test_without_networkx_no_backend_is_checked_and_networkx_has_a_row(compare):
    rows = compare(settings("heap", "plain"), networkx={SMALL: "timeout"})
    assert {name: row.state for name, row in rows.items()} == {
        "heap": "unchecked",
        "plain": "unchecked",
        "networkx": "timeout",
    }


def test_a_backend_that_cannot_start_is_started_once(compare, monkeypatch):
    compare(settings("heap"))
    FakeWorker.behaviour, FakeWorker.calls = {"bad": {"start": "timeout"}}, []
    with check_and_time_backends.SpeedComparison(
        settings("heap", "bad"), report_progress=lambda line: None
    ) as compared:
        states = [row.state for _ in range(3) for row in compared.compare("street-mild", "average")]
        assert (
            compared.declared_version("bad") is None and compared.declared_version("heap") == "3.1"
        )
    assert states == ["equal", "timeout"] * 3
    assert FakeWorker.calls.count(("bad", "start")) == 1


def test_a_backend_that_fails_does_not_merge_larger_graphs(monkeypatch):
    monkeypatch.setattr(check_and_time_backends, "Worker", FakeWorker)
    monkeypatch.setattr(check_and_time_backends, "SMALL_SIZE", SMALL_SIZE)
    FakeWorker.behaviour, FakeWorker.calls = {"bad": {WHOLE: "timeout"}}, []
    given = settings("heap", "bad", sizes=(SIZE, LARGER_SIZE))
    with check_and_time_backends.SpeedComparison(
        given, report_progress=lambda line: None
    ) as compared:
        rows = compared.compare("street-mild", "average")
    assert [(row.backend, row.size, row.state) for row in rows] == [
        ("heap", SIZE, "equal"),
        ("bad", SIZE, "timeout"),
        ("heap", LARGER_SIZE, "equal"),
        ("bad", LARGER_SIZE, "timeout"),
    ]
    assert rows[-1].reason == "a smaller graph was too much: backend bad: timeout"
    assert ("heap", LARGER) in FakeWorker.calls and ("bad", LARGER) not in FakeWorker.calls


def test_threads_are_at_most_those_that_a_backend_can_use(compare):
    rows = compare(settings("heap", "x:y", threads=8))
    assert (rows["heap"].threads, rows["x:y"].threads) == (2, 2)


def test_all_workers_get_the_same_threads_and_core(monkeypatch):
    made = []

    def worker(backend, threads, core, **limits):
        made.append((threads, core))
        return nullcontext()

    monkeypatch.setattr(check_and_time_backends, "Worker", worker)
    with check_and_time_backends.SpeedComparison(
        settings("heap", "x:y", threads=4), report_progress=lambda line: None
    ) as compared:
        assert made == [(4, compared.core)] * 4  # the baseline twice
