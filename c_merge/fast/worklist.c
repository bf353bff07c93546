#include "worklist.h"

#define FEWEST_ENTRIES 256

static void compact(worker *me)
{
    vertex_state *vertices = me->graph->vertices;
    uint64_t kept = 0;
    for (uint64_t i = 0; i < me->worklist_height; i++) {
        uint32_t vertex = me->worklist[i];
        if (vertices[vertex].worklist_index != i)
            continue;
        if (vertices[vertex].best.weight == NO_WEIGHT) {
            vertices[vertex].worklist_index = NOT_LISTED;
            continue;
        }
        vertices[vertex].worklist_index = (uint32_t)kept;
        me->worklist[kept++] = vertex;
    }
    me->worklist_height = kept;
}

int merge_worklist_make_room(worker *me)
{
    compact(me);
    if (2 * me->worklist_height < me->worklist_capacity)
        return MERGE_OK;
    uint64_t capacity = me->worklist_capacity ? 2 * me->worklist_capacity : FEWEST_ENTRIES;
    if (capacity > me->worklist_room) {
        uint32_t *larger = merge_arena_take_array(&me->arena, capacity, sizeof *larger);
        if (!larger)
            return MERGE_OUT_OF_MEMORY;
        if (me->worklist_height > 0)
            memcpy(larger, me->worklist, me->worklist_height * sizeof *larger);
        me->worklist = larger;
        me->worklist_room = capacity;
    }
    me->worklist_capacity = capacity;
    return MERGE_OK;
}
