"""The functions of ``bench`` for Python and notebooks. They call what the commands call."""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from bench import paths
from bench.cache import AffinityCache
from bench.datasets import open_dataset
from bench.picture_files.picture_reading import read_rgb
from bench.pipeline.config import PLAIN
from bench.pipeline.segment import Pipeline, Segmentation
from bench.report.tables.changes import changes_table
from bench.report.tables.study_tables import study_tables
from bench.runner.evaluators import SplitEvaluator
from bench.runner.field_problems import FieldProblems
from bench.runner.image_problems import ImageProblems
from bench.runner.instance_files import InstanceSpool
from bench.runner.open_study import open_pipeline_and_dataset
from bench.runner.recorded_times import recorded_measurements
from bench.runner.records_of_runs import read_runs
from bench.runner.runner import Runner
from bench.runner.study import Study
from bench.runner.study_changes import StudyChanges, read_changed_study
from bench.types import Instance, RgbImage
from merge_impls import Backend, CompleteResult, MergeProblem
from merge_impls.run_comparison import compare_runs

MergeFunction = Callable[[MergeProblem], CompleteResult]
FindInstances = Callable[[RgbImage], Sequence[Instance]]
"""A function from an image (H, W, 3) uint8 to its objects."""


def segment(
    image: RgbImage | str | Path,
    model: str = "scenes",
    backend: str | Backend | MergeFunction = "c",
    cache: Path = paths.CACHE,
    device: str = "cpu",
    **settings: Any,
) -> Segmentation:
    """Find the instances in an image.

    image: an array (H, W, 3) uint8 RGB, or the path of a picture. model: a name in ``models/trained``, or a
    folder. backend: a name, a ``Backend``, or a function merge(problem) -> result. device: "cpu" or "cuda".
    settings: entries of ``PipelineConfig``, such as linkage="weighted", flm=2, or own_strategy=function.
    The masks of ``Segmentation.instances`` are (H, W) bool.
    Raises ValueError for another array or an unknown setting, and OSError for a missing picture or model.
    """
    pixels = _read_or_check_image(image)
    config = PLAIN.replace(**settings)
    pipeline = Pipeline(paths.model_folder(model), AffinityCache(cache), config, device)
    return pipeline.segment(pipeline.predictor(pixels), _merging(backend))


def _read_or_check_image(image: RgbImage | str | Path) -> RgbImage:
    if isinstance(image, (str, Path)):
        return read_rgb(Path(image), "give a picture that can be opened")
    if not isinstance(image, np.ndarray) or image.dtype != np.uint8 or image.shape[2:] != (3,):
        got = f"{getattr(image, 'dtype', type(image).__name__)} {getattr(image, 'shape', '')}"
        raise ValueError(f"image is {got.strip()}; give an array (H, W, 3) uint8, or a path")
    return image


def _merging(backend: str | Backend | MergeFunction) -> str | Backend:
    """A backend that ``Pipeline.segment`` takes. A function becomes the text "module:function"."""
    return backend if isinstance(backend, (str, Backend)) else importable_name(backend)


def importable_name(function: Callable[..., Any]) -> str:
    """The text "module:function", with which a worker process imports a function.

    Raises ValueError for a function that no other process can import: of ``__main__``, or inside another.
    """
    module, name = function.__module__, function.__qualname__
    if module == "__main__" or not name.isidentifier():
        raise ValueError(
            f"function {name} of {module} cannot be imported by a worker process; write it to a file such as "
            "my_functions.py and import it from there"
        )
    return f"{module}:{name}"


def evaluate(
    predictions: Mapping[str, Sequence[Instance]] | FindInstances,
    dataset: str = "scenes",
    split: str = "val",
    root: Path | None = None,
    limit: int | None = None,
) -> dict[str, Any]:
    """Score objects on a split of a data set, with the evaluator of the data set.

    predictions: the objects by the name of the image, for some images of the split; or a function
    find(image) -> objects, which is called with each image (H, W, 3) uint8. limit: only for a function, the
    first images alone. Returns the entry ``scores`` of a record: "ap", "ap50", "per_class" and more.
    Raises ValueError for an unknown image name or a wrong mask, and OSError for missing files.
    """
    images = open_dataset(dataset, root or paths.default_data_folder(dataset))
    names = images.names(split)
    if callable(predictions):
        spool = InstanceSpool()
        found: Mapping[str, Sequence[Instance]] = {
            name: spool.save(predictions(images.image(split, name))) for name in names[:limit]
        }
    else:
        found = predictions
    for name in found:
        if name not in names:
            raise ValueError(f"predictions: {name!r} is not an image of {dataset} {split}")
    return SplitEvaluator(images, split).score(found).scores


def sweep(
    study: str,
    settings: Mapping[str, Any] | None = None,
    backends: Sequence[str | MergeFunction] = (),
    only: Sequence[str] = (),
    rounds: int | None = None,
    limit: int | None = None,
    dataset: str | None = None,
    root: Path | None = None,
    model: str | None = None,
    cache: Path = paths.CACHE,
    out: Path | None = None,
) -> pd.DataFrame:
    """Run a study for all combinations of settings, as ``python -m bench run STUDY`` does.

    settings: for each entry of the study or of ``PipelineConfig`` a value, or a list of values to combine; a
    value that is itself a list is given as a tuple. A strategy of one's own is a function of an importable
    module, as in {"own_strategy": ["off", function]}; see ``bench.pipeline.own_strategy``.
    backends: further methods, as names or as functions merge(problem) -> result of an importable module.
    limit: the number of images. out: the folder of the records, by default runs/STUDY. Other arguments: see
    ``python -m bench run --help``.
    Returns the main table of the report, one row for each row of the study. ``rounds`` is 1 or more.
    Raises ValueError for unknown names and values, with the closest known name.
    """
    named = tuple(each if isinstance(each, str) else importable_name(each) for each in backends)
    texts = tuple(f"{key}={_setting_text(value)}" for key, value in (settings or {}).items())
    changes = StudyChanges(backends=named, settings=texts, only=tuple(only), rounds=rounds)
    changed = read_changed_study(study, dataset, changes)
    problems = _open_problems(changed, root, model, cache, limit)
    records = Runner(problems, out or paths.RUNS / changed.name).run().records
    return next(iter(study_tables(records, changed.goals).values()))


def _open_problems(
    study: Study, root: Path | None, model: str | None, cache: Path, limit: int | None
) -> ImageProblems | FieldProblems:
    if study.is_of_fields:
        return FieldProblems(study, limit)
    pipeline, images = open_pipeline_and_dataset(study, root, model, cache)
    return ImageProblems(study, images, pipeline, limit)


def _setting_text(value: Any) -> str:
    """A value, or several values with commas between them, as the option ``--set`` takes them.

    A function becomes the text "module:function".
    """
    values = value if isinstance(value, (list, range)) else [value]
    plain = (importable_name(each) if callable(each) else each for each in values)
    return ",".join(json.dumps(each) for each in plain)


def compare(before: str | Path, after: str | Path) -> pd.DataFrame:
    """Compare the times and AP of two runs of a study, as ``python -m bench compare`` does.

    before, after: folders with records. Columns: ``cell``; ``ratio``, ``low`` and ``high``, the time of
    ``after`` divided by that of ``before`` with its interval, nan without times; ``verdict``; ``ap``, the
    change of AP, nan without AP. Raises ValueError if the runs have no cell in common.
    """
    first, second = (
        recorded_measurements(read_runs([Path(each)], copies=False)) for each in (before, after)
    )
    return changes_table(compare_runs(first, second))
