"""Explain why a backend's merge is not the one that the contract requires."""

from merge_impls.arrays import StructuredArray
from merge_impls.conformance.explain.divergence import Divergence, MergeStep, merge_step_at
from merge_impls.conformance.explain.edge_origins import origin_lines
from merge_impls.conformance.explain.guessed_rules import guessed_rule_lines, unrounded_weight
from merge_impls.conformance.explain.problem_text import (
    member_lines,
    pair_text,
    threshold_text,
    vertex_text,
)
from merge_impls.conformance.linkages import LINKAGES
from merge_impls.conformance.literal_merge import (
    DecisionState,
    Inherited,
    Pair,
    SuperEdge,
    every_pixel_edge,
)
from merge_impls.problem import MergeProblem
from merge_impls.text_formats import format_float32

TIE_RULE = (
    "an edge is named by its two vertices; of two edges, the one whose smaller vertex is larger merges "
    "first; if these are equal, the one whose larger vertex is larger"
)

ANOTHER_ORDER = (
    "The backend makes the right merges in another order. Within a stage, the history is in descending "
    "order of (weight, a, b); a backend that merges parts of the graph independently must sort it."
)


def first_different_row_lines(
    problem: MergeProblem, expected: StructuredArray, got: StructuredArray, row: int
) -> list[str]:
    """Show ``row`` of both histories, the first row in which they differ."""
    return [
        f"history[{row}] is the first row that differs.",
        f"  the reference {_merge_step_text(problem, merge_step_at(expected, row))}",
        f"  the backend   {_merge_step_text(problem, merge_step_at(got, row))}",
    ]


def _merge_step_text(problem: MergeProblem, step: MergeStep | None) -> str:
    if step is None:
        return "makes no further merge"
    return f"merges {pair_text(problem, step.pair)} at {format_float32(step.weight)} in stage {step.stage}"


def wrong_merge_lines(divergence: Divergence) -> list[str]:
    """Explain which rule of the contract the backend breaks, and where the weights come from."""
    pairs = [step.pair for step in (divergence.expected, divergence.got) if step]
    order = [ANOTHER_ORDER] if divergence.same_merges_in_another_order else []
    return [
        *member_lines(divergence.reference_decision, pairs),
        *_first_broken_rule_lines(divergence),
        *order,
    ]


def _first_broken_rule_lines(d: Divergence) -> list[str]:
    """Find the first rule that the backend's row breaks: on stages, on vertices, then on edges."""
    got, decision, stages = d.got, d.backend_decision, len(d.problem.thresholds)
    if got is None:
        return _early_stop_lines(d)
    if not 0 <= got.stage < stages:
        return [f"There is no stage {got.stage}: stages are 0 .. {stages - 1}."]
    if d.expected and got.stage > d.expected.stage:
        return _early_stop_lines(d)
    if decision is None:
        return [
            f"Stage {got.stage} has ended before this row: the history is in the order of the stages."
        ]
    return _wrong_pair_lines(d, got, decision) or _wrong_edge_lines(d, got, decision)


def _wrong_edge_lines(d: Divergence, got: MergeStep, decision: DecisionState) -> list[str]:
    """Explain what is wrong with the edge between the two super-vertices that the backend merges."""
    edge = decision.edges.get(got.pair)
    if edge is None:
        return _missing_edge_lines(d.problem, got.pair, decision)
    if edge.weight.tobytes() != got.weight.tobytes():
        return _wrong_weight_lines(d, got, decision)
    if d.expected is None or decision.next_merge is None:
        return _below_threshold_lines(d, got, decision)
    if d.expected.weight == got.weight:
        return _tie_lines(d, d.expected.pair, got)
    return _heavier_edge_lines(d, d.expected.pair)


def _early_stop_lines(d: Divergence) -> list[str]:
    """Explain that the backend ends a stage although the heaviest edge still reaches its threshold."""
    decision = d.reference_decision
    pair = decision.next_merge
    assert pair is not None
    edge = decision.edges[pair]
    lines = [
        f"The backend ends stage {decision.stage} too early.",
        _reached_threshold_line(d.problem, decision, pair),
    ]
    if d.earlier_merge_at_threshold and edge.weight == decision.threshold:
        lines.append(
            "In an earlier row the backend merges at the threshold, so here it lacks the edge or gives it "
            "another weight."
        )
    elif edge.weight == decision.threshold:
        lines += unrounded_weight_lines(d.problem, {pair: edge}, float(decision.threshold))
    if edge.weight == 0:
        lines.append("An edge of affinity 0 is still an edge.")
    return [*lines, *_rule_that_keeps_edge_lines(d, edge), *_origin_lines(d, pair, edge)]


def _reached_threshold_line(problem: MergeProblem, decision: DecisionState, pair: Pair) -> str:
    name, limit = pair_text(problem, pair), threshold_text(decision)
    weight = decision.edges[pair].weight
    if weight == decision.threshold:
        return (
            f"{name} weighs exactly {limit}, and an edge whose weight equals the threshold is merged: "
            "the rule is >=, not >."
        )
    return f"{name} weighs {format_float32(weight)}, at least {limit}, so it is merged."


def _rule_that_keeps_edge_lines(d: Divergence, edge: SuperEdge) -> list[str]:
    """Explain which rule keeps an edge that an earlier stage added or that was inherited; else []."""
    stage = d.reference_decision.stage
    if stage not in d.problem.stages:
        return [
            f"Stage {stage} has no edges of its own, but the edges of earlier stages stay, and the "
            f"threshold of stage {stage} applies to them."
        ]
    if stage not in {each.stage for each in edge.pixel_edges}:
        return [
            "Edges of earlier stages stay, and the threshold of each later stage applies to them."
        ]
    if isinstance(edge.origin, Inherited):
        return ["An edge that only one of two merged super-vertices had is inherited, not dropped."]
    return []


def _origin_lines(d: Divergence, pair: Pair, edge: SuperEdge) -> list[str]:
    return origin_lines(d.problem, pair, edge, d.previous.pairs)


def _wrong_pair_lines(d: Divergence, got: MergeStep, decision: DecisionState) -> list[str]:
    """Explain what is wrong with a and b in the backend's row; [] if they name super-vertices and a < b."""
    for name in got.pair:
        line = _invalid_vertex_line(d.problem, name)
        if line:
            return [line]
    a, b = got.pair
    current = [decision.names[a], decision.names[b]]
    if current[0] == current[1]:
        return [f"{a} and {b} are already in the same super-vertex, {current[0]}."]
    same = ""
    if d.expected and sorted(current) == list(d.expected.pair):
        same = " Otherwise this is the right merge."
    for name, its_super_vertex in zip(got.pair, current, strict=True):
        if name != its_super_vertex:
            row = [merged for _, merged in d.previous.pairs].index(name)
            return [
                f"{name} no longer names a super-vertex: history[{row}] merged it into "
                f"{d.previous.pairs[row][0]}. A super-vertex is named by its smallest vertex.{same}"
            ]
    return [f"In a row of the history a must be less than b.{same}"] if a > b else []


def _invalid_vertex_line(problem: MergeProblem, name: int) -> str:
    """Explain why there is no vertex of this name in the graph; "" if there is one."""
    if not 0 <= name < problem.num_vertices:
        return f"There is no vertex {name}: vertices are 0 .. {problem.num_vertices - 1}."
    if problem.mask is not None and not problem.mask.flat[name]:
        return f"Vertex {vertex_text(problem, name)} lies outside the mask, so it is never merged."
    return ""


def _missing_edge_lines(problem: MergeProblem, pair: Pair, decision: DecisionState) -> list[str]:
    """Explain that no edge joins the two super-vertices that the backend merges."""
    names, words = decision.names, pair_text(problem, pair)
    between = [e for e in every_pixel_edge(problem) if {names[e.u], names[e.v]} == {*pair}]
    lines = [f"There is no edge {words} before this row, so the two cannot be merged."]
    if between:
        later = min(e.stage for e in between)
        lines.append(
            f"The pixel edges between the two belong to stage {later}, which has not begun: the edges of "
            "a stage are added when the stage begins."
        )
    elif problem.is_grid:
        lines.append(
            "affinities[k, p] is the edge from pixel p to p + offset[k], and there is an edge only if both "
            "pixels are inside the grid and the mask; no such edge joins the two."
        )
    else:
        lines.append("No pixel edge of any stage joins the two.")
    return [*lines, *_required_decision_lines(problem, decision)]


def _wrong_weight_lines(d: Divergence, got: MergeStep, decision: DecisionState) -> list[str]:
    edge = decision.edges[got.pair]
    linkage, pair = d.problem.linkage, pair_text(d.problem, got.pair)
    fraction = LINKAGES[linkage].weight_as_fraction(edge)
    by_fraction = f" = {fraction}" if fraction else ""
    lines = [
        f"The backend gives {pair} the weight {format_float32(got.weight)}; with linkage {linkage!r} "
        f"the weight is {format_float32(edge.weight)}{by_fraction}.",
        *guessed_rule_lines(edge, got.weight, linkage, d.previous.sizes),
    ]
    if decision.next_merge != got.pair:
        lines += _required_decision_lines(d.problem, decision)
    return [*lines, *_origin_lines(d, got.pair, edge)]


def _required_decision_lines(problem: MergeProblem, decision: DecisionState) -> list[str]:
    """Explain what the contract requires in this state: to merge the heaviest edge, or to end the stage."""
    if decision.heaviest is None:
        return [f"No edge is left before this row, so stage {decision.stage} ends."]
    weight = decision.edges[decision.heaviest].weight
    name = (
        f"The heaviest edge is {pair_text(problem, decision.heaviest)} at {format_float32(weight)}"
    )
    if decision.next_merge:
        return [f"{name}, and the heaviest edge merges first."]
    return [f"{name}, below {threshold_text(decision)}, so the stage ends."]


def _below_threshold_lines(d: Divergence, got: MergeStep, decision: DecisionState) -> list[str]:
    """Explain that the weight in the backend's row is right but below the threshold."""
    lines = [
        f"{pair_text(d.problem, got.pair)} weighs {format_float32(got.weight)}, less than "
        f"{threshold_text(decision)}, so the stage ends without this merge."
    ]
    if got.stage and decision.threshold > d.problem.thresholds[got.stage - 1]:
        lines.append(
            "Thresholds may rise from stage to stage: a weight that reaches an earlier threshold need "
            "not reach a later one."
        )
    return [*lines, *_origin_lines(d, got.pair, decision.edges[got.pair])]


def _tie_lines(d: Divergence, right: Pair, got: MergeStep) -> list[str]:
    """Explain that the two edges weigh the same, and that the tie rule decides for ``right``."""
    wrong = got.pair
    decides = f"The smaller vertices are {right[0]} and {wrong[0]}"
    if right[0] == wrong[0]:
        decides = (
            f"Both smaller vertices are {right[0]}; the larger ones are {right[1]} and {wrong[1]}"
        )
    edges = {pair: d.reference_decision.edges[pair] for pair in (right, wrong)}
    return [
        f"Both edges weigh exactly {format_float32(got.weight)}, so the tie rule decides: {TIE_RULE}.",
        f"{decides}, so {pair_text(d.problem, right)} merges first.",
        *unrounded_weight_lines(d.problem, edges, float(got.weight)),
    ]


def _heavier_edge_lines(d: Divergence, pair: Pair) -> list[str]:
    """Explain that the weight in the backend's row is right, but that the edge ``pair`` is heavier."""
    edge = d.reference_decision.edges[pair]
    lines = [
        f"The heaviest edge of the whole graph merges first: {pair_text(d.problem, pair)} at "
        f"{format_float32(edge.weight)}. The backend does not merge it here."
    ]
    if d.later and d.later[1].tobytes() != edge.weight.tobytes():
        row, weight = d.later
        lines.append(f"The backend merges it in history[{row}], at {format_float32(weight)}.")
        lines += guessed_rule_lines(edge, weight, d.problem.linkage, d.previous.sizes)
    else:
        lines += _rule_that_keeps_edge_lines(d, edge)
    return [*lines, *_origin_lines(d, pair, edge)]


def unrounded_weight_lines(
    problem: MergeProblem, edges: dict[Pair, SuperEdge], weight: float
) -> list[str]:
    """Show the weights of the edges without rounding; [] if they equal ``weight`` even so."""
    exact = {pair: unrounded_weight(edge, problem.linkage) for pair, edge in edges.items()}
    if all(each == weight for each in exact.values()):
        return []
    values = ", ".join(f"{pair_text(problem, pair)} {each!r}" for pair, each in exact.items())
    return [f"Weights are rounded to float32 before they are compared. Unrounded: {values}."]
