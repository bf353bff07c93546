"""Why a backend's merge is not the one that the contract asks for."""

from merge_impls.arrays import StructuredArray
from merge_impls.conformance.explain.divergence import Divergence, MergeStep, step_at
from merge_impls.conformance.explain.edge_origins import origin_lines
from merge_impls.conformance.explain.guessed_rules import guessed_rule_lines, unrounded_weight
from merge_impls.conformance.explain.wording import (
    members,
    pair_of,
    threshold_of,
    vertex,
)
from merge_impls.conformance.linkages import LINKAGES
from merge_impls.conformance.literal import (
    Decision,
    Inherited,
    Pair,
    SuperEdge,
    every_pixel_edge,
)
from merge_impls.problem import MergeProblem
from merge_impls.text import number

TIE_RULE = (
    "compare the smaller names of the two edges: the larger goes first; if they are equal, compare "
    "the larger names"
)

ANOTHER_ORDER = (
    "The backend makes the right merges in another order. A backend that merges parts of the graph "
    "independently sorts each stage's merges by (weight, a, b), the largest first."
)


def first_row_lines(
    problem: MergeProblem, expected: StructuredArray, got: StructuredArray, row: int
) -> list[str]:
    """The steps of two histories in ``row``, the first row in which they differ."""
    return [
        f"history[{row}] is the first row that differs.",
        f"  the reference {_step_text(problem, step_at(expected, row))}",
        f"  the backend   {_step_text(problem, step_at(got, row))}",
    ]


def _step_text(problem: MergeProblem, step: MergeStep | None) -> str:
    if step is None:
        return "makes no further merge"
    return f"merges {pair_of(problem, step.pair)} at {number(step.weight)} in stage {step.stage}"


def merge_lines(divergence: Divergence) -> list[str]:
    """Which rule decides, and where the weights come from."""
    pairs = [step.pair for step in (divergence.expected, divergence.got) if step]
    order = [ANOTHER_ORDER] if divergence.same_merges else []
    return [
        *members(divergence.reference_decision, pairs),
        *_lines_on_what_is_wrong(divergence),
        *order,
    ]


def _lines_on_what_is_wrong(d: Divergence) -> list[str]:
    got, decision, stages = d.got, d.backend_decision, len(d.problem.thresholds)
    if got is None:
        return _early_stop_lines(d)
    if not 0 <= got.stage < stages:
        return [f"There is no stage {got.stage}: they are 0 .. {stages - 1}."]
    if d.expected and got.stage > d.expected.stage:
        return _early_stop_lines(d)
    if decision is None:
        return [f"Stage {got.stage} is over by then: a history goes from stage to stage."]
    return _why_pair_is_wrong(d, got, decision) or _why_edge_is_wrong(d, got, decision)


def _why_edge_is_wrong(d: Divergence, got: MergeStep, decision: Decision) -> list[str]:
    """The backend names two super-vertices: what is wrong with the edge between them."""
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
    """The backend ends a stage, or everything, before it merges along the heaviest edge."""
    decision = d.reference_decision
    pair = decision.next_merge
    assert pair is not None
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
        lines.append(
            "In an earlier row it follows that rule, so it lacks the edge or has another weight."
        )
    elif edge.weight == decision.threshold:
        lines += unrounded_lines(d.problem, {pair: edge}, float(decision.threshold))
    if edge.weight == 0:
        lines.append("An edge of affinity 0 is still an edge.")
    return [*lines, *_older_edge_lines(d, edge), *_origin_lines(d, pair, edge)]


def _older_edge_lines(d: Divergence, edge: SuperEdge) -> list[str]:
    """Why the edge still exists although neither this stage nor the last merge added to it."""
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


def _origin_lines(d: Divergence, pair: Pair, edge: SuperEdge) -> list[str]:
    return origin_lines(d.problem, pair, edge, d.previous.pairs)


def _why_pair_is_wrong(d: Divergence, got: MergeStep, decision: Decision) -> list[str]:
    """What is wrong with the two names in the backend's row; empty if they are super-vertices."""
    for name in got.pair:
        if not 0 <= name < d.problem.num_vertices:
            return [f"There is no vertex {name}: they are 0 .. {d.problem.num_vertices - 1}."]
        if d.problem.mask is not None and not d.problem.mask.flat[name]:
            return [f"Vertex {vertex(d.problem, name)} lies outside the mask and merges with none."]
    a, b = got.pair
    current = [decision.names[a], decision.names[b]]
    if current[0] == current[1]:
        return [f"{a} and {b} are in one super-vertex already, {current[0]}."]
    same = ""
    if d.expected and sorted(current) == list(d.expected.pair):
        same = " So this is the right merge under another name."
    for name, its_super_vertex in zip(got.pair, current, strict=True):
        if name != its_super_vertex:
            row = [merged for _, merged in d.previous.pairs].index(name)
            return [
                f"{name} is no super-vertex any more: history[{row}] merged it into "
                f"{d.previous.pairs[row][0]}. A super-vertex is named by its smallest vertex.{same}"
            ]
    return [f"A row names the smaller of the two first: a < b.{same}"] if a > b else []


def _missing_edge_lines(problem: MergeProblem, pair: Pair, decision: Decision) -> list[str]:
    names, words = decision.names, pair_of(problem, pair)
    between = [e for e in every_pixel_edge(problem) if {names[e.u], names[e.v]} == {*pair}]
    lines = [f"There is no edge {words} then, so its ends cannot be merged."]
    if between:
        later = min(e.stage for e in between)
        lines.append(
            f"The pixel edges between them belong to stage {later}, which has not begun: those of "
            "a stage are added when it begins."
        )
    elif problem.is_grid:
        lines.append(
            "Value [k, p] is the edge from pixel p to p + offset[k], and only where both lie in "
            "the grid and in the mask; no such edge runs between the two."
        )
    else:
        lines.append("No pixel edge of any stage runs between the vertices of the two.")
    return [*lines, *_heaviest_lines(problem, decision)]


def _wrong_weight_lines(d: Divergence, got: MergeStep, decision: Decision) -> list[str]:
    edge = decision.edges[got.pair]
    linkage, pair = d.problem.linkage, pair_of(d.problem, got.pair)
    whole = LINKAGES[linkage].whole(edge)
    by_fraction = f" = {whole}" if whole else ""
    lines = [
        f"The backend takes {pair} for {number(got.weight)}; with linkage {linkage!r} it weighs "
        f"{number(edge.weight)}{by_fraction}.",
        *guessed_rule_lines(edge, got.weight, linkage, d.previous.sizes),
    ]
    if decision.next_merge != got.pair:
        lines += _heaviest_lines(d.problem, decision)
    return [*lines, *_origin_lines(d, got.pair, edge)]


def _heaviest_lines(problem: MergeProblem, decision: Decision) -> list[str]:
    """What the contract does in this state."""
    if decision.heaviest is None:
        return [f"No two super-vertices are joined then, so stage {decision.stage} is over."]
    weight = decision.edges[decision.heaviest].weight
    name = f"The heaviest edge is {pair_of(problem, decision.heaviest)} at {number(weight)}"
    if decision.next_merge:
        return [f"{name}, and the heaviest goes first."]
    return [f"{name}, below {threshold_of(decision)}: the stage is over."]


def _below_threshold_lines(d: Divergence, got: MergeStep, decision: Decision) -> list[str]:
    """The weight is right, but less than the threshold."""
    lines = [
        f"{pair_of(d.problem, got.pair)} weighs {number(got.weight)}, less than "
        f"{threshold_of(decision)}, so the stage ends without this merge."
    ]
    if got.stage and decision.threshold > d.problem.thresholds[got.stage - 1]:
        lines.append(
            "Thresholds may rise from stage to stage; what reached an earlier one need not reach "
            "this one."
        )
    return [*lines, *_origin_lines(d, got.pair, decision.edges[got.pair])]


def _tie_lines(d: Divergence, right: Pair, got: MergeStep) -> list[str]:
    wrong = got.pair
    decides = f"The smaller names are {right[0]} and {wrong[0]}"
    if right[0] == wrong[0]:
        decides = (
            f"Both smaller names are {right[0]}; the larger ones are {right[1]} and {wrong[1]}"
        )
    edges = {pair: d.reference_decision.edges[pair] for pair in (right, wrong)}
    return [
        f"Both edges weigh exactly {number(got.weight)}, so the tie rule decides: {TIE_RULE}.",
        f"{decides}, so {pair_of(d.problem, right)} goes first.",
        *unrounded_lines(d.problem, edges, float(got.weight)),
    ]


def _heavier_edge_lines(d: Divergence, pair: Pair) -> list[str]:
    """The backend has the right weight for its edge, but a heavier one, ``pair``, goes first."""
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
        lines += _older_edge_lines(d, edge)
    return [*lines, *_origin_lines(d, pair, edge)]


def unrounded_lines(
    problem: MergeProblem, edges: dict[Pair, SuperEdge], weight: float
) -> list[str]:
    """The weights without rounding, if only rounding makes them equal to ``weight``."""
    exact = {pair: unrounded_weight(edge, problem.linkage) for pair, edge in edges.items()}
    if all(each == weight for each in exact.values()):
        return []
    values = ", ".join(f"{pair_of(problem, pair)} {each!r}" for pair, each in exact.items())
    return [f"Weights are rounded to float32 before they are compared. Without that: {values}."]
