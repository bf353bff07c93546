"""Mutants with a mistake in the linkage "single" or "complete". All declare all four linkages."""

from example_backend.merge import Average, Complete, Merge, Single

from merge_impls import Backend
from mutants import mutant


@mutant
class single_as_mean(Merge):
    """With linkage "single", the linkage "average" is computed."""

    linkages = Merge.linkages | {"single": Average}


@mutant
class single_pools_means(Merge):
    """With linkage "single", a new edge weighs the mean of its pixel edges. Joined edges are right."""

    class linkage(Single):
        def pool(self, qs):
            return self.mean_affinity(sum(qs), len(qs))

    linkages = Merge.linkages | {"single": linkage}


@mutant
class single_keeps_lighter(Merge):
    """With linkage "single", joined edges weigh as much as the lighter of the two."""

    class linkage(Single):
        join = Complete.join

    linkages = Merge.linkages | {"single": linkage}


@mutant
class single_never_rises(Merge):
    """With linkage "single", the edges of a later stage do not change the weight of an edge."""

    begins = False

    def add_stage_edges(self, stage):
        self.begins = self.problem.linkage == "single"
        super().add_stage_edges(stage)
        self.begins = False

    def join_edges(self, one, other):
        joined = super().join_edges(one, other)
        return joined._replace(weight=one.weight) if self.begins else joined


@mutant
class complete_as_single(Merge):
    """With linkage "complete", the linkage "single" is computed."""

    linkages = Merge.linkages | {"complete": Single}


@mutant
class complete_keeps_heavier(Merge):
    """With linkage "complete", joined edges weigh as much as the heavier of the two."""

    class linkage(Complete):
        join = Single.join

    linkages = Merge.linkages | {"complete": linkage}


@mutant
class complete_ignores_zeros(Merge):
    """With linkage "complete", affinities of 0 are ignored if a new edge has others."""

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
