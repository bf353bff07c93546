"""The line that says which check of ``merge-impls validate`` runs, and for how long."""

import io

from merge_impls.commands.check_progress import CheckProgress
from merge_impls.conformance.outcomes import CheckState, Outcome, Verdict

CHECKS = ["worked/one", "fields/small", "fields/large"]


class Terminal(io.StringIO):
    def isatty(self):
        return True


def progress_at(output, times):
    """The progress of the check fields/large, shown at these seconds after its start."""
    now = [0.0]
    progress = CheckProgress(CHECKS, output, lambda: now[0])
    now[0] = 5.0
    progress.begin_check("fields/large")
    for seconds in times:
        now[0] = 5.0 + seconds
        progress.show()
    return progress


def test_a_terminal_shows_the_check_its_group_and_both_times():
    output = Terminal()
    progress = progress_at(output, [12.0])
    line = "check 3 of 3, fields 2 of 2: fields/large: 12 s; 17 s in all"
    assert output.getvalue().endswith(line)
    progress.end_check()
    assert output.getvalue().endswith("\r\x1b[K")


def test_a_file_gets_a_line_a_minute_and_none_for_a_short_check():
    output = io.StringIO()
    progress_at(output, [1.0, 59.0])
    assert output.getvalue() == ""
    progress_at(output, [61.0, 62.0, 122.0])
    lines = output.getvalue().splitlines()
    assert [line.partition("large: ")[2] for line in lines] == ["61 s; 66 s in all"] + [
        "122 s; 127 s in all"
    ]


def test_nothing_is_shown_between_two_checks():
    output = Terminal()
    progress = CheckProgress(CHECKS, output)
    progress.show()
    progress.end_check()
    assert output.getvalue() == ""


def test_a_verdict_has_the_time_of_each_group_without_skipped_checks():
    outcomes = (
        Outcome("worked/one", CheckState.PASSED, 1, 0.5),
        Outcome("fields/small", CheckState.SKIPPED, 0, 9.0, "not supported"),
        Outcome("fields/large", CheckState.FAILED, 1, 2.25),
        Outcome("fields/larger", CheckState.PASSED, 1, 1.0),
    )
    lines = Verdict("mine", "", "networkx", 0, 1, outcomes).closing_lines()
    assert lines[0].startswith("skipped ") and lines[2].startswith("mine does NOT")
    assert lines[1].split() == "time 3.8 s: worked 0.5 s, fields 3.2 s".split()
