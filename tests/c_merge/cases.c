#include "cases.h"

#include <stdlib.h>

#define MOST_CHANNELS 8
#define MOST_LEVELS 4

typedef struct {
    uint16_t values[MOST_LEVELS];
    int64_t count;
} levels;

static uint8_t draw(byte_source *source)
{
    if (source->next < source->end)
        return *source->next++;
    if (source->state == 0)
        return 0;
    source->state = source->state * 6364136223846793005u + 1442695040888963407u;
    return (uint8_t)(source->state >> 56);
}

static int64_t draw_below(byte_source *source, int64_t limit)
{
    int64_t low = draw(source);
    return limit > 256 ? (low + 256 * draw(source)) % limit : low % limit;
}

/* Most draws give one of 16 values, so that two draws are often equal. */
static uint16_t draw_affinity(byte_source *source)
{
    int64_t drawn = draw(source);
    return (uint16_t)(drawn < 208 ? drawn % 16 * 4369 : draw_below(source, 65536));
}

static void *new_array(int64_t count, size_t size)
{
    void *array = calloc((size_t)count, size);
    if (!array && count > 0)
        abort();
    return array;
}

static void draw_thresholds(merge_case *made, byte_source *source)
{
    made->thresholds = new_array(made->problem.num_stages, sizeof *made->thresholds);
    for (int32_t stage = 0; stage < made->problem.num_stages; stage++)
        made->thresholds[stage] = (float)(draw_affinity(source) / 65535.0);
}

/* Draws the affinities as indices of levels: two bits for each, four in a byte. */
static void draw_affinities(merge_case *made, byte_source *source, const levels *among,
                            int64_t count)
{
    made->affinities = new_array(count, sizeof *made->affinities);
    uint32_t bits = 0;
    for (int64_t i = 0; i < count; i++, bits >>= 2) {
        if (i % 4 == 0)
            bits = draw(source);
        made->affinities[i] = among->values[(bits & 3) % among->count];
    }
}

/* Draws a lexicographically positive offset; most are short, some are longer than the grid. */
static void draw_offset(byte_source *source, int64_t longest, int is_flat, int64_t *offset)
{
    int64_t reach = draw(source) < 208 ? 2 : longest;
    for (int axis = 0; axis < 3; axis++)
        offset[axis] = draw_below(source, 2 * reach + 1) - reach;
    if (is_flat)
        offset[0] = 0;
    int first = offset[0] ? 0 : offset[1] ? 1 : 2;
    for (int axis = 0; axis < 3 && offset[first] < 0; axis++)
        offset[axis] = axis == first ? offset[axis] : -offset[axis];
    offset[first] = offset[first] < 0 ? -offset[first] : offset[first] + (offset[first] == 0);
}

static int is_among(const int64_t *offset, const int64_t *others, int64_t count)
{
    for (int64_t k = 0; k < count; k++)
        if (others[3 * k] == offset[0] && others[3 * k + 1] == offset[1] &&
            others[3 * k + 2] == offset[2])
            return 1;
    return 0;
}

/* Draws a mask: all pixels, or each pixel with the same probability. */
static void draw_mask(merge_case *made, byte_source *source, int64_t pixels)
{
    made->mask = new_array(pixels, sizeof *made->mask);
    uint8_t missing = draw(source);
    for (int64_t p = 0; p < pixels; p++) {
        made->mask[p] = missing < 128 || draw(source) >= 2 * (missing - 128);
        made->num_vertices += made->mask[p];
    }
}

static void draw_grid(merge_case *made, byte_source *source, const levels *among, int64_t longest)
{
    merge_problem *problem = &made->problem;
    int is_flat = draw(source) < 176;
    problem->shape[0] = is_flat ? 1 : 1 + draw_below(source, 1 + longest / 3);
    problem->shape[1] = 1 + draw_below(source, longest);
    problem->shape[2] = 1 + draw_below(source, longest);
    int64_t pixels = problem->shape[0] * problem->shape[1] * problem->shape[2];
    int64_t drawn = draw_below(source, MOST_CHANNELS + 1);
    made->offsets_or_ends = new_array(3 * drawn, sizeof *made->offsets_or_ends);
    made->stages = new_array(drawn, sizeof *made->stages);
    for (int64_t k = 0; k < drawn; k++) {
        int64_t *offset = made->offsets_or_ends + 3 * problem->num_channels;
        draw_offset(source, longest, is_flat, offset);
        made->stages[problem->num_channels] = (int32_t)draw_below(source, problem->num_stages);
        problem->num_channels += !is_among(offset, made->offsets_or_ends, problem->num_channels);
    }
    draw_mask(made, source, pixels);
    draw_affinities(made, source, among, problem->num_channels * pixels);
}

/* Draws a count: most are small, some need more bits than a packed sum has. */
static int64_t draw_count(byte_source *source)
{
    int64_t drawn = draw(source);
    return drawn < 224 ? 1 + drawn % 8 : ((int64_t)1 << 23) + drawn * drawn;
}

/* Draws for each edge a count, and the sum of so many affinities: near that of equal ones. */
static void draw_sums(merge_case *made, byte_source *source)
{
    made->sums = new_array(2 * made->problem.num_channels, sizeof *made->sums);
    for (int64_t k = 0; k < made->problem.num_channels; k++) {
        int64_t count = draw_count(source), total = made->affinities[k] * count;
        int64_t more = draw(source) % 16 * 4369;
        made->sums[2 * k] =
            total + more <= 65535 * count ? total + more : total - more % (total + 1);
        made->sums[2 * k + 1] = count;
    }
}

static void draw_graph(merge_case *made, byte_source *source, const levels *among, int64_t longest)
{
    merge_problem *problem = &made->problem;
    int64_t vertices = 1 + draw_below(source, longest * longest / 2), before = 0;
    int64_t *ends = new_array(problem->num_stages, sizeof *ends);
    for (int32_t stage = 0; stage < problem->num_stages; stage++) {
        if (vertices > 1)
            problem->num_channels += draw_below(source, 3 * vertices);
        ends[stage] = problem->num_channels;
    }
    made->num_vertices = vertices;
    problem->shape[0] = problem->shape[1] = 1;
    problem->shape[2] = vertices;
    made->offsets_or_ends = new_array(2 * problem->num_channels, sizeof *made->offsets_or_ends);
    made->stages = new_array(problem->num_channels, sizeof *made->stages);
    for (int32_t stage = 0; stage < problem->num_stages; stage++)
        for (; before < ends[stage]; before++)
            made->stages[before] = stage;
    for (int64_t k = 0; k < problem->num_channels; k++) {
        int64_t u = draw_below(source, vertices), step = 1 + draw_below(source, vertices - 1);
        made->offsets_or_ends[2 * k] = u;
        made->offsets_or_ends[2 * k + 1] = (u + step) % vertices;
    }
    free(ends);
    draw_affinities(made, source, among, problem->num_channels);
    if (draw(source) & 1)
        draw_sums(made, source);
}

merge_case case_make(byte_source *source, int64_t longest)
{
    merge_case made = {0};
    uint8_t kind = draw(source);
    made.problem.is_grid = kind & 1;
    made.threads = 1 + (kind >> 1 & 3);
    made.problem.num_stages = 1 + (kind >> 3 & 3);
    levels among = {.count = 1 + (kind >> 5 & 3)};
    made.problem.linkage = (int32_t)draw_below(source, NUM_LINKAGES);
    for (int64_t i = 0; i < among.count; i++)
        among.values[i] = draw_affinity(source);
    draw_thresholds(&made, source);
    if (made.problem.is_grid)
        draw_grid(&made, source, &among, longest);
    else
        draw_graph(&made, source, &among, longest);
    made.problem.offsets_or_ends = made.offsets_or_ends;
    made.problem.stages = made.stages;
    made.problem.affinities = made.affinities;
    made.problem.mask = made.mask;
    made.problem.thresholds = made.thresholds;
    made.problem.sums = made.sums;
    return made;
}

void case_free(merge_case *made)
{
    free(made->offsets_or_ends);
    free(made->stages);
    free(made->affinities);
    free(made->mask);
    free(made->thresholds);
    free(made->sums);
}
