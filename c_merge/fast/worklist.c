#include "worklist.h"

void merge_worklist_compact(worker *me)
{
    vertex_state *vertices = me->graph->vertices;
    uint64_t kept = 0;
    for (uint64_t i = 0; i < me->worklist_height; i++) {
        uint32_t vertex = me->worklist[i];
        if (vertices[vertex].worklist_index != i)
            continue;
        vertices[vertex].worklist_index = (uint32_t)kept;
        me->worklist[kept++] = vertex;
    }
    me->worklist_height = kept;
}
