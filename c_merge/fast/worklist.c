#include "worklist.h"

void worklist_tidy(worker *me)
{
    uint32_t *place = me->graph->place;
    uint64_t height = 0;
    for (uint64_t i = 0; i < me->height; i++) {
        uint32_t vertex = me->worklist[i];
        if (place[vertex] != i)
            continue;
        place[vertex] = (uint32_t)height;
        me->worklist[height++] = vertex;
    }
    me->height = height;
}
