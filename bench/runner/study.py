"""A study: variants and methods, measured on images or on seeded fields. ``study_file`` reads it."""

from dataclasses import dataclass, replace
from typing import TypeAlias

from bench.pipeline.config import PLAIN, PipelineConfig
from bench.types import Size

GraphSize: TypeAlias = Size | int
"""The size of a field, (height, width), or of a graph of a family: about how many edges it has."""


@dataclass(frozen=True)
class Variant:
    """One way to segment the images, a row of a study's table.

    name: "" if the study has only one variant for each linkage. strategy: the whole configuration of the
    pipeline, with the linkage.
    paper: the paper's AP of this row in percent, on Cityscapes val.
    oracle: the parts of a prediction ("affinity", "semantic") that are copied from the annotation.
    against: the name of the earlier row with which this row is compared; None: the row before it.
    third_party: the method, a name of ``bench.methods.all_methods``, that merges instead of the backends.
    noise: the standard deviation of the normal noise that is added to the logits of the affinities.
    own_linkage: whether the row names its linkage; then it is not repeated for each linkage of the study.
    """

    name: str
    strategy: PipelineConfig
    paper: float | None = None
    oracle: tuple[str, ...] = ()
    against: str | None = None
    third_party: str | None = None
    noise: float = 0.0
    own_linkage: bool = False

    @property
    def linkage(self) -> str:
        return self.strategy.linkage


@dataclass(frozen=True)
class StudyImages:
    """The images of a study: those of one split of a data set, segmented with one model.

    crop: (height, width) of the part of each map on which the reference checks the backends.
    limit: the largest number of images. tuning: only images of the tuning slice of train, on which no network
    was trained.
    """

    dataset: str
    split: str
    model: str
    crop: Size
    limit: int | None = None
    tuning: bool = False


@dataclass(frozen=True)
class StudyFields:
    """The seeded fields (synthetic street problems) of a study, which needs no images and no networks.

    noises: the noises of the fields. size: (height, width) of the fields that all methods merge in turns.
    sizes: (height, width) of the fields that the backends of ``Study.scaled`` merge with one thread.
    families: names of ``merge_impls.fields.FAMILIES``, whose graphs are merged beside the fields.
    edges, edges_of_all: about how many edges these graphs have, as ``sizes`` and ``size`` of the fields.
    timeout: seconds after which a merge counts as failed.
    """

    noises: tuple[str, ...]
    size: Size
    sizes: tuple[Size, ...]
    families: tuple[str, ...] = ()
    edges: tuple[int, ...] = ()
    edges_of_all: int = 0
    timeout: float = 600

    @property
    def groups(self) -> tuple[str, ...]:
        """The noises and the families: all graphs of a group are measured in the same rounds."""
        return (*self.noises, *self.families)

    def sizes_of(self, group: str) -> tuple[GraphSize, ...]:
        """The sizes of the graphs of a noise or a family."""
        return self.edges if group in self.families else self.sizes

    def size_of_all(self, group: str) -> GraphSize:
        """The size of the graph of a noise or a family that all methods merge."""
        return self.edges_of_all if group in self.families else self.size

    def limited(self, count: int | None) -> "StudyFields":
        """The fields of the ``count`` smallest sizes.

        If ``size`` is none of them, all methods merge the largest of them.
        """
        left = tuple(sorted(self.sizes, key=lambda size: size[0] * size[1])[:count])
        edges = tuple(sorted(self.edges)[:count])
        return replace(
            self,
            sizes=left,
            size=self.size if self.size in left else left[-1],
            edges=edges,
            edges_of_all=self.edges_of_all if self.edges_of_all in edges else max(edges, default=0),
        )


@dataclass(frozen=True)
class GoalMethod:
    """The method that a goal is about: the ``cell`` of its records."""

    backend: str
    linkage: str = "average"
    threads: int = 1


@dataclass(frozen=True)
class Goal:
    """A goal of a study of fields: a limit that a measured figure must keep, and a better figure to aim at.

    words: the description in the table of goals. of: the method. measure: the figure,

    - "time": the time of the method divided by that of the method ``by``, in the same rounds;
    - "exponent": of the power law of time against edges, on fields of ``sizes`` (height, width);
    - "memory": the peak beyond the input, divided by the size of the uint16 affinities.
    """

    words: str
    measure: str
    of: GoalMethod
    must: float
    aim: float
    by: GoalMethod | None = None
    sizes: tuple[tuple[int, int], ...] = ()

    @property
    def at_least(self) -> bool:
        """Whether large figures are good."""
        return self.aim > self.must


@dataclass(frozen=True)
class Study:
    """Which variants and methods are measured on which problems.

    source: where the problems come from, images or fields.
    backends: they merge all problems and are timed. rounds: how often each backend merges each problem; the
    backends take turns.
    reference: the backend that the others must equal to the bit, on a crop of every map; on fields, where the
    TOML calls it ``baseline``, on all of them, and speedups are relative to its time.

    These entries are for images alone:

    - map_reference: the one of ``backends`` that the others must equal on whole maps; None: they are compared
      with each other.
    - scored_alone: methods that find instances in an image; they are scored but not timed.
    - pictures: the number of images in the picture grid of the report.
    - strategy: the configuration for ``scored_alone``, and for the merges if ``variants`` is empty.
    - variants: as the TOML has them, with the first linkage; ``all_variants`` has them for each linkage.

    These entries are for fields alone:

    - third_party: methods by others, names of ``bench.methods.all_methods``; they merge beside the backends.
    - threads: numbers of threads; a backend has a row for each that it can use.
    - scaled: the backends that merge the fields of all sizes.
    - goals: what the times and the memory should reach.
    """

    name: str
    source: StudyImages | StudyFields
    linkages: tuple[str, ...]
    backends: tuple[str, ...]
    reference: str
    rounds: int
    map_reference: str | None = None
    scored_alone: tuple[str, ...] = ()
    pictures: int = 0
    strategy: PipelineConfig = PLAIN
    variants: tuple[Variant, ...] = ()
    third_party: tuple[str, ...] = ()
    threads: tuple[int, ...] = (1,)
    scaled: tuple[str, ...] = ()
    goals: tuple[Goal, ...] = ()

    @property
    def images(self) -> StudyImages:
        """The images; only of a study of images."""
        assert isinstance(self.source, StudyImages)
        return self.source

    @property
    def fields(self) -> StudyFields:
        """The fields; only of a study of fields."""
        assert isinstance(self.source, StudyFields)
        return self.source

    @property
    def of_fields(self) -> bool:
        """Whether the problems are seeded fields, not images."""
        return isinstance(self.source, StudyFields)

    @property
    def all_variants(self) -> list[Variant]:
        """The variants with their linkages filled in: by linkage, and for each in their order."""
        declared = self.variants or (Variant("", self.strategy),)
        return [
            variant
            if variant.own_linkage
            else replace(variant, strategy=variant.strategy.replace(linkage=linkage))
            for linkage in self.linkages
            for variant in declared
            if not variant.own_linkage or linkage == self.linkages[0]
        ]

    def before(self, variant: Variant) -> Variant | None:
        """The variant of the same linkage with which ``variant`` is compared; None for the first of each."""
        earlier = self.all_variants[: self.all_variants.index(variant)]
        if variant.against is None:
            first = not self.variants or variant.name == self.variants[0].name
            return None if first else earlier[-1]
        return next(other for other in reversed(earlier) if other.name == variant.against)
