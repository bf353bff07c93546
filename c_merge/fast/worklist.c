#include "worklist.h"

void worklist_tidy(worker *me)
{
    vertex_state *vertices = me->graph->vertices;
    uint64_t height = 0;
    for (uint64_t i = 0; i < me->height; i++) {
        uint32_t vertex = me->worklist[i];
        if (vertices[vertex].place != i)
            continue;
        vertices[vertex].place = (uint32_t)height;
        me->worklist[height++] = vertex;
    }
    me->height = height;
}
