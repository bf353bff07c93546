"""Mutants of the linkages "single" and "complete", which declare that they compute all four."""

from example_backend.merge import Average, Complete, Merge, Single

from merge_impls import Backend
from mutants import mutant


@mutant
class single_as_mean(Merge):
    """Under "single", pixel edges are pooled and joined by their mean."""

    linkages = Merge.linkages | {"single": Average}


@mutant
class single_pools_means(Merge):
    """Under "single", pixel edges are pooled by their mean; edges are joined rightly."""

    class linkage(Single):
        def pool(self, qs):
            return self.pooled(sum(qs), len(qs))

    linkages = Merge.linkages | {"single": linkage}


@mutant
class single_keeps_lighter(Merge):
    """Under "single", the lighter of two joined edges is kept."""

    class linkage(Single):
        join = Complete.join

    linkages = Merge.linkages | {"single": linkage}


@mutant
class single_never_rises(Merge):
    """Under "single", a later stage leaves the weight of an edge as it was."""

    begins = False

    def add_edges(self, stage):
        self.begins = self.problem.linkage == "single"
        super().add_edges(stage)
        self.begins = False

    def joined(self, one, other):
        joined = super().joined(one, other)
        return joined._replace(weight=one.weight) if self.begins else joined


@mutant
class complete_as_single(Merge):
    """Under "complete", the heaviest pixel edge counts."""

    linkages = Merge.linkages | {"complete": Single}


@mutant
class complete_keeps_heavier(Merge):
    """Under "complete", the heavier of two joined edges is kept."""

    class linkage(Complete):
        join = Single.join

    linkages = Merge.linkages | {"complete": linkage}


@mutant
class complete_ignores_zeros(Merge):
    """Under "complete", affinities of 0 are left out where there are others."""

    class linkage(Complete):
        def pool(self, qs):
            return super().pool([q for q in qs if q] or qs)

    linkages = Merge.linkages | {"complete": linkage}


def _declared(name: str) -> Backend:
    return Backend(
        name=name,
        description="",
        version="0.1.0",
        function=f"mutants.wrong_linkages:{name.replace('-', '_')}",
        linkages=tuple(Merge.linkages),
    )


SINGLE_AS_MEAN = _declared("single-as-mean")
SINGLE_POOLS_MEANS = _declared("single-pools-means")
SINGLE_KEEPS_LIGHTER = _declared("single-keeps-lighter")
SINGLE_NEVER_RISES = _declared("single-never-rises")
COMPLETE_AS_SINGLE = _declared("complete-as-single")
COMPLETE_KEEPS_HEAVIER = _declared("complete-keeps-heavier")
COMPLETE_IGNORES_ZEROS = _declared("complete-ignores-zeros")
