"""The settings of a study: which methods and variants are measured, on which images or synthetic fields.

``study_file`` reads them from TOML.
"""

from dataclasses import dataclass, replace
from typing import TypeAlias

from bench.pipeline.config import PLAIN, PipelineConfig
from bench.runner.problem_change import UNCHANGED, ProblemChange
from bench.types import Size

GraphSize: TypeAlias = Size | int
"""The size of a graph: of a street (height, width), of any other family the approximate number of edges."""


@dataclass(frozen=True)
class Variant:
    """One way to segment the images. Each variant is a row of the study's table.

    name: the name of the row; "" if the study has only one variant for each linkage.
    strategy: the configuration of the pipeline, including the linkage.
    paper: the AP of this row in the paper in percent, on Cityscapes val; None if the paper has none.
    oracle: the parts of a prediction ("affinity", "semantic") that are copied from the annotation.
    against: the name of the earlier row with which AP is compared; None for the row directly before.
    third_party: the name of a third-party method that merges instead of the backends, or None.
    noise: the standard deviation of the normal noise that is added to the logits of the affinities.
    problem_change: how the merge problems are changed.
    own_linkage: whether the row sets its own linkage. Such a row is not repeated for each linkage.
    declared_name: the name in the study's TOML of a row that a sweep has renamed; "" without a sweep.
    """

    name: str
    strategy: PipelineConfig
    paper: float | None = None
    oracle: tuple[str, ...] = ()
    against: str | None = None
    third_party: str | None = None
    noise: float = 0.0
    own_linkage: bool = False
    problem_change: ProblemChange = UNCHANGED
    declared_name: str = ""

    @property
    def linkage(self) -> str:
        return self.strategy.linkage


@dataclass(frozen=True)
class StudyImages:
    """The images of a study, from one split of a data set, and the model that segments them.

    crop: (height, width) of the part of each image on which the reference checks the backends.
    limit: the largest number of images; None for all.
    tuning: whether to use only the images of the training split on which no network was trained.
    """

    dataset: str
    split: str
    model: str
    crop: Size
    limit: int | None = None
    tuning: bool = False


@dataclass(frozen=True)
class StudyFields:
    """The synthetic problems of a study of fields: streets, and graphs of other families.

    noises: the levels of noise of the streets.
    size: (height, width) of the streets that all methods merge.
    sizes: (height, width) of the streets that only the backends of ``Study.scaled`` merge.
    families: the names of the families in ``merge_impls.fields.FAMILIES``.
    edges_of_all: the approximate number of edges of the graphs of families that all methods merge.
    edges: the approximate numbers of edges of the graphs that only the backends of ``Study.scaled`` merge.
    """

    noises: tuple[str, ...]
    size: Size
    sizes: tuple[Size, ...]
    families: tuple[str, ...] = ()
    edges: tuple[int, ...] = ()
    edges_of_all: int = 0

    @property
    def groups(self) -> tuple[str, ...]:
        """The noise levels and the graph families. All graphs of a group are measured in the same rounds."""
        return (*self.noises, *self.families)

    def group_sizes(self, group: str) -> tuple[GraphSize, ...]:
        """The sizes of the graphs of ``group``, which is a noise level or a graph family."""
        return self.edges if group in self.families else self.sizes

    def size_for_all_methods(self, group: str) -> GraphSize:
        """The size at which all methods merge the graph of ``group``, a noise level or a graph family."""
        return self.edges_of_all if group in self.families else self.size

    def with_smallest_sizes(self, count: int | None) -> "StudyFields":
        """A copy with the ``count`` smallest sizes alone.

        If ``size`` is not among them, all methods merge the largest of them.
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
    """A method that a goal names. The attributes are those of the ``Cell`` of its records."""

    backend: str
    linkage: str = "average"
    threads: int = 1


@dataclass(frozen=True)
class Goal:
    """A goal of a study of fields, for one measured figure of the method ``of``.

    words: the description in the table of goals. must: the required figure. aim: a better figure.
    measure: which figure is measured,

    - "time": the time of ``of`` divided by the time of the method ``by``, in the same rounds;
    - "exponent": b in ``time = a * edges ** b``, fitted on fields of ``sizes`` (height, width);
    - "memory": the peak memory beyond the input, divided by the size of the uint16 affinities.
    """

    words: str
    measure: str
    of: GoalMethod
    must: float
    aim: float
    by: GoalMethod | None = None
    sizes: tuple[tuple[int, int], ...] = ()

    @property
    def methods(self) -> tuple[GoalMethod, ...]:
        """The methods that the figure is about."""
        return (self.of,) if self.by is None else (self.of, self.by)

    @property
    def is_larger_better(self) -> bool:
        """Whether a larger figure is better."""
        return self.aim > self.must


@dataclass(frozen=True)
class Study:
    """Which variants and methods are measured on which problems.

    source: the images or the fields. backends: the backends to time.
    rounds: how often each backend merges each problem. The backends take turns. 0: each backend merges each
    image once, without times, so that several processes or machines may merge at the same time.
    reference: the backend whose results all others must equal, bit for bit. It merges only a crop of each
    image, but all fields.
    baseline: the method that times are divided by, of which a second process makes the A/A measurement. None:
    for fields, the reference; for images without rows, see ``study_methods.method_merged_twice``.
    timeout: the seconds after which a merge counts as failed.
    memory: the limit in GB for the data of each process that merges; None for no limit.

    Only for images:

    - map_reference: the backend whose results the others must equal on whole images; None: the others are
      compared with the first backend that was right on the crop.
    - scored_alone: methods that find instances without a merge; they are scored but not timed.
    - pictures: the number of images in the picture grid of the report.
    - field_study: a study of fields that is run and reported with the images; None for none.
    - strategy: the configuration for ``scored_alone``, and for the merges if ``variants`` is empty.
    - variants: the rows of the TOML. ``all_variants`` repeats them for each linkage.

    Only for fields:

    - third_party: the names of third-party methods to time.
    - threads: the numbers of threads to time. Each backend is timed with each number that it can use.
    - scaled: the backends that merge the fields of all sizes, on one thread.
    - goals: the goals for time and memory.
    """

    name: str
    source: StudyImages | StudyFields
    linkages: tuple[str, ...]
    backends: tuple[str, ...]
    reference: str
    rounds: int
    baseline: str | None = None
    map_reference: str | None = None
    scored_alone: tuple[str, ...] = ()
    pictures: int = 0
    strategy: PipelineConfig = PLAIN
    variants: tuple[Variant, ...] = ()
    third_party: tuple[str, ...] = ()
    threads: tuple[int, ...] = (1,)
    scaled: tuple[str, ...] = ()
    goals: tuple[Goal, ...] = ()
    timeout: float = 600
    memory: float | None = None
    field_study: "Study | None" = None

    @property
    def references(self) -> set[str | None]:
        """The methods that results or times are compared with, those of ``field_study`` included."""
        beside = self.field_study.references if self.field_study else set()
        return {self.reference, self.map_reference, self.baseline, *beside}

    @property
    def timed_methods(self) -> list[str]:
        """The names of all methods that merge, those of ``field_study`` left out."""
        of_rows = [variant.third_party for variant in self.variants if variant.third_party]
        return [*dict.fromkeys([self.reference, *self.backends, *self.third_party, *of_rows])]

    @property
    def images(self) -> StudyImages:
        """The images. The study must be a study of images."""
        assert isinstance(self.source, StudyImages)
        return self.source

    @property
    def fields(self) -> StudyFields:
        """The fields. The study must be a study of fields."""
        assert isinstance(self.source, StudyFields)
        return self.source

    @property
    def is_of_fields(self) -> bool:
        """Whether the problems are synthetic fields, not images."""
        return isinstance(self.source, StudyFields)

    @property
    def is_timed(self) -> bool:
        """Whether times of merges are measured."""
        return self.rounds > 0

    @property
    def merges_of_image(self) -> int:
        """How often each backend merges each image or field."""
        return max(1, self.rounds)

    @property
    def all_variants(self) -> list[Variant]:
        """For each linkage, all variants with this linkage. A variant with ``own_linkage`` occurs once."""
        declared = self.variants or (Variant("", self.strategy),)
        return [
            variant
            if variant.own_linkage
            else replace(variant, strategy=variant.strategy.replace(linkage=linkage))
            for linkage in self.linkages
            for variant in declared
            if not variant.own_linkage or linkage == self.linkages[0]
        ]

    def variant_to_compare_with(self, variant: Variant) -> Variant | None:
        """The earlier variant with which ``variant`` is compared.

        None for the first row of each linkage, and if the earlier variant is not in the study.
        """
        earlier = self.all_variants[: self.all_variants.index(variant)]
        if variant.against is None:
            first = not self.variants or variant.name == self.variants[0].name
            return None if first else earlier[-1]
        return next((each for each in reversed(earlier) if each.name == variant.against), None)
