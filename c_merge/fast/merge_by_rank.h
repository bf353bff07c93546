/* The greedy loop itself: merges what is left in a stage in the order of ranks. */
#ifndef MERGE_BY_RANK_H
#define MERGE_BY_RANK_H

#include "contract_edge.h"
#include "vertex_queue.h"

/* Whether a vertex is a leaf whose neighbour is in the queue. Such a leaf is left out, because its
 * only edge is an edge of its neighbour too. Of two leaves with one edge, the first is in the
 * queue. A leaf never survives a merge: the vertex at the top of the queue has as many edges or
 * more. */
INLINE int is_leaf_of_queued(const graph *g, uint32_t vertex, best_edge best)
{
    const neighbourhood *edges = g->vertices[vertex].edges;
    if (!edges || edges->live != 1 || best.to & STALE)
        return 0;
    return best.to < vertex || (g->vertices[best.to].edges && g->vertices[best.to].edges->live > 1);
}

/* Fills the queue with all vertices whose best edge may reach the threshold. */
INLINE int fill_queue(worker *me, vertex_queue *queue, arena *memory, merge_linkage linkage)
{
    const graph *g = me->graph;
    /* The worklist is empty. */
    int status = make_queue(queue, memory, g, me->worklist, me->worklist_room);
    for (uint32_t v = 0; v < g->count && status == MERGE_OK; v++) {
        best_edge best = g->vertices[v].best;
        if (must_stop_at(g->problem, v))
            return MERGE_STOPPED;
        if (best.weight == UNKNOWN_WEIGHT)
            status = find_best_edge(me, v, &best, linkage);
        if (best.weight >= me->threshold && !is_leaf_of_queued(g, v, g->vertices[v].best))
            add_to_bucket(queue, v, bucket_of(queue, best.weight));
    }
    return status;
}

/* Merges the two ends of the edge with the highest rank, as long as the edge reaches the threshold.
 * If the vertex at the top survives a merge, its entry stays at the top and is then lowered,
 * because the new best edge of the vertex has a lower rank. */
INLINE int empty_queue(worker *me, vertex_queue *queue, merge_linkage linkage)
{
    int status = open_next_bucket(queue, me->graph, me->threshold);
    while (queue->count > 0 && status == MERGE_OK) {
        uint32_t v = queue->entries[0].vertex, survivor;
        best_edge mine = me->graph->vertices[v].best;
        if (must_stop(me->graph->problem))
            return MERGE_STOPPED;
        if (mine.weight >= me->threshold) /* otherwise no edge of v matters, or v has been merged */
            status = best_edge_of(me, v, &mine, linkage);
        if (status != MERGE_OK)
            break;
        queue_entry present = queue_entry_of(me->graph, v, mine);
        if (mine.weight < me->threshold)
            drop_top(queue);
        else if (ranks_higher(&queue->entries[0], &present))
            lower_top(queue, present);
        else
            status = contract_edge(me, v, mine.to, mine.weight, &survivor, linkage);
        if (queue->count == 0 && status == MERGE_OK)
            status = open_next_bucket(queue, me->graph, me->threshold);
    }
    return status;
}

/* Merges, in the greedy order, all that is left to merge in a stage. The worklist must be empty,
 * and no other worker may be running. */
INLINE int merge_by_rank(worker *me, merge_linkage linkage)
{
    arena scratch = {0};
    vertex_queue queue;
    me->uses_worklist = 0;
    int status = fill_queue(me, &queue, &scratch, linkage);
    if (status == MERGE_OK)
        status = empty_queue(me, &queue, linkage);
    me->uses_worklist = 1;
    merge_arena_release(&scratch);
    return status == MERGE_OK && worker_failed(me) ? MERGE_OUT_OF_MEMORY : status;
}

#endif
