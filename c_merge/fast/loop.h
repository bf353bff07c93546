/* The merge loop of one worker: merges whatever may be merged now, in whatever order is quick.
 *
 * Compiled once for each linkage and each set of instructions: the file that includes this one names
 * the functions.
 */
#include "first_best.h"
#include "unite.h"

/* "average": two vertices that are each other's best may always be merged. */
INLINE int merge_from_average(worker *me, uint32_t v)
{
    graph *g = me->graph;
    for (;;) {
        best_edge mine, theirs;
        int status = best_of(me, v, &mine, 1);
        if (status != MERGE_OK || mine.weight < me->threshold)
            return status;
        status = best_of(me, mine.to, &theirs, 1);
        if (status != MERGE_OK || theirs.to != v)
            return status;
        if (!me->alone && (g->held[v] | g->held[mine.to]))
            return MERGE_OK;
        status = unite(me, v, mine.to, mine.weight, &v, 1);
        if (status != MERGE_OK || v - me->first >= me->size)
            return status;
    }
}

/* Whether edge (k, to) goes before edge (u, v) of the same weight. */
static inline int goes_before(const graph *g, uint32_t k, uint32_t to, uint32_t u, uint32_t v)
{
    uint32_t one = g->name[k], other = g->name[to], mine = g->name[u], yours = g->name[v];
    uint32_t small = one < other ? one : other, smaller = mine < yours ? mine : yours;
    if (small != smaller)
        return small > smaller;
    return (one < other ? other : one) > (mine < yours ? yours : mine);
}

/* A neighbour of "of" whose best edge goes before (u, v), or NO_VERTEX. */
INLINE int find_blocker(worker *me, uint32_t of, uint32_t u, uint32_t v, weight_bits weight,
                               uint32_t *blocker)
{
    graph *g = me->graph;
    const neighbourhood *edges = edges_of(me, of, 0);
    if (!edges)
        return MERGE_OUT_OF_MEMORY;
    *blocker = NO_VERTEX;
    for (uint32_t i = 0; i < edges->used; i++) {
        uint32_t k = half_at(edges, i, 0)->to;
        if (g->best[k].weight < weight || k == u || k == v)
            continue;
        best_edge best;
        int status = best_of(me, k, &best, 0);
        if (status != MERGE_OK)
            return status;
        if (best.weight > weight || (best.weight == weight && goes_before(g, k, best.to, u, v))) {
            *blocker = k;
            return MERGE_OK;
        }
    }
    return MERGE_OK;
}

/* "weighted": two vertices may be merged if no edge of theirs or of a neighbour goes before. Whoever
 * is in the way is looked at first; ranks rise along such a chain, so that it ends. */
INLINE int merge_from_weighted(worker *me, uint32_t v)
{
    graph *g = me->graph;
    for (;;) {
        best_edge mine, theirs;
        uint32_t blocker = NO_VERTEX;
        int status = best_of(me, v, &mine, 0);
        if (status != MERGE_OK || mine.weight < me->threshold)
            return status;
        status = best_of(me, mine.to, &theirs, 0);
        if (status == MERGE_OK && theirs.to != v)
            blocker = mine.to;
        if (status == MERGE_OK && blocker == NO_VERTEX)
            status = find_blocker(me, v, v, mine.to, mine.weight, &blocker);
        if (status == MERGE_OK && blocker == NO_VERTEX)
            status = find_blocker(me, mine.to, v, mine.to, mine.weight, &blocker);
        if (status != MERGE_OK)
            return status;
        int held = blocker == NO_VERTEX ? g->held[v] | g->held[mine.to] : g->held[blocker];
        if (!me->alone && held) {
            g->held[v] |= HELD_BEHIND;
            return MERGE_OK;
        }
        if (blocker == NO_VERTEX) {
            status = unite(me, v, mine.to, mine.weight, &v, 0);
            if (status != MERGE_OK)
                return status;
        } else {
            if (blocker - me->first >= me->size) return MERGE_OK;
            push(me, v);
            v = blocker;
            g->place[v] = NO_PLACE;
        }
    }
}

INLINE int drain(worker *me, int average)
{
    graph *g = me->graph;
    for (uint32_t v = pop(me); v != NO_VERTEX; v = pop(me)) {
        if (g->best[v].weight < me->threshold) /* or it has been merged */
            continue;
        int status = average ? merge_from_average(me, v) : merge_from_weighted(me, v);
        if (status != MERGE_OK)
            return status;
    }
    return me->arena.failed ? MERGE_OUT_OF_MEMORY : MERGE_OK;
}

int DRAIN_AVERAGE(worker *me)
{
    return drain(me, 1);
}

int DRAIN_WEIGHTED(worker *me)
{
    return drain(me, 0);
}

int FIND_FIRST_BEST(graph *g, arena *scratch)
{
    const int64_t *shape = g->problem->shape;
    int32_t *heaviest = arena_take_array(scratch, (uint64_t)shape[2], sizeof *heaviest);
    int32_t *who = arena_take_array(scratch, (uint64_t)shape[2], sizeof *who);
    if (!heaviest || !who)
        return MERGE_OUT_OF_MEMORY;
    for (int64_t z = 0; z < shape[0]; z++)
        for (int64_t y = 0; y < shape[1]; y++)
            find_first_best_of_row(g, z, y, heaviest, who);
    return MERGE_OK;
}
