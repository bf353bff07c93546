/* The best edge of every pixel in the first stage that has edges. It is computed from the grid, so
 * that pixels need no neighbourhoods yet.
 *
 * Among edges of the same weight, the edge to the neighbour with the largest name is the best. So
 * neighbours are tried in ascending order of their names. The loops over a row are simple, so that
 * compilers vectorise them.
 */
#ifndef GRID_BEST_EDGES_H
#define GRID_BEST_EDGES_H

#include "background.h"

#define TIED \
    ((int32_t)1 << 30) /* a flag in best_neighbour: another edge of the pixel weighs the same */

/* Compares the edges to one neighbour with the best ones so far, for the pixels first .. end - 1.
 */
static inline void try_neighbour(int32_t *restrict heaviest, int32_t *restrict best_neighbour,
                                 int64_t first, int64_t end, const uint16_t *restrict affinities,
                                 const uint8_t *restrict mask, int32_t neighbour)
{
    for (int64_t x = first; x < end; x++) {
        /* Reads and writes are unconditional, so that the loop can be vectorised. */
        int32_t outside = -(int32_t)(mask[x] == 0), before = heaviest[x], was = best_neighbour[x];
        int32_t affinity = (int32_t)affinities[x] | outside;
        int32_t same = affinity == before ? neighbour | TIED : was;
        best_neighbour[x] = affinity > before ? neighbour : same;
        heaviest[x] = affinity > before ? affinity : before;
    }
}

static inline int is_in_axis(int64_t at, int64_t length)
{
    return at >= 0 && at < length;
}

/* Copies the affinities of a row to forward_affinities, where the affinities of one vertex lie side
 * by side. */
static inline void copy_forward_affinities(graph *g, int64_t start, int64_t width)
{
    uint32_t half = g->num_pixel_neighbours / 2;
    const pixel_neighbour *there = g->pixel_neighbours;
    for (int64_t p = start; p < start + width; p++) {
        if (g->number[p] == NO_VERTEX)
            continue;
        uint16_t *forward = g->forward_affinities + (size_t)g->number[p] * half;
        for (uint32_t i = 0; i < half; i++)
            forward[i] = there[i].affinities[p];
    }
}

/* Sets the best edges and the forward affinities of the pixels in row (z, y). */
static inline void find_best_edges_of_row(graph *g, int64_t z, int64_t y, int32_t *heaviest,
                                          int32_t *best_neighbour)
{
    const int64_t *shape = g->problem->shape;
    int64_t width = shape[2], start = (z * shape[1] + y) * width;
    if (!has_foreground(g->problem->mask + start, width))
        return;
    for (int64_t x = 0; x < width; x++)
        heaviest[x] = -1;
    for (uint32_t i = 0; i < g->num_pixel_neighbours; i++) {
        uint32_t by_name = g->by_name[i];
        const pixel_neighbour *there = &g->pixel_neighbours[by_name];
        if (!is_in_axis(z + there->step[0], shape[0]) || !is_in_axis(y + there->step[1], shape[1]))
            continue;
        int64_t dx = there->step[2], first = dx < 0 ? -dx : 0, end = dx > 0 ? width - dx : width;
        try_neighbour(heaviest, best_neighbour, first, end,
                      there->affinities + start + there->shift,
                      g->problem->mask + start + g->jumps[by_name], (int32_t)by_name);
    }
    if (g->forward_affinities)
        copy_forward_affinities(g, start, width);
    for (int64_t x = 0; x < width; x++) {
        uint32_t vertex = g->number[start + x];
        if (vertex == NO_VERTEX)
            continue;
        if (heaviest[x] < 0) {
            g->vertices[vertex].best = (best_edge){NO_WEIGHT, g->count};
            continue;
        }
        uint32_t to = g->number[start + x + g->jumps[best_neighbour[x] & ~TIED]];
        g->vertices[vertex].best = (best_edge){bits_of((float)heaviest[x] / 65535.0f),
                                               best_neighbour[x] & TIED ? to | STALE : to};
    }
}

#endif
