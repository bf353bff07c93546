"""The functions that numba compiles for the backend ``numba``.

The algorithm is that of c_merge/fast/DESIGN.md, on one thread. In reading order: ``layouts`` (the
arrays), ``blocks`` (edges of a vertex), ``sums`` and ``linkage``, ``pixel_edges``,
``grid_best_edges`` and ``best_edge``, ``contract_edge``, ``loop``; ``runs`` and ``edges`` (what a
later stage adds); ``history`` and ``segments`` (the results).

Most functions and files have the name that they have in C. These differ:

=======================================  ====================================================
here                                     in c_merge/fast
=======================================  ====================================================
block of slots, ``blocks``               neighbourhood, ``neighbourhood.h``
``make_pixel_edges``                     ``edges_of``, ``merge_pixel_edges_make``
``grow``, ``compact``                    ``merge_neighbourhood_grow``, ``merge_neighbourhood_compact``
``take_block``, ``free_block``           ``merge_neighbourhood_make``, ``merge_neighbourhood_give_back``
``kind`` of a block                      size class
``find_blocker``                         ``find_any_blocker`` and ``find_blocker``
``contract_from``                        ``contract_freely`` and ``contract_in_order``
``waiting``                              ``worklist_index``
``combine_parallel_edges``               ``merge_combine_parallel_edges``
``insert_edges``                         ``merge_add_stage_edges``
``list_meetings``, ``sum_inside``        ``merge_visit_meetings``
row of ``Graph.wide``                    ``wide_sum``
``TILE`` pixels in raster order          tiles along a Z-curve, ``vertex_order.h``
=======================================  ====================================================
"""
