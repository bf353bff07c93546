"""The rows of a contest as a table to read."""

from collections.abc import Sequence

from merge_impls.fields import VERSION, field
from merge_impls.pixel_edges import count_edges
from merge_impls.speed.contest import Row, small, written
from merge_impls.speed.plan import REFERENCE, Plan
from merge_impls.speed.statistics import Spread, kernel_seconds
from merge_impls.text import table, three_digits

RIGHT = range(3, 11)


def preamble(plan: Plan, core: int | None) -> str:
    """What is measured, from where to where, and what a row has to do to have times."""
    problem = field(*plan.shape, plan.noises[0])
    pinned = "" if core is None else f"; one with one thread is pinned to core {core}"
    return "\n".join(
        [
            f"fields   version {VERSION}, {written(plan.shape)}, seed 0: {problem.mask.sum():,} "
            f"foreground pixels, {count_edges(problem):,} edges; rounds in turns: {plan.rounds}",
            "times    milliseconds; a checked problem in memory (uint16 affinities and mask) in, "
            "labels, sizes, confidences and history out;",
            f"         each backend in a process of its own{pinned}",
            "         wall = conversion (the backend's own) + kernel (the merge, and checking it and "
            "deriving what the backend left out);",
            "         first call: of a tiny problem in a new process; CPU: of all threads",
            f"checked  to the bit, here and now: against {REFERENCE} on {written(small(plan.shape))},"
            f" every round against {plan.trusted} on {written(plan.shape)}",
            f"trusted  {REFERENCE}, which does what the contract says step by step"
            + _also_trusted(plan),
        ]
    )


def _also_trusted(plan: Plan) -> str:
    if plan.trusted == REFERENCE:
        return ""
    return f"; {plan.trusted}, if they agree here, as they do in the tests of this version"


def written_table(rows: Sequence[Row], baseline: str) -> str:
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


def _cells(row: Row) -> tuple[str, ...]:
    run = row.run
    threads = "" if row.threads is None else str(row.threads)
    head = row.backend, row.noise, row.linkage, threads
    if run is None:
        return *head, *[""] * 7, f"{row.state}: {row.reason}"
    return (
        *head,
        _milliseconds(run.conversion_seconds),
        _milliseconds([run.first_call_seconds]),
        _with_quartiles([1000 * seconds for seconds in kernel_seconds(run)]),
        _milliseconds(run.seconds),
        _milliseconds(run.cpu_seconds),
        _with_quartiles(row.ratios),
        "" if run.peak_bytes is None else three_digits(run.peak_bytes / 2**20),
        row.state,
    )


def _milliseconds(seconds: Sequence[float]) -> str:
    return three_digits(1000 * Spread.of(seconds).median) if seconds else ""


def _with_quartiles(values: Sequence[float]) -> str:
    if not values:
        return ""
    spread = Spread.of(values)
    low, median, high = map(three_digits, (spread.low, spread.median, spread.high))
    return f"{median} ({low} to {high})"
