"""The instances of a study are read from its folder, or an error of one line says why not."""

from dataclasses import replace

import numpy as np
import pytest

from bench.runner import records
from bench.runner.study_folder import StudyFolderReader


def test_a_study_gives_the_instances_of_its_last_record(few_study, few_names, few):
    """With several linkages, the instances are those of linkage average."""
    folder, found = few_study
    read = StudyFolderReader(folder, few_names, "scenes", "train")
    assert read.record.cell.linkage == "average"
    sizes = {name: few.annotation("train", name).objects.shape for name in few_names}
    average, weighted = (
        next(results for row, results in found.image_results.items() if row.linkage == linkage)
        for linkage in ("average", "weighted")
    )
    for result in average:
        instances = read.read_instances(result.image, sizes[result.image])
        assert len(instances) == len(result.instances) > 0
        for one, other in zip(instances, result.instances, strict=True):
            assert (one.class_name, one.confidence, one.slices) == (
                other.class_name,
                other.confidence,
                other.slices,
            )
            np.testing.assert_array_equal(one.cropped_mask, other.cropped_mask)
    other = {result.image: result.instances for result in weighted}
    assert any(
        len(other[name]) != len(read.read_instances(name, sizes[name])) for name in few_names
    )
    with pytest.raises(
        ValueError, match="pixels \(height x width\) there, 5x7 here; name the data"
    ):
        read.read_instances(few_names[0], (5, 7))


def test_records_of_other_methods_and_oracles_are_not_used(few_study, few_names, tmp_path):
    folder, _ = few_study
    for entry in ({"computes": "another rule"}, {"truth": ["affinity"]}):
        found = [replace(record, **entry) for record in records.read(folder / "records.jsonl")]
        records.write(tmp_path / "records.jsonl", found)
        with pytest.raises(ValueError, match="no backend was right on all 4 images"):
            StudyFolderReader(tmp_path, few_names, "scenes", "train")


def test_a_study_with_other_or_missing_images_is_refused(few_study, few_names, tmp_path):
    folder, _ = few_study
    with pytest.raises(ValueError, match="no backend was right on all 1 images of scenes train"):
        StudyFolderReader(folder, ["elsewhere"], "scenes", "train")
    with pytest.raises(ValueError, match="no backend was right on all 4 images of scenes val"):
        StudyFolderReader(folder, few_names, "scenes", "val")
    (tmp_path / "units").mkdir()
    (tmp_path / "records.jsonl").write_bytes((folder / "records.jsonl").read_bytes())
    with pytest.raises(
        ValueError, match=f"units: holds nothing of image {few_names[0]} that belongs"
    ):
        StudyFolderReader(tmp_path, few_names, "scenes", "train")
