"""Formats the tables of a comparison for the terminal, and the explanation above them."""

from collections.abc import Sequence

from merge_impls.fields import FAMILIES, VERSION, reason_family_is_missing
from merge_impls.measurement_statistics import Interval, median_interval, timing_warnings
from merge_impls.speed_comparison.check_and_time_backends import SMALL_SIZE, ComparisonRow
from merge_impls.speed_comparison.growth import Growth
from merge_impls.speed_comparison.settings import REFERENCE, ComparisonSettings
from merge_impls.text_formats import format_table, format_three_digits
from merge_impls.timing import Quartiles

NUMBER_COLUMNS = (2, 3, *range(5, 12), 13)
"""The indices of the columns of ``comparison_table`` that contain numbers."""


SHOWN_PLACES = 2
"""A warning names this many rows, and the number of the others."""

SIZE_TOLERANCE = 0.25
"""If the number of edges differs from the requested size by more than this share, a note says so."""


def preamble(settings: ComparisonSettings, core: int | None) -> str:
    """The lines above the tables: what is merged, what times include, and how results are checked."""
    sizes, reference = (
        ", ".join(f"{size:,}" for size in settings.sizes),
        settings.large_graph_reference,
    )
    pinned = "" if core is None else f"; a process of one thread is pinned to core {core}"
    base = settings.baseline
    return "\n".join(
        [
            f"graphs     version {VERSION}, seed 0, about {sizes} edges each (column edges): "
            f"{', '.join(settings.families)}; interleaved rounds: {settings.rounds}",
            *_lines_on_missing_families(settings.families),
            "times      milliseconds, from a checked problem in memory (uint16 affinities; a mask or "
            "edges) to labels, sizes, confidences and history;",
            f"           each backend in a process of its own{pinned}",
            "           wall = conversion (the backend's own) + kernel (the merge, checking its "
            "result and deriving what it left out);",
            "           first call: of a tiny problem in a new process; CPU: of all threads",
            f"speed      N x {base} = the time of {base} / the time of the backend, in the same round; "
            "above 1 is faster",
            f"verdict    indistinguishable from {base} unless the whole interval of the ratio (bootstrap of "
            "the rounds)",
            f"           is farther from 1 than two processes of {base} are from each other (noise floor)",
            f"checked    to the bit: on a graph of at most {SMALL_SIZE:,} edges of each family against "
            f"{REFERENCE}, on all sizes every round against {reference}",
            "state      equal to the reference, or approximate: the backend declares that its results may "
            "differ;",
            "           adjusted Rand 1 and variation of information 0 (in bits) are full agreement",
            f"reference  {REFERENCE}, which follows the contract step by step"
            + _note_on_large_graph_reference(reference),
        ]
    )


def _lines_on_missing_families(families: Sequence[str]) -> list[str]:
    """One line for each family that cannot be made here; [] unless all other families are timed."""
    reasons = {name: reason_family_is_missing(name) for name in FAMILIES}
    if any(not reason and name not in families for name, reason in reasons.items()):
        return []
    return [f"skipped    {name}: {reason}" for name, reason in reasons.items() if reason]


def notes_on_times(rows: Sequence[ComparisonRow]) -> list[str]:
    """One line with the noise floors, and one for each kind of warning of ``timing_warnings``."""
    floors = [floor for row in rows if (floor := row.noise_floor) is not None]
    notes = [f"noise floor: {min(floors):.1%} to {max(floors):.1%}"] if floors else []
    places: dict[str, list[str]] = {}
    for row in rows:
        if row.run:
            place = f"{row.backend} on {row.family} {row.size:,}, {row.linkage}"
            for warning in timing_warnings(row.run.seconds, row.run.cpu_seconds, row.threads):
                kind, _, figures = warning.partition(": ")
                places.setdefault(kind, []).append(f"{place} ({figures})")
    return notes + [_warning_line(kind, found) for kind, found in places.items()]


def _warning_line(kind: str, places: Sequence[str]) -> str:
    more = f" and {len(places) - SHOWN_PLACES} more" if len(places) > SHOWN_PLACES else ""
    return f"warning: {kind}: {'; '.join(places[:SHOWN_PLACES])}{more}"


def note_on_sizes(rows: Sequence[ComparisonRow]) -> str:
    """One line with the graphs whose edges differ too much from the size; "" if there are none."""
    graphs = {(row.family, row.size): row.edges for row in rows}
    far = [
        f"{family} {size:,}: {edges:,}"
        for (family, size), edges in graphs.items()
        if abs(edges - size) > SIZE_TOLERANCE * size
    ]
    why = "a small grid has few long pairs, and a mask leaves pairs out"
    return f"edges far from the size ({why}): {'; '.join(far)}" if far else ""


def _note_on_large_graph_reference(reference: str) -> str:
    if reference == REFERENCE:
        return ""
    return f"; on all sizes {reference} is the reference, if both agree on the small graph"


def comparison_table(rows: Sequence[ComparisonRow], baseline: str) -> str:
    """The table with one line for each of ``rows``. Times are in milliseconds."""
    heading = (
        *("backend", "family", "size", "edges", "linkage", "threads"),
        "conversion",
        "first call",
        "kernel (95% interval)",
        "wall",
        "CPU",
        f"N x {baseline} (95% interval)",
        "verdict",
        "peak MiB",
        "state",
    )
    lines = [_comparison_table_row(row, baseline) for row in rows]
    return format_table([heading, *lines], right=NUMBER_COLUMNS)


def _comparison_table_row(row: ComparisonRow, baseline: str) -> tuple[str, ...]:
    run = row.run
    threads = "" if row.threads is None else str(row.threads)
    head = row.backend, row.family, f"{row.size:,}", f"{row.edges:,}", row.linkage, threads
    if run is None:
        return *head, *[""] * 8, f"{row.state}: {row.reason}"
    first_call = [] if run.first_call_seconds is None else [run.first_call_seconds]
    return (
        *head,
        _format_median_milliseconds(run.conversion_seconds),
        _format_median_milliseconds(first_call),
        _format_interval(median_interval([1000 * each for each in run.seconds_without_conversion])),
        _format_median_milliseconds(run.seconds),
        _format_median_milliseconds(run.cpu_seconds),
        _format_interval(median_interval(row.ratios).inverse()) if row.ratios else "",
        "" if row.backend == baseline else row.verdict,
        "" if run.peak_bytes is None else format_three_digits(run.peak_bytes / 2**20),
        f"approximate: {run.agreement}" if run.agreement else row.state,
    )


def growth_table(growths: Sequence[Growth]) -> str:
    """The table with one line for each of ``growths``; "" if there are none."""
    if not growths:
        return ""
    heading = "backend", "family", "linkage", "edges", "exponent of CPU time against edges"
    lines = [
        (
            each.backend,
            each.family,
            each.linkage if each.exact else f"{each.linkage} (approximate)",
            f"{each.edges[0]:,} to {each.edges[-1]:,}",
            f"{each.exponent:.2f}",
        )
        for each in growths
    ]
    return format_table([heading, *lines], right=(3, 4))


def _format_median_milliseconds(seconds: Sequence[float]) -> str:
    return format_three_digits(1000 * Quartiles.of_values(seconds).median) if seconds else ""


def _format_interval(interval: Interval) -> str:
    low, median, high = map(format_three_digits, (interval.low, interval.value, interval.high))
    return f"{median} ({low} to {high})"
