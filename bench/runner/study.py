"""Studies: what to run on which images or fields, and what to compare; read by ``study_file``."""

from dataclasses import dataclass, replace

from bench.pipeline.config import PLAIN, PipelineConfig


@dataclass(frozen=True)
class Variant:
    """One way to segment the images, a row of a study's table.

    name: "" where a study has but one for each linkage; strategy: all of it, the linkage included.
    paper: the paper's AP of this row in percent, on Cityscapes val. oracle: what the annotation gives in the
    place of a network ("affinity", "semantic"). against: the name of an earlier row that it is compared with;
    None: the row before. third_party: the method that merges instead of the study's backends, a name of
    ``bench.methods.all_methods``.
    noise: the standard deviation of what is added to the logits of the affinities.
    own_linkage: the row has a linkage of its own, whatever the study's are.
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

    backends: merged and timed on whole maps; reference: checks ``crop`` (height, width) of every map.
    map_reference: the one of ``backends`` with which the others are compared on whole maps; None: they are
    compared with each other.
    rounds: merges of each map by each backend, in turns.
    scored_alone: methods that find instances in an image, and are scored but not timed.
    pictures: the number of images in the picture grid; limit: the largest number of images of the split.
    tuning: only images of the tuning slice of train, on which no network was trained.
    variants: with linkage "average"; ``all_variants`` has them for each of the linkages.
    strategy: of what is scored alone, and of the one variant of each linkage where ``variants`` is empty.
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
        """All that is merged: by linkage, and for each the variants in their order."""
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
    """A figure of the speed study with a limit that must be kept, and a better one to aim at.

    words: the goal as its table shows it. of: the method. measure: what the figure is,

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

    noises: of the fields. size: (height, width) of the fields that all methods merge in turns; sizes: of
    those that the backends of ``scaled`` merge with one thread. baseline: the backend whose results all
    others are compared with, to the bit, and that their times are divided by. threads: a row for each number
    that a backend can use. third_party: names of ``bench.methods.all_methods``. rounds: merges of each field
    by each method.
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
