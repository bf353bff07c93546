#include "pixel_edges.h"

/* With so few offsets, the affinities of a pixel are read from the problem. With more, they lie in
 * too many cache lines there, and are copied so that those of one vertex lie side by side. */
#define FEW_OFFSETS 3

/* Sets by_name: sorts the neighbours by their jumps, with an insertion sort. Returns
 * MERGE_BAD_ARGUMENT if an offset is given twice. */
static int sort_neighbours_by_name(graph *g)
{
    for (uint32_t i = 0; i < g->num_pixel_neighbours; i++) {
        const pixel_neighbour *mine = &g->pixel_neighbours[i];
        uint32_t position = i;
        for (; position > 0 && g->jumps[g->by_name[position - 1]] >= g->jumps[i]; position--) {
            const pixel_neighbour *other = &g->pixel_neighbours[g->by_name[position - 1]];
            if (memcmp(other->step, mine->step, sizeof mine->step) == 0)
                return MERGE_BAD_ARGUMENT;
            g->by_name[position] = g->by_name[position - 1];
        }
        g->by_name[position] = i;
    }
    return MERGE_OK;
}

/* Whether an offset is shorter than the grid along every axis. */
static int fits_in_grid(const int64_t *shape, const int64_t *step)
{
    int inside = 1;
    for (int axis = 0; axis < 3; axis++)
        inside &= step[axis] > -shape[axis] && step[axis] < shape[axis];
    return inside;
}

/* Makes the margin at least as wide as a step is long. */
static void widen_margin(graph *g, const int64_t *step)
{
    for (int axis = 0; axis < 3; axis++) {
        int64_t reach = step[axis] < 0 ? -step[axis] : step[axis];
        if (g->margin[axis] < reach)
            g->margin[axis] = reach;
    }
}

/* Sets the second half of the neighbours, which are the opposites of the first half, and all jumps.
 * count: the number of neighbours in the first half. */
static void add_opposite_neighbours(graph *g, uint32_t count)
{
    const int64_t *shape = g->problem->shape;
    for (uint32_t i = 0; i < count; i++) {
        pixel_neighbour there = g->pixel_neighbours[i];
        int64_t jump = (there.step[0] * shape[1] + there.step[1]) * shape[2] + there.step[2];
        g->jumps[i] = jump;
        g->jumps[count + i] = -jump;
        g->pixel_neighbours[count + i] = (pixel_neighbour){
            {-there.step[0], -there.step[1], -there.step[2]}, -jump, there.affinities};
    }
}

int merge_pixel_neighbours_make(graph *g, arena *memory, int32_t stage)
{
    const merge_problem *problem = g->problem;
    const int64_t *shape = problem->shape;
    int64_t pixels = shape[0] * shape[1] * shape[2];
    g->pixel_neighbours = merge_arena_take_array(memory, (uint64_t)problem->num_channels * 2,
                                                 sizeof *g->pixel_neighbours);
    if (!g->pixel_neighbours)
        return MERGE_OUT_OF_MEMORY;
    uint32_t count = 0;
    for (int64_t k = 0; k < problem->num_channels; k++) {
        const int64_t *step = problem->offsets_or_ends + 3 * k;
        if (problem->stages[k] != stage || !fits_in_grid(shape, step))
            continue;
        g->pixel_neighbours[count++] =
            (pixel_neighbour){{step[0], step[1], step[2]}, 0, problem->affinities + k * pixels};
        widen_margin(g, step);
    }
    g->num_pixel_neighbours = 2 * count;
    g->jumps = merge_arena_take_array(memory, (uint64_t)2 * count + 1, sizeof *g->jumps);
    g->by_name = merge_arena_take_array(memory, (uint64_t)2 * count + 1, sizeof *g->by_name);
    if (count > FEW_OFFSETS)
        g->forward_affinities = merge_arena_take_array(memory, (uint64_t)g->count * count,
                                                       sizeof *g->forward_affinities);
    if (!g->by_name || !g->jumps || (count > FEW_OFFSETS && !g->forward_affinities))
        return MERGE_OUT_OF_MEMORY;
    add_opposite_neighbours(g, count);
    return sort_neighbours_by_name(g);
}

typedef struct {
    int64_t at[3];
    int is_inner; /* whether all neighbours are inside the grid */
} pixel_position;

static pixel_position grid_position_of(const graph *g, uint32_t pixel)
{
    const int64_t *shape = g->problem->shape;
    uint32_t height = (uint32_t)shape[1], width = (uint32_t)shape[2];
    uint32_t row = pixel / width;
    pixel_position position = {{row / height, row % height, pixel % width}, 1};
    for (int axis = 0; axis < 3; axis++)
        position.is_inner &= position.at[axis] >= g->margin[axis] &&
                             position.at[axis] < shape[axis] - g->margin[axis];
    return position;
}

/* The vertex of neighbour i of a pixel, or NO_VERTEX outside the grid or the mask. */
static inline uint32_t neighbour_at(const graph *g, uint32_t pixel, const pixel_position *position,
                                    uint32_t i)
{
    for (int axis = 0; !position->is_inner && axis < 3; axis++) {
        int64_t at = position->at[axis] + g->pixel_neighbours[i].step[axis];
        if (at < 0 || at >= g->problem->shape[axis])
            return NO_VERTEX;
    }
    return g->number[(int64_t)pixel + g->jumps[i]];
}

int merge_pixel_has_neighbour_outside(const graph *g, uint32_t vertex, uint32_t first, uint32_t end)
{
    uint32_t pixel = g->vertices[vertex].name;
    pixel_position position = grid_position_of(g, pixel);
    for (uint32_t i = 0; i < g->num_pixel_neighbours; i++) {
        uint32_t to = neighbour_at(g, pixel, &position, i);
        if (to != NO_VERTEX && (to < first || to >= end))
            return 1;
    }
    return 0;
}

/* Stores an edge of a pixel: its half-edge, weight and sum. For every affinity in 0..65535, the
 * division in single precision has the same bits as one in double precision that is rounded once.
 */
INLINE void store_pixel_edge(neighbourhood *edges, uint32_t slot, half_edge half, uint16_t affinity,
                             merge_linkage linkage)
{
    *half_edge_at(edges, slot, linkage) = half;
    *weight_at(edges, slot) = bits_of((float)affinity / 65535.0f);
    if (keeps_sums(linkage))
        *sum_at(edges, slot) = stored_sum_of(sum_of_pixel_edge(affinity));
}

/* Fills the slots of a pixel's edges. "is_inner" and "side_by_side" are constants: whether all
 * neighbours are inside the grid, as in "position", and whether g has forward_affinities. A slot
 * gets NO_VERTEX and any affinity if the neighbour is outside the grid or the mask. Returns whether
 * there is such a slot: NO_VERTEX has the bit STALE, which no vertex has. */
INLINE int fill_slots(const graph *g, uint32_t vertex, const pixel_position *position, int is_inner,
                      int side_by_side, neighbourhood *edges, merge_linkage linkage)
{
    uint32_t half = g->num_pixel_neighbours / 2, pixel = g->vertices[vertex].name, all_bits = 0;
    const uint32_t *number = g->number + pixel;
    const int64_t *jumps = g->jumps, *back = jumps + half;
    const uint16_t *affinities = g->forward_affinities;
    const uint16_t *mine = side_by_side ? affinities + (size_t)vertex * half : NULL;
    const pixel_neighbour *there = g->pixel_neighbours;
    for (uint32_t i = 0; i < half; i++) {
        uint32_t to = is_inner ? number[jumps[i]] : neighbour_at(g, pixel, position, i);
        all_bits |= to;
        store_pixel_edge(edges, i, (half_edge){to, i + half},
                         side_by_side ? mine[i] : there[i].affinities[pixel], linkage);
    }
    for (uint32_t i = 0; i < half; i++) {
        uint32_t to = is_inner ? number[back[i]] : neighbour_at(g, pixel, position, i + half);
        uint32_t other = to & ((to >> 31) - 1); /* vertex 0 in place of NO_VERTEX */
        int64_t before = to & STALE ? 0 : (int64_t)pixel + back[i];
        all_bits |= to;
        store_pixel_edge(edges, i + half, (half_edge){to, i},
                         side_by_side ? affinities[(size_t)other * half + i]
                                      : there[i].affinities[before],
                         linkage);
    }
    return (all_bits & STALE) != 0;
}

/* Puts the slots of the neighbours outside the grid or the mask on the free list. */
OUTLINE void free_missing_slots(const graph *g, neighbourhood *edges, merge_linkage linkage)
{
    for (uint32_t i = 0; i < edges->used; i++) {
        if (half_edge_at(edges, i, linkage)->to != NO_VERTEX)
            continue;
        free_slot(edges, i, g->count, linkage);
    }
}

INLINE int make_neighbourhood_of_pixel(worker *me, uint32_t vertex, uint32_t room,
                                       merge_linkage linkage)
{
    graph *g = me->graph;
    uint32_t count = g->num_pixel_neighbours;
    neighbourhood *edges = merge_neighbourhood_make(&me->arena, (uint64_t)count + room, linkage);
    if (!edges)
        return MERGE_OUT_OF_MEMORY;
    edges->used = edges->live = count;
    pixel_position position = grid_position_of(g, g->vertices[vertex].name);
    int any_missing;
    if (g->forward_affinities)
        any_missing = position.is_inner ? fill_slots(g, vertex, &position, 1, 1, edges, linkage)
                                        : fill_slots(g, vertex, &position, 0, 1, edges, linkage);
    else
        any_missing = position.is_inner ? fill_slots(g, vertex, &position, 1, 0, edges, linkage)
                                        : fill_slots(g, vertex, &position, 0, 0, edges, linkage);
    if (any_missing)
        free_missing_slots(g, edges, linkage);
    g->vertices[vertex].edges = edges;
    return is_hub(edges) ? merge_hub_enter(me, vertex, linkage) : MERGE_OK;
}

int merge_pixel_edges_make(worker *me, uint32_t vertex, uint32_t room, merge_linkage linkage)
{
    switch (linkage) {
#define MAKE_EDGES(constant, name) \
    case constant: \
        return make_neighbourhood_of_pixel(me, vertex, room, constant);
        FOR_EACH_LINKAGE(MAKE_EDGES)
    }
    return MERGE_BAD_ARGUMENT;
}
