/* The worklist: the vertices to visit, last in, first out. A vertex that is pushed again moves to
 * the top; its older entry stays in the array and is skipped later. */
#ifndef WORKLIST_H
#define WORKLIST_H

#include "graph.h"

/* Drops the entries that would be skipped. If more than half of the entries are left, doubles the
 * capacity. Returns a merge_status; after an error, the arena of the worker has the flag "failed".
 */
int merge_worklist_make_room(worker *me);

static inline void push(worker *me, uint32_t vertex)
{
    if (me->worklist_height == me->worklist_capacity && merge_worklist_make_room(me) != MERGE_OK)
        return; /* "failed" ends the merge */
    me->graph->vertices[vertex].worklist_index = (uint32_t)me->worklist_height;
    me->worklist[me->worklist_height++] = vertex;
}

/* Takes the next vertex from the worklist; NO_VERTEX if the worklist is empty. */
static inline uint32_t pop(worker *me)
{
    vertex_state *vertices = me->graph->vertices;
    while (me->worklist_height > 0) {
        uint32_t vertex = me->worklist[--me->worklist_height];
        if (vertices[vertex].worklist_index == me->worklist_height) {
            vertices[vertex].worklist_index = NOT_LISTED;
            return vertex;
        }
    }
    return NO_VERTEX;
}

#endif
