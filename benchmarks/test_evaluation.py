"""Benchmarks of the in-memory evaluation and the official evaluator, on images of Cityscapes' size."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from bench.datasets.annotations import annotation_from_instance_ids
from bench.datasets.cityscapes_labels import CLASS_IDS, CLASS_NAMES, LABELS
from bench.evaluation import in_memory, official
from bench.evaluation.prediction_writer import write_predictions
from bench.types import Instance
from merge_impls.fields import true_instances

SHAPE = (1024, 2048)
FRAMES = 4
IGNORED = [label.id for label in LABELS.values() if label.ignored]


@pytest.fixture(scope="module")
def frames() -> tuple[dict[str, np.ndarray], dict[str, list[Instance]]]:
    """Annotations and predictions; each predicted object is the annotated one, shifted by 3 pixels."""
    truth, found = {}, {}
    for frame in range(FRAMES):
        labels = true_instances(*SHAPE, seed=frame)
        classes = np.array([0, *(CLASS_IDS[n % 8] for n in range(labels.max()))])
        name = f"frame{frame}"
        truth[name] = np.where(labels > 0, classes[labels] * 1000 + labels, 7).astype(np.uint16)
        found[name] = [
            Instance(np.roll(labels == n, 3, axis=1), CLASS_NAMES[(n - 1) % 8], 1 / (1 + n))
            for n in range(1, labels.max() + 1)
        ]
    return truth, found


def write_annotations(folder: Path, truth: dict[str, np.ndarray]) -> dict[str, Path]:
    paths = {name: folder / f"{name}_gtFine_instanceIds.png" for name in truth}
    for name, ids in truth.items():
        Image.fromarray(ids).save(paths[name])
    return paths


@pytest.mark.parametrize("evaluator", ["official", "in memory"])
def test_evaluation(benchmark, frames, tmp_path, evaluator):
    """From predictions in memory to AP; the official evaluator also writes and reads files."""
    truth, found = frames
    paths = write_annotations(tmp_path, truth)
    benchmark.group = f"evaluation of {FRAMES} frames of {SHAPE[1]}x{SHAPE[0]}"
    benchmark.extra_info["predictions"] = sum(map(len, found.values()))

    def ours() -> in_memory.Evaluation:
        annotations = {
            name: annotation_from_instance_ids(ids, CLASS_IDS, IGNORED)
            for name, ids in truth.items()
        }
        evaluation = in_memory.evaluate(found, annotations, CLASS_NAMES)
        evaluation.ap_scores()
        return evaluation

    write_predictions(tmp_path / "found", found)
    expected = official.ap_matrix(tmp_path / "found", paths)
    np.testing.assert_array_equal(ours().ap_matrix(), expected)
    run = {"official": lambda: official.evaluate(found, paths), "in memory": ours}[evaluator]
    benchmark.pedantic(run, rounds=3)
