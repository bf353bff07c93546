"""The rows of a contest as a table to read."""

from collections.abc import Sequence

from merge_impls.fields import VERSION, field
from merge_impls.speed_comparison.comparison import ComparisonRow, small
from merge_impls.speed_comparison.settings import REFERENCE, ComparisonSettings
from merge_impls.text import format_shape, table, three_digits
from merge_impls.timing import Quartiles

RIGHT = range(3, 11)


def preamble(plan: ComparisonSettings, core: int | None) -> str:
    """What is measured, from where to where, and what a row has to do to have times."""
    problem = field(*plan.shape, plan.noises[0])
    pinned = "" if core is None else f"; one with one thread is pinned to core {core}"
    return "\n".join(
        [
            f"fields   version {VERSION}, {format_shape(plan.shape)}, seed 0: {problem.mask.sum():,} "
            f"foreground pixels, {problem.count_edges():,} edges; rounds in turns: {plan.rounds}",
            "times    milliseconds; a checked problem in memory (uint16 affinities and mask) in, "
            "labels, sizes, confidences and history out;",
            f"         each backend in a process of its own{pinned}",
            "         wall = conversion (the backend's own) + kernel (the merge, and checking it and "
            "deriving what the backend left out);",
            "         first call: of a tiny problem in a new process; CPU: of all threads",
            f"checked  to the bit, here and now: against {REFERENCE} on {format_shape(small(plan.shape))},"
            f" every round against {plan.large_field_reference} on {format_shape(plan.shape)}",
            f"trusted  {REFERENCE}, which does what the contract says step by step"
            + _also_trusted(plan),
        ]
    )


def _also_trusted(plan: ComparisonSettings) -> str:
    if plan.large_field_reference == REFERENCE:
        return ""
    return f"; {plan.large_field_reference}, if they agree here, as they do in the tests of this version"


def comparison_table(rows: Sequence[ComparisonRow], baseline: str) -> str:
    """A line for each row; times in milliseconds."""
    heading = (
        "backend",
        "noise",
        "linkage",
        "threads",
        "conversion",
        "first call",
        "kernel (quartiles)",
        "wall",
        "CPU",
        f"time / {baseline} (quartiles)",
        "peak MiB",
        "state",
    )
    return table([heading, *map(_cells, rows)], right=RIGHT)


def _cells(row: ComparisonRow) -> tuple[str, ...]:
    run = row.run
    threads = "" if row.threads is None else str(row.threads)
    head = row.backend, row.noise, row.linkage, threads
    if run is None:
        return *head, *[""] * 7, f"{row.state}: {row.reason}"
    return (
        *head,
        _milliseconds(run.conversion_seconds),
        _milliseconds([run.first_call_seconds]),
        _with_quartiles([1000 * seconds for seconds in run.kernel_seconds]),
        _milliseconds(run.seconds),
        _milliseconds(run.cpu_seconds),
        _with_quartiles(row.ratios),
        "" if run.peak_bytes is None else three_digits(run.peak_bytes / 2**20),
        row.state,
    )


def _milliseconds(seconds: Sequence[float]) -> str:
    return three_digits(1000 * Quartiles.of(seconds).median) if seconds else ""


def _with_quartiles(values: Sequence[float]) -> str:
    if not values:
        return ""
    quartiles = Quartiles.of(values)
    low, median, high = map(three_digits, (quartiles.low, quartiles.median, quartiles.high))
    return f"{median} ({low} to {high})"
