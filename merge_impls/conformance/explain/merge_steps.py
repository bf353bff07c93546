"""Why a backend's merge is not the one that the contract asks for."""

import numpy as np

from merge_impls.conformance.explain.divergence import Parting, Row, row_at
from merge_impls.conformance.explain.edge_origins import origin_lines
from merge_impls.conformance.explain.guessed_rules import recognised, unrounded
from merge_impls.conformance.explain.wording import (
    fraction,
    members,
    number,
    pair_of,
    threshold_of,
    vertex,
)
from merge_impls.conformance.literal import (
    Inherited,
    Moment,
    Pair,
    SuperEdge,
    every_pixel_edge,
)
from merge_impls.problem import MergeProblem

TIE_RULE = (
    "of equal edges the one whose smaller end is larger goes first, then the one whose larger end "
    "is larger"
)

ANOTHER_ORDER = (
    "The backend makes the right merges in another order. One that merges parts of the graph on "
    "their own sorts each stage's merges by (weight, a, b), the largest first."
)


def headline(problem: MergeProblem, expected: np.ndarray, got: np.ndarray, row: int) -> list[str]:
    """What two histories say in a row, the first in which they differ."""
    return [
        f"history[{row}] is the first row that differs.",
        f"  the reference {_does(problem, row_at(expected, row))}",
        f"  the backend   {_does(problem, row_at(got, row))}",
    ]


def _does(problem: MergeProblem, row: Row | None) -> str:
    if row is None:
        return "makes no further merge"
    return f"merges {pair_of(problem, row.pair)} at {number(row.weight)} in stage {row.stage}"


def merge_lines(parting: Parting) -> list[str]:
    """Which rule decides, and where the weights come from."""
    pairs = [row.pair for row in (parting.expected, parting.got) if row]
    order = [ANOTHER_ORDER] if parting.same_merges else []
    return [*members(parting.decision, pairs), *_why(parting), *order]


def _why(p: Parting) -> list[str]:
    if p.got is None:
        return _stops(p)
    if not 0 <= p.got.stage < len(p.problem.thresholds):
        return [f"There is no stage {p.got.stage}: they are 0 .. {len(p.problem.thresholds) - 1}."]
    if p.expected and p.got.stage > p.expected.stage:
        return _stops(p)
    if p.judged is None:
        return [f"Stage {p.got.stage} is over by then: a history goes from stage to stage."]
    faulty = _faulty_names(p)
    if faulty:
        return faulty
    edge = p.judged.edges.get(p.got.pair)
    if edge is None:
        return _no_edge(p)
    if edge.weight.tobytes() != p.got.weight.tobytes():
        return _wrong_weight(p)
    if not p.judged.merges:
        return _below(p)
    return _tie(p) if p.expected.weight == p.got.weight else _lighter(p)


def _stops(p: Parting) -> list[str]:
    """The backend ends a stage, or everything, before the heaviest edge."""
    moment, pair = p.decision, p.decision.heaviest
    edge = moment.edges[pair]
    name, limit = pair_of(p.problem, pair), threshold_of(moment)
    reaches = f"{name} weighs {number(edge.weight)}, at least {limit}, so its ends are merged."
    if edge.weight == moment.threshold:
        reaches = (
            f"{name} weighs exactly {limit}, and an edge of the threshold's own weight merges: "
            "the rule is >=, not >."
        )
    lines = [f"The backend ends stage {moment.stage} too early.", reaches]
    if p.has_met_a_threshold and edge.weight == moment.threshold:
        lines.append("It follows that rule in a row before, so it lacks the edge or its weight.")
    elif edge.weight == moment.threshold:
        lines += unrounded_lines(p.problem, {pair: edge}, float(moment.threshold))
    if edge.weight == 0:
        lines.append("An affinity of 0 is an edge all the same.")
    return [*lines, *_may_be_lost(p, edge), *_origin(p, pair, edge)]


def _may_be_lost(p: Parting, edge: SuperEdge) -> list[str]:
    """Why an edge is there although nothing of late has added to it."""
    stage = p.decision.stage
    if stage not in p.problem.stages:
        return [
            f"Stage {stage} has no edges of its own, but those of earlier stages stay, and its "
            "threshold holds for them."
        ]
    if stage not in {each.stage for each in edge.pixel_edges}:
        return ["Edges of earlier stages stay, and the threshold of each later one holds for them."]
    if isinstance(edge.origin, Inherited):
        return ["An edge that only one of two merged super-vertices had is inherited, not dropped."]
    return []


def _origin(p: Parting, pair: Pair, edge: SuperEdge) -> list[str]:
    return origin_lines(p.problem, pair, edge, p.course.merged)


def _faulty_names(p: Parting) -> list[str]:
    """What is wrong with the two names in the backend's row, nothing if they are names."""
    for name in p.got.pair:
        if not 0 <= name < p.problem.num_vertices:
            return [f"There is no vertex {name}: they are 0 .. {p.problem.num_vertices - 1}."]
        if p.problem.is_grid and not p.problem.mask.flat[name]:
            return [f"Vertex {vertex(p.problem, name)} lies outside the mask and merges with none."]
    now = [p.judged.names[name] for name in p.got.pair]
    if now[0] == now[1]:
        return [f"{p.got.pair[0]} and {p.got.pair[1]} are in one super-vertex already, {now[0]}."]
    same = ""
    if p.expected and sorted(now) == list(p.expected.pair):
        same = " So this is the right merge under another name."
    for name, held_by in zip(p.got.pair, now, strict=True):
        if name != held_by:
            row = [b for _, b in p.course.merged].index(name)
            return [
                f"{name} is no super-vertex any more: history[{row}] merged it into "
                f"{p.course.merged[row][0]}. A super-vertex is named by its smallest vertex.{same}"
            ]
    if p.got.pair[0] > p.got.pair[1]:
        return [f"A row names the smaller of the two first: a < b.{same}"]
    return []


def _no_edge(p: Parting) -> list[str]:
    names, pair = p.judged.names, pair_of(p.problem, p.got.pair)
    between = [e for e in every_pixel_edge(p.problem) if {names[e.u], names[e.v]} == {*p.got.pair}]
    lines = [f"There is no edge {pair} then, so its ends cannot be merged."]
    if between:
        later = min(e.stage for e in between)
        lines.append(
            f"The pixel edges between them belong to stage {later}, which has not begun: those of "
            "a stage are added when it begins."
        )
    elif p.problem.is_grid:
        lines.append(
            "Value [k, p] is the edge from pixel p to p + offset[k], and only where both lie in "
            "the grid and in the mask; no such edge runs between the two."
        )
    else:
        lines.append("No pixel edge of any stage runs between the vertices of the two.")
    return [*lines, *_heaviest_line(p.problem, p.judged)]


def _wrong_weight(p: Parting) -> list[str]:
    edge = p.judged.edges[p.got.pair]
    linkage, pair = p.problem.linkage, pair_of(p.problem, p.got.pair)
    by_mean = f" = {fraction(edge)}" if linkage == "average" else ""
    lines = [
        f"The backend takes {pair} for {number(p.got.weight)}; with linkage {linkage!r} it weighs "
        f"{number(edge.weight)}{by_mean}."
    ]
    lines += recognised(edge, p.got.weight, linkage, p.course.sizes)
    if not p.judged.merges or p.judged.heaviest != p.got.pair:
        lines += _heaviest_line(p.problem, p.judged)
    return [*lines, *_origin(p, p.got.pair, edge)]


def _heaviest_line(problem: MergeProblem, moment: Moment) -> list[str]:
    """What the contract does at this moment instead."""
    if moment.heaviest is None:
        return [f"No two super-vertices are joined then, so stage {moment.stage} is over."]
    weight = moment.edges[moment.heaviest].weight
    name = f"The heaviest edge is {pair_of(problem, moment.heaviest)} at {number(weight)}"
    if moment.merges:
        return [f"{name}, and the heaviest goes first."]
    return [f"{name}, below {threshold_of(moment)}: the stage is over."]


def _below(p: Parting) -> list[str]:
    """The weight is right, but too small."""
    moment, stage = p.judged, p.got.stage
    lines = [
        f"{pair_of(p.problem, p.got.pair)} weighs {number(p.got.weight)}, less than "
        f"{threshold_of(moment)}, so the stage ends without this merge."
    ]
    if stage and moment.threshold > p.problem.thresholds[stage - 1]:
        lines.append(
            "Thresholds may rise from stage to stage; what reached an earlier one need not reach "
            "this one."
        )
    edge = moment.edges[p.got.pair]
    return [*lines, *_origin(p, p.got.pair, edge)]


def _tie(p: Parting) -> list[str]:
    right, wrong = p.expected.pair, p.got.pair
    decides = f"The smaller ends are {right[0]} and {wrong[0]}"
    if right[0] == wrong[0]:
        decides = f"Both have {right[0]} as smaller end; the larger are {right[1]} and {wrong[1]}"
    weight = float(p.got.weight)
    edges = {pair: p.decision.edges[pair] for pair in (right, wrong)}
    return [
        f"Both edges weigh exactly {number(weight)}, so the tie rule decides: {TIE_RULE}.",
        f"{decides}, so {pair_of(p.problem, right)} goes first.",
        *unrounded_lines(p.problem, edges, weight),
    ]


def _lighter(p: Parting) -> list[str]:
    """The backend has the right weight for its edge, but a heavier one goes first."""
    pair = p.expected.pair
    edge = p.decision.edges[pair]
    lines = [
        f"Of all edges of the whole graph the heaviest goes first: {pair_of(p.problem, pair)} at "
        f"{number(edge.weight)}. The backend passes over it."
    ]
    if p.later and p.later[1].tobytes() != edge.weight.tobytes():
        row, weight = p.later
        lines.append(f"It makes that merge in history[{row}], at {number(weight)}.")
        lines += recognised(edge, weight, p.problem.linkage, p.course.sizes)
    else:
        lines += _may_be_lost(p, edge)
    return [*lines, *_origin(p, pair, edge)]


def unrounded_lines(
    problem: MergeProblem, edges: dict[Pair, SuperEdge], weight: float
) -> list[str]:
    """What only rounding makes equal to ``weight``, nothing if all of it is equal without."""
    exact = {pair: unrounded(edge, problem.linkage) for pair, edge in edges.items()}
    if all(each == weight for each in exact.values()):
        return []
    values = ", ".join(f"{pair_of(problem, pair)} {each!r}" for pair, each in exact.items())
    return [f"Weights are rounded to float32 before they are compared. Without that: {values}."]
