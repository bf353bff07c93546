"""The output of ``python -m bench segment``: three files for each picture."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from bench.picture_files.picture_pages import PicturePage
from bench.picture_files.picture_reading import LARGEST_LABEL_ID
from bench.report.pictures.overlay import save_overlay
from bench.types import Instance, label_map, label_of_each_instance
from merge_impls.file_writing import atomic_write

if TYPE_CHECKING:
    from bench.pipeline.segment import Pipeline, Segmentation


def write_segment_output(
    folder: Path,
    name: str,
    source: PicturePage,
    image: npt.NDArray[np.uint8],
    found: "Segmentation",
    pipeline: "Pipeline",
) -> None:
    """Write the instances that were found in ``image`` (H, W, 3) to three files.

    NAME.png has the id of each pixel's instance (16 bits, 0 for no instance). overlays/NAME.png shows the
    instances with their ids and a legend of the classes. NAME.json describes them; it is written last, so if
    it exists, the other files exist, too.
    source: the page of a file that has the image.
    Raises ValueError if there are more instances than 16-bit ids.
    """
    if len(found.instances) > LARGEST_LABEL_ID:
        raise ValueError(
            f"there are {len(found.instances)} instances, but 16-bit ids only up to {LARGEST_LABEL_ID}"
        )
    labels = label_map(found.instances, image.shape[:2])
    with atomic_write(folder / f"{name}.png") as unfinished:
        Image.fromarray(labels.astype(np.uint16)).save(unfinished, format="png")
    overlay = folder / "overlays" / f"{name}.png"
    save_overlay(image, found.instances, pipeline.model.classes, overlay)
    model = pipeline.networks_label([name])
    description = _json_content(source, labels, found, pipeline, model)
    with atomic_write(folder / f"{name}.json") as unfinished:
        unfinished.write_text(json.dumps(description, indent=1) + "\n", encoding="utf-8")


def _json_content(
    source: PicturePage,
    labels: npt.NDArray[np.integer],
    found: "Segmentation",
    pipeline: "Pipeline",
    model: str,
) -> dict[str, Any]:
    """The content of NAME.json. labels: (H, W), the ids in NAME.png. model: who predicted the maps."""
    numbered = zip(label_of_each_instance(found.instances), found.instances, strict=True)
    return {
        "image": str(source.path),
        **({} if source.page is None else {"page": source.page}),
        "width": labels.shape[1],
        "height": labels.shape[0],
        "model": model,
        "linkage": pipeline.config.linkage,
        "thresholds": list(pipeline.config.stage_thresholds),
        "backend": found.backend,
        "instances": [_instance_entry(number, one, labels == number) for number, one in numbered],
    }


def _instance_entry(number: int, instance: Instance, mask: npt.NDArray[np.bool_]) -> dict[str, Any]:
    """The entry of an instance in NAME.json. Its box is [left, top, right, bottom].

    The box spans the columns ``left <= x < right`` and the rows ``top <= y < bottom``.
    """
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return {
        "id": number,
        "class": instance.class_name,
        "confidence": round(instance.confidence, 6),
        "pixels": int(mask.sum()),
        "box": [int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1],
    }
