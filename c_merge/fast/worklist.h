/* The vertices to look at, last in, first out. A vertex that is pushed again moves to the top. */
#ifndef WORKLIST_H
#define WORKLIST_H

#include "graph.h"

/* Drops what has moved up or merged since; the room is twice what can be left. */
void worklist_tidy(worker *me);

static inline void push(worker *me, uint32_t vertex)
{
    if (me->height == me->room)
        worklist_tidy(me);
    me->graph->vertices[vertex].place = (uint32_t)me->height;
    me->worklist[me->height++] = vertex;
}

/* The next vertex, or NO_VERTEX. */
static inline uint32_t pop(worker *me)
{
    vertex_state *vertices = me->graph->vertices;
    while (me->height > 0) {
        uint32_t vertex = me->worklist[--me->height];
        if (vertices[vertex].place == me->height) {
            vertices[vertex].place = NO_PLACE;
            return vertex;
        }
    }
    return NO_VERTEX;
}

#endif
