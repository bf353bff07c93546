"""Why a backend's merge is not the one that the contract asks for."""

import numpy as np

from merge_impls.conformance.explain.divergence import Divergence, MergeStep, step_at
from merge_impls.conformance.explain.edge_origins import origin_lines
from merge_impls.conformance.explain.guessed_rules import guessed_rule_lines, unrounded_weight
from merge_impls.conformance.explain.wording import (
    fraction,
    members,
    number,
    pair_of,
    threshold_of,
    vertex,
)
from merge_impls.conformance.literal import (
    Decision,
    Inherited,
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
        f"  the reference {_does(problem, step_at(expected, row))}",
        f"  the backend   {_does(problem, step_at(got, row))}",
    ]


def _does(problem: MergeProblem, row: MergeStep | None) -> str:
    if row is None:
        return "makes no further merge"
    return f"merges {pair_of(problem, row.pair)} at {number(row.weight)} in stage {row.stage}"


def merge_lines(divergence: Divergence) -> list[str]:
    """Which rule decides, and where the weights come from."""
    pairs = [row.pair for row in (divergence.expected, divergence.got) if row]
    order = [ANOTHER_ORDER] if divergence.same_merges else []
    return [*members(divergence.reference_decision, pairs), *_why(divergence), *order]


def _why(d: Divergence) -> list[str]:
    if d.got is None:
        return _stops(d)
    if not 0 <= d.got.stage < len(d.problem.thresholds):
        return [f"There is no stage {d.got.stage}: they are 0 .. {len(d.problem.thresholds) - 1}."]
    if d.expected and d.got.stage > d.expected.stage:
        return _stops(d)
    if d.backend_decision is None:
        return [f"Stage {d.got.stage} is over by then: a history goes from stage to stage."]
    faulty = _faulty_names(d)
    if faulty:
        return faulty
    edge = d.backend_decision.edges.get(d.got.pair)
    if edge is None:
        return _no_edge(d)
    if edge.weight.tobytes() != d.got.weight.tobytes():
        return _wrong_weight(d)
    if not d.backend_decision.merges:
        return _below(d)
    return _tie(d) if d.expected.weight == d.got.weight else _lighter(d)


def _stops(d: Divergence) -> list[str]:
    """The backend ends a stage, or everything, before the heaviest edge."""
    decision, pair = d.reference_decision, d.reference_decision.heaviest
    edge = decision.edges[pair]
    name, limit = pair_of(d.problem, pair), threshold_of(decision)
    reaches = f"{name} weighs {number(edge.weight)}, at least {limit}, so its ends are merged."
    if edge.weight == decision.threshold:
        reaches = (
            f"{name} weighs exactly {limit}, and an edge of the threshold's own weight merges: "
            "the rule is >=, not >."
        )
    lines = [f"The backend ends stage {decision.stage} too early.", reaches]
    if d.has_met_a_threshold and edge.weight == decision.threshold:
        lines.append("It follows that rule in a row before, so it lacks the edge or its weight.")
    elif edge.weight == decision.threshold:
        lines += unrounded_lines(d.problem, {pair: edge}, float(decision.threshold))
    if edge.weight == 0:
        lines.append("An affinity of 0 is an edge all the same.")
    return [*lines, *_may_be_lost(d, edge), *_origin(d, pair, edge)]


def _may_be_lost(d: Divergence, edge: SuperEdge) -> list[str]:
    """Why an edge is there although nothing of late has added to it."""
    stage = d.reference_decision.stage
    if stage not in d.problem.stages:
        return [
            f"Stage {stage} has no edges of its own, but those of earlier stages stay, and its "
            "threshold holds for them."
        ]
    if stage not in {each.stage for each in edge.pixel_edges}:
        return ["Edges of earlier stages stay, and the threshold of each later one holds for them."]
    if isinstance(edge.origin, Inherited):
        return ["An edge that only one of two merged super-vertices had is inherited, not dropped."]
    return []


def _origin(d: Divergence, pair: Pair, edge: SuperEdge) -> list[str]:
    return origin_lines(d.problem, pair, edge, d.previous.pairs)


def _faulty_names(d: Divergence) -> list[str]:
    """What is wrong with the two names in the backend's row, nothing if they are names."""
    for name in d.got.pair:
        if not 0 <= name < d.problem.num_vertices:
            return [f"There is no vertex {name}: they are 0 .. {d.problem.num_vertices - 1}."]
        if d.problem.is_grid and not d.problem.mask.flat[name]:
            return [f"Vertex {vertex(d.problem, name)} lies outside the mask and merges with none."]
    now = [d.backend_decision.names[name] for name in d.got.pair]
    if now[0] == now[1]:
        return [f"{d.got.pair[0]} and {d.got.pair[1]} are in one super-vertex already, {now[0]}."]
    same = ""
    if d.expected and sorted(now) == list(d.expected.pair):
        same = " So this is the right merge under another name."
    for name, held_by in zip(d.got.pair, now, strict=True):
        if name != held_by:
            row = [b for _, b in d.previous.pairs].index(name)
            return [
                f"{name} is no super-vertex any more: history[{row}] merged it into "
                f"{d.previous.pairs[row][0]}. A super-vertex is named by its smallest vertex.{same}"
            ]
    if d.got.pair[0] > d.got.pair[1]:
        return [f"A row names the smaller of the two first: a < b.{same}"]
    return []


def _no_edge(d: Divergence) -> list[str]:
    names, pair = d.backend_decision.names, pair_of(d.problem, d.got.pair)
    between = [e for e in every_pixel_edge(d.problem) if {names[e.u], names[e.v]} == {*d.got.pair}]
    lines = [f"There is no edge {pair} then, so its ends cannot be merged."]
    if between:
        later = min(e.stage for e in between)
        lines.append(
            f"The pixel edges between them belong to stage {later}, which has not begun: those of "
            "a stage are added when it begins."
        )
    elif d.problem.is_grid:
        lines.append(
            "Value [k, p] is the edge from pixel p to p + offset[k], and only where both lie in "
            "the grid and in the mask; no such edge runs between the two."
        )
    else:
        lines.append("No pixel edge of any stage runs between the vertices of the two.")
    return [*lines, *_heaviest_line(d.problem, d.backend_decision)]


def _wrong_weight(d: Divergence) -> list[str]:
    edge = d.backend_decision.edges[d.got.pair]
    linkage, pair = d.problem.linkage, pair_of(d.problem, d.got.pair)
    by_mean = f" = {fraction(edge)}" if linkage == "average" else ""
    lines = [
        f"The backend takes {pair} for {number(d.got.weight)}; with linkage {linkage!r} it weighs "
        f"{number(edge.weight)}{by_mean}."
    ]
    lines += guessed_rule_lines(edge, d.got.weight, linkage, d.previous.sizes)
    if not d.backend_decision.merges or d.backend_decision.heaviest != d.got.pair:
        lines += _heaviest_line(d.problem, d.backend_decision)
    return [*lines, *_origin(d, d.got.pair, edge)]


def _heaviest_line(problem: MergeProblem, decision: Decision) -> list[str]:
    """What the contract does at this moment instead."""
    if decision.heaviest is None:
        return [f"No two super-vertices are joined then, so stage {decision.stage} is over."]
    weight = decision.edges[decision.heaviest].weight
    name = f"The heaviest edge is {pair_of(problem, decision.heaviest)} at {number(weight)}"
    if decision.merges:
        return [f"{name}, and the heaviest goes first."]
    return [f"{name}, below {threshold_of(decision)}: the stage is over."]


def _below(d: Divergence) -> list[str]:
    """The weight is right, but too small."""
    decision, stage = d.backend_decision, d.got.stage
    lines = [
        f"{pair_of(d.problem, d.got.pair)} weighs {number(d.got.weight)}, less than "
        f"{threshold_of(decision)}, so the stage ends without this merge."
    ]
    if stage and decision.threshold > d.problem.thresholds[stage - 1]:
        lines.append(
            "Thresholds may rise from stage to stage; what reached an earlier one need not reach "
            "this one."
        )
    edge = decision.edges[d.got.pair]
    return [*lines, *_origin(d, d.got.pair, edge)]


def _tie(d: Divergence) -> list[str]:
    right, wrong = d.expected.pair, d.got.pair
    decides = f"The smaller ends are {right[0]} and {wrong[0]}"
    if right[0] == wrong[0]:
        decides = f"Both have {right[0]} as smaller end; the larger are {right[1]} and {wrong[1]}"
    weight = float(d.got.weight)
    edges = {pair: d.reference_decision.edges[pair] for pair in (right, wrong)}
    return [
        f"Both edges weigh exactly {number(weight)}, so the tie rule decides: {TIE_RULE}.",
        f"{decides}, so {pair_of(d.problem, right)} goes first.",
        *unrounded_lines(d.problem, edges, weight),
    ]


def _lighter(d: Divergence) -> list[str]:
    """The backend has the right weight for its edge, but a heavier one goes first."""
    pair = d.expected.pair
    edge = d.reference_decision.edges[pair]
    lines = [
        f"Of all edges of the whole graph the heaviest goes first: {pair_of(d.problem, pair)} at "
        f"{number(edge.weight)}. The backend passes over it."
    ]
    if d.later and d.later[1].tobytes() != edge.weight.tobytes():
        row, weight = d.later
        lines.append(f"It makes that merge in history[{row}], at {number(weight)}.")
        lines += guessed_rule_lines(edge, weight, d.problem.linkage, d.previous.sizes)
    else:
        lines += _may_be_lost(d, edge)
    return [*lines, *_origin(d, pair, edge)]


def unrounded_lines(
    problem: MergeProblem, edges: dict[Pair, SuperEdge], weight: float
) -> list[str]:
    """What only rounding makes equal to ``weight``, nothing if all of it is equal without."""
    exact = {pair: unrounded_weight(edge, problem.linkage) for pair, edge in edges.items()}
    if all(each == weight for each in exact.values()):
        return []
    values = ", ".join(f"{pair_of(problem, pair)} {each!r}" for pair, each in exact.items())
    return [f"Weights are rounded to float32 before they are compared. Without that: {values}."]
