"""An image through the pipeline of the paper's sections 3 and 4.

strategy and resolved_strategy configure it; regions finds what is segmented by itself, resizing enlarges it,
networks predicts it (prediction; oracle from the annotation), refinement and local_merge prepare the graph,
graph builds it, instances makes objects of the merge's segments, and segment composes all of these.
"""
