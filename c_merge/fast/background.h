/* Skips the pixels outside the mask, so that a grid with a small mask costs little. */
#ifndef BACKGROUND_H
#define BACKGROUND_H

#include "graph.h"

#define SKIPPED_TOGETHER 8

/* Whether any of "count" pixels lies in the mask. The loop is simple, so that it is vectorised. */
static inline int has_foreground(const uint8_t *mask, int64_t count)
{
    uint8_t any = 0;
    for (int64_t p = 0; p < count; p++)
        any |= mask[p];
    return any != 0;
}

/* The first pixel from "pixel" on that has a vertex, or "end". number: the vertex of each pixel. */
static inline uint64_t end_of_background(const uint32_t *number, uint64_t pixel, uint64_t end)
{
    for (; end - pixel >= SKIPPED_TOGETHER; pixel += SKIPPED_TOGETHER) {
        uint32_t all = NO_VERTEX; /* whose bits are all set, unlike those of a vertex */
        for (int i = 0; i < SKIPPED_TOGETHER; i++)
            all &= number[pixel + (uint64_t)i];
        if (all != NO_VERTEX)
            break;
    }
    while (pixel < end && number[pixel] == NO_VERTEX)
        pixel++;
    return pixel;
}

#endif
