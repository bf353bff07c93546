/* The merge loops of one worker. One merges every pair that may be merged now, in a quick order;
 * the other one merges in the greedy order.
 *
 * This file is compiled once for each instruction set. The file that includes it defines
 * LOOPS_FUNCTION, the name of the function at the end. To visit a vertex is to merge it with its
 * best neighbour as often as that is allowed.
 */
#include "grid_best_edges.h"
#include "loop_variants.h"
#include "contract_edge.h"
#include "merge_by_rank.h"

/* Whether a vertex may be merged only after this round of workers. */
static inline int must_wait_for(const worker *me, uint32_t vertex)
{
    return !me->alone && (me->graph->at_border[vertex] ||
                          me->graph->vertices[vertex].worklist_index == POSTPONED);
}

/* Puts *vertex back on the worklist and sets *vertex to "other", which must be visited before. */
static inline void visit_other_first(worker *me, uint32_t *vertex, uint32_t other)
{
    push(me, *vertex);
    *vertex = other;
    me->graph->vertices[other].worklist_index = NOT_LISTED;
}

/* Visits a vertex, for linkages with which a mutually best pair may always be merged. If the best
 * neighbour of v has another best neighbour, v goes back to the worklist, and its best neighbour is
 * visited first: so few vertices on the worklist have a neighbourhood. Ranks rise from one best
 * neighbour to the next, so that no vertex is visited twice between two merges. If one is, the best
 * edges of pixels are wrong, because affinities changed after the search for them. */
INLINE int visit_freely(worker *me, uint32_t v, merge_linkage linkage)
{
    uint32_t passed_on = 0;
    for (;;) {
        best_edge mine, theirs;
        if (must_stop(me->graph->problem))
            return MERGE_STOPPED;
        if (must_not_merge_yet(me, v))
            return MERGE_OK;
        int status = best_edge_of(me, v, &mine, linkage);
        if (status != MERGE_OK || mine.weight < me->threshold)
            return status;
        if (must_wait_for(me, mine.to)) {
            me->graph->vertices[v].worklist_index = POSTPONED;
            return MERGE_OK;
        }
        status = best_edge_of(me, mine.to, &theirs, linkage);
        if (status != MERGE_OK)
            return status;
        if (theirs.to != v) {
            if (theirs.weight < mine.weight || passed_on++ == me->graph->count)
                return MERGE_CHANGED;
            visit_other_first(me, &v, mine.to);
            continue;
        }
        passed_on = 0;
        status = contract_edge(me, v, mine.to, mine.weight, &v, linkage);
        if (status != MERGE_OK)
            return status;
    }
}

/* Whether edge (k, to) has a higher rank than edge (u, v). The two edges weigh the same. */
static inline int wins_tie(const graph *g, uint32_t k, uint32_t to, uint32_t u, uint32_t v)
{
    uint32_t one = g->vertices[k].name, other = g->vertices[to].name;
    uint32_t mine = g->vertices[u].name, yours = g->vertices[v].name;
    uint32_t small = one < other ? one : other, smaller = mine < yours ? mine : yours;
    if (small != smaller)
        return small > smaller;
    return (one < other ? other : one) > (mine < yours ? yours : mine);
}

/* Sets *before to whether k is a blocker: whether its best edge has a higher rank than (u, v). */
INLINE int is_blocker(worker *me, uint32_t k, uint32_t u, uint32_t v, weight_bits weight,
                      int *before, merge_linkage linkage)
{
    best_edge best;
    *before = 0;
    if (me->graph->vertices[k].best.weight < weight || k == u || k == v)
        return MERGE_OK;
    *before = must_not_merge_yet(me, k);
    if (*before)
        return MERGE_OK;
    int status = best_edge_of(me, k, &best, linkage);
    if (status != MERGE_OK)
        return status;
    *before =
        best.weight > weight || (best.weight == weight && wins_tie(me->graph, k, best.to, u, v));
    return MERGE_OK;
}

/* Sets *blocker to a neighbour of vertex "of" whose best edge has a higher rank than (u, v), or to
 * NO_VERTEX.
 */
INLINE int find_blocker(worker *me, uint32_t of, uint32_t u, uint32_t v, weight_bits weight,
                        uint32_t *blocker, merge_linkage linkage)
{
    const vertex_state *vertices = me->graph->vertices;
    const neighbourhood *edges = edges_of(me, of, linkage);
    *blocker = NO_VERTEX;
    if (!edges)
        return MERGE_OUT_OF_MEMORY;
    for (uint32_t i = 0, used = edges->used; i < used; i++) {
        uint32_t k = half_edge_at(edges, i, linkage)->to;
        if (vertices[k].best.weight < weight) /* most neighbours, or an unused slot */
            continue;
        int before, status = is_blocker(me, k, u, v, weight, &before, linkage);
        if (before) {
            *blocker = k;
            me->patience -= i;
        }
        if (before || status != MERGE_OK)
            return status;
    }
    me->patience -= edges->used;
    return MERGE_OK;
}

/* Sets *blocker to a vertex, v or a neighbour of u or v, with an edge of higher rank than (u, v),
 * or to NO_VERTEX if there is none. (u, v) is the best edge of u. The blocker of u that was found
 * last is tried first, because it mostly blocks u still. */
INLINE int find_any_blocker(worker *me, uint32_t u, uint32_t v, weight_bits weight,
                            uint32_t *blocker, merge_linkage linkage)
{
    best_edge theirs;
    int before = 0, status = MERGE_OK;
    *blocker = me->graph->blocker[u];
    if (*blocker != NO_VERTEX)
        status = is_blocker(me, *blocker, u, v, weight, &before, linkage);
    if (status != MERGE_OK || before)
        return status;
    *blocker = v;
    if (must_not_merge_yet(me, v))
        return MERGE_OK;
    status = best_edge_of(me, v, &theirs, linkage);
    if (status != MERGE_OK || theirs.to != u)
        return status;
    status = find_blocker(me, u, u, v, weight, blocker, linkage);
    if (status != MERGE_OK || *blocker != NO_VERTEX)
        return status;
    return find_blocker(me, v, u, v, weight, blocker, linkage);
}

static inline void earn_patience(worker *me)
{
    me->patience += PATIENCE_PER_MERGE;
    if (me->patience > MOST_PATIENCE)
        me->patience = MOST_PATIENCE;
}

/* Visits a vertex, for linkages with which the order of merges matters: a pair may be merged if no
 * edge of the pair or of a neighbour has a higher rank. A blocker is visited first. Ranks rise from
 * one blocker to the next, so the loop ends. */
INLINE int visit_after_blockers(worker *me, uint32_t v, merge_linkage linkage)
{
    graph *g = me->graph;
    for (;;) {
        best_edge mine;
        uint32_t blocker;
        if (must_stop(g->problem))
            return MERGE_STOPPED;
        if (must_not_merge_yet(me, v))
            return MERGE_OK;
        int status = best_edge_of(me, v, &mine, linkage);
        if (status != MERGE_OK || mine.weight < me->threshold || me->patience < 0)
            return status;
        me->patience -= PATIENCE_PER_VISIT;
        status = find_any_blocker(me, v, mine.to, mine.weight, &blocker, linkage);
        if (status != MERGE_OK)
            return status;
        if (blocker == NO_VERTEX) {
            earn_patience(me);
            status = contract_edge(me, v, mine.to, mine.weight, &v, linkage);
            if (status != MERGE_OK)
                return status;
        } else if (must_wait_for(me, blocker)) {
            g->vertices[v].worklist_index = POSTPONED;
            return MERGE_OK;
        } else {
            g->blocker[v] = blocker;
            visit_other_first(me, &v, blocker);
        }
    }
}

/* Visits the vertices on the worklist until it is empty. */
INLINE int drain_worklist(worker *me, merge_linkage linkage)
{
    graph *g = me->graph;
    uint64_t step = 0;
    for (uint32_t v = pop(me); v != NO_VERTEX; v = pop(me)) {
        if (must_stop_at(g->problem, ++step))
            return MERGE_STOPPED;
        if (g->vertices[v].best.weight < me->threshold) /* or v has been merged */
            continue;
        int status = order_is_free(linkage) ? visit_freely(me, v, linkage)
                                            : visit_after_blockers(me, v, linkage);
        if (status != MERGE_OK)
            return status;
    }
    return worker_failed(me) ? MERGE_OUT_OF_MEMORY : MERGE_OK;
}

static int find_grid_best_edges(graph *g, int64_t first_row, int64_t end_row, arena *memory)
{
    const int64_t *shape = g->problem->shape;
    int32_t *heaviest = merge_arena_take_array(memory, (uint64_t)shape[2], sizeof *heaviest);
    int32_t *best_neighbour =
        merge_arena_take_array(memory, (uint64_t)shape[2], sizeof *best_neighbour);
    if (!heaviest || !best_neighbour)
        return MERGE_OUT_OF_MEMORY;
    for (int64_t row = first_row; row < end_row; row++) {
        if (must_stop(g->problem))
            return MERGE_STOPPED;
        find_best_edges_of_row(g, row / shape[1], row % shape[1], heaviest, best_neighbour);
    }
    return MERGE_OK;
}

#define LOOPS(constant, name) \
    static int drain_worklist_##name(worker *me) \
    { \
        return drain_worklist(me, constant); \
    } \
    static int merge_by_rank_##name(worker *me) \
    { \
        return merge_by_rank(me, constant); \
    }
FOR_EACH_LINKAGE(LOOPS)

#define LOOPS_OF(constant, name) \
    [constant] = {drain_worklist_##name, merge_by_rank_##name, find_grid_best_edges},
static const compiled_loops loops[] = {FOR_EACH_LINKAGE(LOOPS_OF)};
_Static_assert(sizeof loops / sizeof *loops == NUM_LINKAGES, "linkage.h names all linkages");

compiled_loops LOOPS_FUNCTION(merge_linkage linkage)
{
    return loops[linkage];
}
