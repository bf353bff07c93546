"""The paper's sections 3 and 4 as a pipeline from an image to its instances. Each module is one step.

===================================  ================================================================
paper                                module
===================================  ================================================================
which strategies, section 5.3        ``config``: one ``PipelineConfig``; presets ``BARE``, ``PLAIN``,
                                     ``PAPER``
3.1 overview                         ``segment``: ``Pipeline.segment`` composes all that follows
3.2 semantic branch                  ``models.deeplabv3``, ``models.inference``
3.3 instance branch, Eq. 1 and 2     ``models.affinity_channels``; its targets in
                                     ``models.training.pair_targets``
3.4 mean of both directions          ``merge_impls.canonical_affinities``
3.4 graph G = (V, E)                 ``graph``
3.4 Algorithm 1, Eq. 3 and 4         ``merge_impls.builtin.networkx_merge``, and the other backends
3.4 r_c, class votes, confidence     ``instances``
4.1 excluding background             ``regions`` (ROIs), ``foreground`` (mask)
4.2 refinement, Eq. 5 and 6          ``refinement``
4.3 resizing ROIs                    ``resizing``; the height is set in ``config``
4.4 forcing local merge              ``local_merge``
4.5 semantic class partition         ``regions``, ``foreground``; ``super_classes`` of pixels
5.3 output strides, flips (SHF, IHF) ``cached_networks``, ``models.flip_averaging``
5.3 class refinement (SCR)           ``refinement``
===================================  ================================================================

``segment`` calls the steps in this order, each of them once for the image or once for each region:

- ``regions`` finds the regions of the image,
- ``prediction`` predicts classes and affinities of each region,
- ``foreground`` decides which pixels the graph of each region holds,
- ``refinement``, ``local_merge`` and ``graph`` build the graph of each region, which is then merged,
- ``instances`` finds the objects in the merged graph of each region.

No step calls another step. Every step may use ``config``, ``resizing``, ``super_classes`` and ``view``.

Predictions come from a ``predictor``: either the networks, whose logits are cached (``cached_networks``; they
are computed by ``network_answers``), or the annotation (``oracle``).
"""
