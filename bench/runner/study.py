"""Studies: what to run on which images or fields, and what to compare; read by ``study_file``."""

from dataclasses import dataclass, replace

from bench.pipeline.config import PLAIN, PipelineConfig


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
class Study:
    """What to run on which images, and what to compare.

    backends: they merge whole maps and are timed. reference: the backend that the others must equal on a crop
    of the size ``crop`` (height, width) of every map.
    map_reference: the one of ``backends`` that the others must equal on whole maps; None: they are compared
    with each other.
    rounds: how often each backend merges each map; the backends take turns.
    scored_alone: methods that find instances in an image; they are scored but not timed.
    pictures: the number of images in the picture grid; limit: the largest number of images of the split.
    tuning: only images of the tuning slice of train, on which no network was trained.
    variants: with linkage "average"; ``all_variants`` has them for each of the linkages.
    strategy: the configuration for ``scored_alone``, and for the merges if ``variants`` is empty.
    """

    name: str
    dataset: str
    split: str
    model: str
    linkages: tuple[str, ...]
    backends: tuple[str, ...]
    reference: str
    crop: tuple[int, int]
    rounds: int
    scored_alone: tuple[str, ...]
    pictures: int
    map_reference: str | None = None
    limit: int | None = None
    tuning: bool = False
    variants: tuple[Variant, ...] = ()
    strategy: PipelineConfig = PLAIN

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


@dataclass(frozen=True)
class GoalMethod:
    """The method that a goal is about: the ``cell`` of its records."""

    backend: str
    linkage: str = "average"
    threads: int = 1


@dataclass(frozen=True)
class Goal:
    """A goal of the speed study: a measured figure, the limit that it must keep, and a better one to aim at.

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
class SpeedStudy:
    """Which methods merge the seeded fields side by side; without images and networks.

    noises: the noises of the fields. size: (height, width) of the fields that all methods merge in turns.
    sizes: (height, width) of the fields that the backends of ``scaled`` merge with one thread.
    baseline: the backend whose results all backends must equal to the bit; speedups are relative to its time.
    threads: numbers of threads; a backend has a row for each that it can use.
    third_party: names of ``bench.methods.all_methods``. rounds: how often each method merges each field.
    """

    name: str
    noises: tuple[str, ...]
    linkages: tuple[str, ...]
    size: tuple[int, int]
    sizes: tuple[tuple[int, int], ...]
    baseline: str
    backends: tuple[str, ...]
    threads: tuple[int, ...]
    scaled: tuple[str, ...]
    third_party: tuple[str, ...]
    rounds: int
    goals: tuple[Goal, ...] = ()

    def limited(self, count: int | None) -> "SpeedStudy":
        """The study with its ``count`` smallest sizes; all methods merge the largest of them if ``size`` is
        not among them."""
        left = tuple(sorted(self.sizes, key=lambda size: size[0] * size[1])[:count])
        return replace(self, sizes=left, size=self.size if self.size in left else left[-1])
