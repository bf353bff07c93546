"""Seeds for the fuzzer: small problems, encoded as the bytes that ``case_make`` in cases.c reads.

``python seeds.py FOLDER`` writes one file for each problem.
"""

import random
import sys
from itertools import combinations
from pathlib import Path

LONGEST = 24  # must equal LONGEST in fuzz.c
LINKAGES = ("average", "weighted", "single", "complete")


def number(value: int, limit: int) -> list[int]:
    """Encode a number below a limit: in one byte, or in two bytes if the limit is above 256."""
    return [value % 256, value // 256] if limit > 256 else [value]


def problem(
    form: int, linkage: int, threads: int, levels: list[int], thresholds: list[int]
) -> list[int]:
    """Encode the beginning of a problem.

    form: 0 for a graph, 1 for a grid. linkage: an index of ``LINKAGES``.
    levels: the values that affinities can have, in fifteenths. thresholds: in fifteenths.
    """
    counts = (threads - 1) << 1 | (len(thresholds) - 1) << 3 | (len(levels) - 1) << 5
    return [form | counts, linkage, *levels, *thresholds]


def affinities(which: list[int]) -> list[int]:
    """Encode affinities as indices of levels, four in a byte."""
    padded = [*which, *[0] * (-len(which) % 4)]
    return [a | b << 2 | c << 4 | d << 6 for a, b, c, d in zip(*[iter(padded)] * 4, strict=True)]


def graph(
    vertices: int, *stages: list[tuple[int, int, int]], counts: bool = False, **begin
) -> bytes:
    """Encode a graph.

    stages: for each stage, its edges (u, v, index of a level). counts: whether its edges have counts.
    begin: the arguments of ``problem``.
    """
    edges = [edge for stage in stages for edge in stage]
    written = problem(0, **begin) + number(vertices - 1, LONGEST**2 // 2)
    for stage in stages:
        written += number(len(stage), 3 * vertices) if vertices > 1 else []
    for u, v, _ in edges:
        written += number(u, vertices) + number((v - u) % vertices - 1, vertices - 1)
    written += affinities([level for _, _, level in edges])
    if counts:
        drawn = random.Random(0)
        written += [1, *(drawn.randrange(256) for _ in range(2 * len(edges)))]
    return bytes(written)


def grid(shape, offsets, missing: int = 0, rows: int = 0, **begin) -> bytes:
    """Encode a grid.

    offsets: (dz, dy, dx, stage) each. missing: the share of pixels outside the mask, in 127ths.
    rows: the number of rows of each offset with random affinities; all others have level 0.
    begin: the arguments of ``problem``.
    """
    drawn = random.Random(0)
    depth, height, width = shape
    written = problem(1, **begin) + ([0] if depth == 1 else [255, depth - 1])
    written += [height - 1, width - 1, len(offsets)]
    for *offset, stage in offsets:
        reach = 2 if max(map(abs, offset)) <= 2 else LONGEST
        written += [0 if reach == 2 else 255, *(step + reach for step in offset), stage]
    pixels = depth * height * width
    if missing:
        written += [128 + missing, *(drawn.randrange(256) for _ in range(pixels))]
    else:
        written += [0]
    return bytes(written + [drawn.randrange(256) for _ in range(len(offsets) * rows * width // 4)])


def seeds(linkage: int, threads: int) -> dict[str, bytes]:
    """Encode all problems, by name."""
    flat = {"linkage": linkage, "threads": threads, "levels": [12], "thresholds": [8]}
    hilly = flat | {"levels": [15, 11, 8, 3], "thresholds": [13, 9]}
    near = [(0, 0, 1, 0), (0, 1, 0, 0)]
    far = [(0, 0, 4, 1), (0, 4, 0, 1), (0, 3, -3, 1)]
    ring = [(v, (v + 1) % 12, 0) for v in range(12)]
    clique = [(u, v, 0) for u, v in combinations(range(8), 2)]
    other = [(u + 8, v + 8, 1) for u, v, _ in clique]
    return {
        "one vertex": graph(1, [], **flat),
        "vertices without edges": graph(40, [], [(3, 30, 0)], **flat | {"thresholds": [8, 0]}),
        "ring of equals": graph(12, ring, **flat),
        "star": graph(30, [(0, v, v % 4) for v in range(1, 30)], **hilly | {"thresholds": [0]}),
        "same two vertices again": graph(
            3, [(0, 1, k % 4) for k in range(8)], [(2, 1, 3)], **hilly
        ),
        "two cliques and a bridge": graph(16, clique + other, [(7, 8, 2), (0, 15, 3)], **hilly),
        "two cliques with counts": graph(
            16, clique + other, [(7, 8, 2), (0, 15, 3)], counts=True, **hilly
        ),
        "weight equal to the threshold": graph(
            4, [(0, 1, 0), (2, 3, 0), (1, 2, 0)], **flat | {"thresholds": [12]}
        ),
        "hardly any foreground": grid((1, 9, 9), near, missing=127, **flat),
        "no channels": grid((1, 3, 5), [], **flat),
        "row": grid((1, 1, 24), near[:1], **flat),
        "square of equal affinities": grid((1, 10, 10), near, **flat),
        "hilly square": grid((1, 12, 12), near + far, rows=12, **hilly),
        "square with holes": grid((1, 12, 12), near + far, missing=40, rows=12, **hilly),
        "edges only in the second stage": grid((1, 6, 6), far, rows=6, **hilly),
        "box": grid((4, 6, 6), [(1, 0, 0, 0), *near, (1, 1, -1, 1)], rows=24, **hilly),
    }


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for linkage, name in enumerate(LINKAGES):
        for threads in (1, 3):
            for seed, written in seeds(linkage, threads).items():
                (folder / f"{seed}, {name}, {threads}".replace(" ", "_")).write_bytes(written)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
