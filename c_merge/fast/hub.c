#include "hub.h"

#define FEWEST_TABLE_BITS 3
/* The size class of tables in the arena is FIRST_TABLE_CLASS + table_bits. Smaller classes are
 * those of neighbourhoods. */
#define FIRST_TABLE_CLASS 96

/* Rounds a number of keys up to a multiple of HUB_GROUP. */
static uint64_t rounded_to_groups(uint64_t keys)
{
    return (keys + HUB_GROUP - 1) / HUB_GROUP * HUB_GROUP;
}

size_t merge_hub_bytes(uint64_t capacity)
{
    uint64_t keys = rounded_to_groups(capacity / HUB_BLOCK), all = keys;
    for (; keys > HUB_GROUP; all += keys)
        keys = rounded_to_groups(keys / HUB_GROUP);
    return (all * sizeof(edge_key) + sizeof(hub) + 63) & ~(size_t)63;
}

void merge_hub_make(neighbourhood *edges, void *piece)
{
    hub *made = hub_of(edges);
    *made = (hub){.fetch_gap = FIRST_FETCH_GAP};
    edge_key *next = piece;
    uint64_t keys = edges->capacity / HUB_BLOCK;
    for (;;) {
        keys = rounded_to_groups(keys);
        made->levels[made->num_levels++] = next;
        for (uint64_t i = 0; i < keys; i++)
            *next++ = NO_KEY;
        if (keys == HUB_GROUP)
            return;
        keys /= HUB_GROUP;
    }
}

void merge_hub_set_bounds(neighbourhood *edges, uint32_t end)
{
    const hub *h = hub_of(edges);
    for (uint32_t first = 0; first < end; first += HUB_BLOCK) {
        weight_bits largest = NO_WEIGHT;
        for (uint32_t i = first; i < first + HUB_BLOCK; i++)
            largest = *weight_at(edges, i) > largest ? *weight_at(edges, i) : largest;
        h->levels[0][first / HUB_BLOCK] =
            largest == NO_WEIGHT ? NO_KEY : key_of(largest, UINT32_MAX);
    }
    uint64_t keys = rounded_to_groups(edges->capacity / HUB_BLOCK);
    for (uint32_t level = 1; level < h->num_levels; level++) {
        for (uint64_t i = 0; i < keys / HUB_GROUP; i++)
            h->levels[level][i] = largest_key(h->levels[level - 1] + i * HUB_GROUP);
        keys = rounded_to_groups(keys / HUB_GROUP);
    }
}

void merge_hub_move(neighbourhood *to, neighbourhood *from)
{
    hub *here = hub_of(to), *there = hub_of(from);
    here->table = there->table;
    here->table_bits = there->table_bits;
    here->num_entries = there->num_entries;
    here->fetch_gap = there->fetch_gap;
    there->table = NULL;
    merge_hub_set_bounds(to, to->used);
}

/* The index in the table at which the search for another hub begins. */
static uint32_t hash_of(const hub *h, uint32_t other)
{
    return (other * 0x9e3779b1u) >> (32 - h->table_bits);
}

/* The entry of another hub or, if it has none, the free entry in which to store it. */
static hub_entry *table_entry_of(const hub *h, uint32_t other)
{
    uint32_t wrap = ((uint32_t)1 << h->table_bits) - 1, at = hash_of(h, other);
    while (h->table[at].hub != NO_HUB && h->table[at].hub != other)
        at = (at + 1) & wrap;
    return &h->table[at];
}

static void give_table_back(arena *memory, const hub *h)
{
    if (h->table)
        arena_give_back(memory, FIRST_TABLE_CLASS + h->table_bits, h->table,
                        sizeof(hub_entry) << h->table_bits);
}

static int grow_table(arena *memory, hub *h)
{
    hub larger = *h;
    larger.table_bits = h->table ? h->table_bits + 1 : FEWEST_TABLE_BITS;
    size_t size = (size_t)1 << larger.table_bits;
    larger.table =
        arena_take_piece(memory, FIRST_TABLE_CLASS + larger.table_bits, size * sizeof(hub_entry));
    if (!larger.table)
        return MERGE_OUT_OF_MEMORY;
    memset(larger.table, 0xff, size * sizeof(hub_entry)); /* NO_HUB */
    for (size_t i = 0; h->table && i < size / 2; i++)
        if (h->table[i].hub != NO_HUB)
            *table_entry_of(&larger, h->table[i].hub) = h->table[i];
    give_table_back(memory, h);
    *h = larger;
    return MERGE_OK;
}

int merge_hub_table_make(arena *memory, neighbourhood *edges)
{
    return grow_table(memory, hub_of(edges));
}

int merge_hub_table_add(arena *memory, neighbourhood *edges, uint32_t other, uint32_t slot)
{
    hub *h = hub_of(edges);
    if (!h->table)
        return MERGE_OK;
    if (2 * (h->num_entries + 1) > (uint32_t)1 << h->table_bits) {
        int status = grow_table(memory, h);
        if (status != MERGE_OK)
            return status;
    }
    hub_entry *entry = table_entry_of(h, other);
    h->num_entries += entry->hub == NO_HUB;
    *entry = (hub_entry){other, slot};
    return MERGE_OK;
}

void merge_hub_table_remove(neighbourhood *edges, uint32_t other)
{
    hub *h = hub_of(edges);
    if (!h->table)
        return;
    uint32_t wrap = ((uint32_t)1 << h->table_bits) - 1;
    uint32_t gap = (uint32_t)(table_entry_of(h, other) - h->table);
    if (h->table[gap].hub == NO_HUB)
        return;
    /* A later entry moves into the gap unless the search for it begins behind the gap. */
    for (uint32_t at = (gap + 1) & wrap; h->table[at].hub != NO_HUB; at = (at + 1) & wrap)
        if (((at - hash_of(h, h->table[at].hub)) & wrap) >= ((at - gap) & wrap)) {
            h->table[gap] = h->table[at];
            gap = at;
        }
    h->table[gap].hub = NO_HUB;
    h->num_entries--;
}

uint32_t merge_hub_table_find(const neighbourhood *edges, uint32_t other)
{
    const hub *h = hub_of(edges);
    const hub_entry *entry = table_entry_of(h, other);
    return entry->hub == other ? entry->slot : NO_SLOT;
}

void merge_hub_give_back(arena *memory, neighbourhood *edges)
{
    hub *h = hub_of(edges);
    give_table_back(memory, h);
    h->table = NULL;
    h->num_entries = 0;
}
