"""The view of a run: its parts, the states of merges, the slowest method and the time left, in one line."""

import io

import pytest

from bench.runner.run_view import RunView
from merge_impls.timing import TimedRun


class Terminal(io.StringIO):
    def isatty(self):
        return True


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


def test_the_view_counts_states_and_names_the_slowest_method(clock):
    view = RunView("small", output=io.StringIO(), clock=clock)
    view.begin_part("merges", 8)
    view.count_runs(
        {"c": TimedRun(None, seconds=[0.1, 0.3]), "mine": TimedRun(None, seconds=[2.0])}
    )
    view.count_runs({"c": TimedRun(None, seconds=[0.2], difference="labels differ")})
    view.count_runs({"mine": TimedRun(None, failed="no answer", kind="timeout")})
    view.count("unavailable")
    assert "small: merges 0 of 8; results: 2 ok, 1 timeout, 1 unavailable, 1 wrong" in view.text()
    assert "slowest mine, 2 s a merge" in view.text()


def test_the_time_left_is_that_of_this_part_and_of_those_to_come(clock):
    view = RunView("small", {"merges": 5.0, "star": 30.0, "hubs": None}, io.StringIO(), clock)
    view.begin_part("merges", 4)
    assert "30 s left and 2 parts of unknown time" in view.text()
    clock.now = 50  # the first merge also starts the processes
    view.advance()
    assert "merges 1 of 4; 30 s left and 2 parts of unknown time" in view.text()
    clock.now = 60
    view.advance()
    assert "merges 2 of 4, 10 s an image of a row" in view.text()
    assert "50 s left and 1 part of unknown time" in view.text()
    view.begin_part("star", 1)
    view.begin_part("hubs", 1)
    view.advance()
    assert view.text().endswith("; 0 s left")


def test_without_a_terminal_there_is_a_line_a_minute_and_one_at_the_end(clock):
    output = io.StringIO()
    view = RunView("small", output=output, clock=clock)
    view.begin_part("merges", 120)
    for second in range(120):
        clock.now = float(second)
        view.advance()
    view.close()
    view.close()
    lines = output.getvalue().splitlines()
    assert len(lines) == 2 and lines[1].startswith("small: merges 120 of 120")
    assert "\r" not in output.getvalue()


def test_on_a_terminal_one_line_changes(clock):
    output = Terminal()
    view = RunView("small", output=output, clock=clock)
    view.begin_part("merges", 2)
    view.advance()
    view.close()
    assert "\r" in output.getvalue() and "merges 1 of 2" in output.getvalue()


def test_a_run_without_measurements_shows_nothing(clock):
    output = io.StringIO()
    RunView("small", output=output, clock=clock).close()
    assert output.getvalue() == ""


def test_by_default_lines_go_to_stderr(capsys):
    view = RunView("small")
    view.begin_part("merges", 1)
    view.close()
    captured = capsys.readouterr()
    assert captured.out == "" and "merges" in captured.err
