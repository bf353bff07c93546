#include "vertex_order.h"

#include <stdlib.h>

#include "background.h"

/* Tests define smaller values, so that small problems have many tiles. */
#ifndef TILE_SIDE
/* The sides of a tile in pixels are (1, TILE_SIDE, TILE_SIDE) in two dimensions, and (TILE_SIDE /
 * 4, TILE_SIDE / 2, TILE_SIDE / 2) in three. */
#define TILE_SIDE 32
#endif
#ifndef LISTED_TILE
#define LISTED_TILE 1024 /* the vertices of a tile if the problem has explicit edges */
#endif

typedef struct {
    int64_t side[3];
    int64_t count[3]; /* the number of tiles along each axis */
} tiling;

static tiling tiling_of(const int64_t *shape)
{
    int flat = shape[0] == 1;
    tiling tiles = {.side = {flat ? 1 : TILE_SIDE / 4, flat ? TILE_SIDE : TILE_SIDE / 2,
                             flat ? TILE_SIDE : TILE_SIDE / 2}};
    for (int axis = 0; axis < 3; axis++)
        tiles.count[axis] = (shape[axis] + tiles.side[axis] - 1) / tiles.side[axis];
    return tiles;
}

/* The position of a tile along the Z-curve. The bits of its coordinates are interleaved; in each
 * group of bits, the bit of the last axis is the lowest one. */
static uint64_t morton_code(const int64_t *at, int dimensions)
{
    uint64_t code = 0;
    for (int bit = 0; bit < 63 / dimensions; bit++)
        for (int axis = 0; axis < dimensions; axis++)
            code |= ((uint64_t)at[2 - axis] >> bit & 1) << (bit * dimensions + axis);
    return code;
}

static int compare_codes(const void *one, const void *other)
{
    uint64_t mine = ((const tile *)one)->code, yours = ((const tile *)other)->code;
    return (mine > yours) - (mine < yours);
}

static int make_tiles(graph *g, arena *memory, const tiling *tiles)
{
    uint64_t count = (uint64_t)(tiles->count[0] * tiles->count[1] * tiles->count[2]), next = 0;
    int dimensions = tiles->side[0] == 1 ? 2 : 3;
    g->tiles = merge_arena_take_array(memory, count + 1, sizeof *g->tiles);
    if (!g->tiles)
        return MERGE_OUT_OF_MEMORY;
    int64_t at[3];
    for (at[0] = 0; at[0] < tiles->count[0]; at[0]++)
        for (at[1] = 0; at[1] < tiles->count[1]; at[1]++)
            for (at[2] = 0; at[2] < tiles->count[2]; at[2]++) {
                if (must_stop(g->problem))
                    return MERGE_STOPPED;
                g->tiles[next++] = (tile){.code = morton_code(at, dimensions),
                                          .corner = {at[0] * tiles->side[0], at[1] * tiles->side[1],
                                                     at[2] * tiles->side[2]}};
            }
    qsort(g->tiles, (size_t)count, sizeof *g->tiles, compare_codes);
    g->num_tiles = count;
    return MERGE_OK;
}

static int64_t smaller_of(int64_t one, int64_t other)
{
    return one < other ? one : other;
}

/* Numbers the foreground pixels of a tile, from *count on. */
static void number_tile(const graph *g, const tiling *tiles, const tile *one, uint32_t *number,
                        uint32_t *count)
{
    const int64_t *shape = g->problem->shape, *corner = one->corner;
    const uint8_t *mask = g->problem->mask;
    for (int64_t z = corner[0]; z < smaller_of(corner[0] + tiles->side[0], shape[0]); z++)
        for (int64_t y = corner[1]; y < smaller_of(corner[1] + tiles->side[1], shape[1]); y++) {
            int64_t row = (z * shape[1] + y) * shape[2], first = row + corner[2];
            int64_t end = row + smaller_of(corner[2] + tiles->side[2], shape[2]);
            if (!has_foreground(mask + first, end - first)) {
                memset(number + first, 0xff, (size_t)(end - first) * sizeof *number);
                continue;
            }
            for (int64_t p = first; p < end; p++)
                number[p] = mask[p] ? (*count)++ : NO_VERTEX;
        }
}

/* Numbers the foreground pixels of all tiles. The numbers lie in the labels of the result, which
 * are written at the end. */
static int number_pixels(graph *g, arena *memory, uint32_t *number)
{
    const int64_t *shape = g->problem->shape;
    tiling tiles = tiling_of(shape);
    int status = make_tiles(g, memory, &tiles);
    if (status != MERGE_OK)
        return status;
    g->count = 0;
    for (uint64_t i = 0; i < g->num_tiles; i++) {
        if (must_stop(g->problem))
            return MERGE_STOPPED;
        g->tiles[i].first = g->count;
        number_tile(g, &tiles, &g->tiles[i], number, &g->count);
    }
    g->number = number;
    return MERGE_OK;
}

static int number_listed_vertices(graph *g, arena *memory)
{
    g->count = (uint32_t)g->problem->shape[2];
    g->num_tiles = ((uint64_t)g->count + LISTED_TILE - 1) / LISTED_TILE;
    g->tiles = merge_arena_take_array(memory, g->num_tiles + 1, sizeof *g->tiles);
    for (uint64_t i = 0; g->tiles && i < g->num_tiles; i++)
        g->tiles[i] = (tile){.code = i, .first = (uint32_t)(i * LISTED_TILE)};
    return g->tiles ? MERGE_OK : MERGE_OUT_OF_MEMORY;
}

int merge_order_vertices(graph *g, arena *memory, const merge_output *output)
{
    int status = g->problem->is_grid ? number_pixels(g, memory, (uint32_t *)output->labels)
                                     : number_listed_vertices(g, memory);
    if (status == MERGE_OK)
        g->tiles[g->num_tiles] = (tile){.code = UINT64_MAX, .first = g->count};
    return status;
}
