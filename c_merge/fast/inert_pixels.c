#include "inert_pixels.h"

int merge_leave_out_inert_pixels(graph *g, int32_t stage)
{
    weight_bits threshold = bits_of(g->problem->thresholds[stage]);
    for (int32_t later = stage + 1; later < g->problem->num_stages; later++) {
        weight_bits other = bits_of(g->problem->thresholds[later]);
        threshold = other < threshold ? other : threshold;
    }
    uint32_t *number = g->number;
    for (uint32_t v = 0; v < g->count; v++) {
        if (must_stop_at(g->problem, v))
            return MERGE_STOPPED;
        if (g->vertices[v].best.weight < threshold)
            number[g->vertices[v].name] = NO_VERTEX;
    }
    return MERGE_OK;
}

int merge_put_back_inert_pixels(graph *g)
{
    for (uint32_t v = 0; g->number && v < g->count; v++) {
        const vertex_state *state = &g->vertices[v];
        if (must_stop_at(g->problem, v))
            return MERGE_STOPPED;
        if (!state->edges && state->parent == v) /* its name is its pixel: it was never merged */
            g->number[state->name] = v;
    }
    return MERGE_OK;
}
