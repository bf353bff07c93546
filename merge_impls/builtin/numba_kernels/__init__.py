"""The functions that numba compiles for the backend ``numba``.

The algorithm is described in c_merge/fast/DESIGN.md; here it runs on one thread. Read the modules in
this order: ``layouts`` (the arrays), ``blocks`` (the edges of a vertex), ``hub`` (what a vertex with
many edges keeps beside them), ``sums``, ``linkage``, ``pixel_edges``, ``grid_best_edges``,
``inert_pixels`` (pixels that are left out of the graph), ``fetch_ahead`` (prefetches for the next merges
of a hub), ``best_edge``, ``moving_blocks``, ``contract_edge``, ``vertex_queue``, ``loop``; then ``runs``,
``explicit_edges`` and ``edges`` (the edges that a later stage adds); then ``history`` and ``segments``
(the results).
``stop`` has the flag that stops a merge.

Graphs that do not fit into the processor's caches take more time for each edge than small ones. Profiles of
stars, hubs and dense graphs of more than a million edges show two reasons. Merges in the order of ranks read
rows of vertices, blocks and keys anywhere in memory; ``fetch_ahead`` and ``vertex_queue`` prefetch most of
them, and the remaining waits are spread over many places. Large arrays begin in new pages, which the system
must clear first, while the arrays of small graphs lie in memory that was used before. So arrays that are not
needed any more are released before the next graph is made (``numba_merge``), and explicit edges are sorted
without a list of them before (``sort_edges``).

Small volumes of microscopy with linkage weighted are merged slower than by ``heap``. More than half of the
time is the merge loop of the first stage. The rest is spent on lists of edges of the later stages, in
which few vertices merge. There, each pair of runs that meet becomes a row of ``EDGE``, and most rows are
joined with others soon after.

Most functions and files have the same name as in c_merge/fast. These differ:

==================================  ================================================
here                                in c_merge/fast
==================================  ================================================
block of slots, ``blocks``          neighbourhood, ``neighbourhood.h``
``make_pixel_edges``                ``edges_of``, ``merge_pixel_edges_make``
``grow_block``                      ``merge_neighbourhood_grow``
``compact_block``                   ``merge_neighbourhood_compact``
``take_block``                      ``merge_neighbourhood_make``
``free_block``                      ``merge_neighbourhood_give_back``
``kind`` of a block                 size class
``add_row_to_edge``                 ``combine_pooled``
``find_blocker``                    ``find_any_blocker`` and ``find_blocker``
``contract_from``                   ``visit_freely`` and ``visit_after_blockers``
``waiting``                         ``worklist_index``
``combine_parallel_edges``          ``merge_combine_parallel_edges``
``insert_edges``                    ``merge_add_stage_edges``
``append_edges_between_labels``     ``merge_visit_meetings``, ``collect_meeting``
``sum_edges_inside_labels``         ``merge_visit_meetings``, ``add_meeting_to_sum``
``sort_edges``                      ``collect_listed_edges``
``sum_explicit_edges``              ``sum_listed_edges``
``give_blocks``                     ``make_room``
``change_patience``                 ``earn_patience``
``largest_key_of``                  ``largest_bound``
row of ``Graph.wide``               ``wide_sum``
key of a part, ``raise_key``        key of a block of slots
``list_parts``                      ``list_blocks``
``FETCH_NUMBERS`` after the keys     ``fetched``, ``fetched_down_to``, ``fetch_gap``
``cease_to_be_hub``                 ``remove_from_hub_tables``
``hub_edges``: one hash table       a hash table of each hub, ``hub_entry``
``LARGEST_NAME`` of a bound         ``UINT32_MAX``
``queue``, ``state.queued``         ``vertex_queue``
``merge_by_rank``                   ``merge_by_rank``, ``empty_queue``
tiles in raster order, ``TILE``     tiles along a Z-curve, ``vertex_order.h``
``leave_out_inert_pixels``          ``merge_leave_out_inert_pixels``
``state.changed``                   ``MERGE_CHANGED``
==================================  ================================================
"""
