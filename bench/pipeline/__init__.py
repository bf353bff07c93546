"""The paper's sections 3 and 4 as a pipeline from an image to its instances. Each module is one step.

The table in ``docs/method.md`` names the file and the function of each equation and section of the paper,
and the entry of ``config`` that switches it.

``segment`` calls the steps in this order, each of them once for the image or once for each region:

- ``regions`` finds the regions of the image (sections 4.1 and 4.5),
- ``prediction`` predicts classes and affinities of each region (3.2 and 3.3), enlarged by ``resizing`` (4.3),
- ``foreground`` decides which pixels the graph of each region holds (4.1),
- ``refinement`` changes the affinities by the classes (4.2, and SCR of 5.3),
- ``local_merge`` merges small blocks of pixels beforehand (4.4),
- ``graph`` builds the graph of each region (3.4), which a backend of ``merge_impls`` merges; the result also
  has the confidence of each segment,
- ``instances`` finds the objects among the segments: those with more than r_c pixels, with their class (3.4).

No step calls another step. Every step may use ``config``, ``resizing``, ``super_classes`` and ``view``.

Predictions come from a ``predictor``: either the networks, whose logits are cached (``cached_networks``; they
are computed by ``network_logits``), or the annotation (``oracle``).
"""
