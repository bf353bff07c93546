"""``python -m bench segment`` segments the user's pictures, and reports pictures that it cannot read."""

import json
import os

import numpy as np
import pytest
import tifffile
from click.testing import CliRunner
from PIL import Image

from bench import cli
from bench.cache import AffinityCache
from bench.pipeline.segment import Pipeline
from bench.types import label_map
from merge_impls.folder_lock import lock_folder


@pytest.fixture(scope="module")
def segment(tiny_model, tmp_path_factory):
    cache = tmp_path_factory.mktemp("cache")

    def run(*arguments):
        options = ["--model", str(tiny_model), "--cache", str(cache)]
        return CliRunner().invoke(cli.main, ["segment", *map(str, arguments), *options])

    return run


@pytest.fixture
def pictures(tmp_path, street):
    """A folder with a colour picture, a grey picture, a damaged picture, and a file that is not a picture."""
    folder = tmp_path / "meine Bilder"
    folder.mkdir()
    image = street.image("val", street.names("val")[0])
    Image.fromarray(image).save(folder / "straße.png")
    Image.fromarray(image[:50, :70, 0]).save(folder / "grey.jpg")
    (folder / "broken.png").write_bytes(b"\x89PNG\r\n")
    (folder / "notes.txt").write_text("no picture")
    return folder


def test_each_picture_gets_ids_an_overlay_and_a_description(segment, pictures, tmp_path):
    out = tmp_path / "out"
    outcome = segment(pictures, "--out", out)
    assert outcome.exit_code == 2, outcome.output
    (line,) = [line for line in outcome.stderr.splitlines() if line.startswith("Error: ")]
    note = f"Warning: {pictures}: left out 1 .txt (first: notes.txt); files with the ending .png,"
    assert note in outcome.stderr
    assert "broken.png: skipped: cannot be read" in line and line.count("broken.png") == 1
    assert "delete" not in line and "segmented: 2, skipped: 1;" in outcome.stdout
    files = sorted(path.relative_to(out).as_posix() for path in out.rglob("*.*"))
    assert files == sorted(
        f"{folder}{name}.{kind}"
        for name in ("straße", "grey")
        for folder, kind in (("", "png"), ("", "json"), ("overlays/", "png"))
    )
    labels = np.array(Image.open(out / "straße.png"))
    table = json.loads((out / "straße.json").read_text(encoding="utf-8"))
    assert labels.dtype == np.uint16
    assert [one["id"] for one in table["instances"]] == list(range(1, labels.max() + 1))
    assert labels.max() > 3
    for one in table["instances"]:
        left, top, right, bottom = one["box"]
        inside = labels == one["id"]
        assert inside.sum() == inside[top:bottom, left:right].sum() == one["pixels"]
        assert inside[top].any() and inside[bottom - 1].any()
        assert inside[:, left].any() and inside[:, right - 1].any()
        assert 0 <= one["confidence"] <= 1
    overlay = np.array(Image.open(out / "overlays" / "straße.png"))
    assert overlay.shape[0] > labels.shape[0] and overlay.shape[1] == labels.shape[1]


def test_the_command_exits_with_0_and_finds_what_python_finds(
    segment, pictures, tmp_path, tiny_model, street
):
    outcome = segment(pictures / "straße.png", "--out", tmp_path / "out")
    assert outcome.exit_code == 0, outcome.output
    image = street.image("val", street.names("val")[0])
    pipeline = Pipeline(tiny_model, AffinityCache(tmp_path / "c"))
    found = pipeline.segment(pipeline.predictor(image))
    labels = np.array(Image.open(tmp_path / "out" / "straße.png"))
    assert len(found.instances) == labels.max()
    for number, instance in enumerate(found.instances, start=1):
        np.testing.assert_array_equal(instance.mask, labels == number)
    (region,) = found.regions
    size = region.prediction.semantic.shape[1:]
    assert size == region.graph.problem.shape == region.merge.labels.shape


def test_results_never_replace_pictures(segment, pictures):
    before = (pictures / "straße.png").read_bytes()
    outcome = segment(pictures, "--out", pictures)
    assert outcome.exit_code == 2 and "name another folder with --out" in outcome.stderr
    assert (pictures / "straße.png").read_bytes() == before


def test_two_pictures_of_the_same_name_are_refused(segment, pictures, tmp_path):
    Image.new("RGB", (32, 32)).save(pictures / "grey.png")
    outcome = segment(pictures / "grey.jpg", pictures / "grey.png", "--out", tmp_path / "out")
    assert outcome.exit_code == 2 and "has the same name; rename one" in outcome.stderr


def test_each_page_is_a_picture_and_never_overwrites_another(segment, pictures, tmp_path, street):
    image = street.image("val", street.names("val")[0])[:50, :70]
    folder, out = tmp_path / "stacks", tmp_path / "out"
    folder.mkdir()
    tifffile.imwrite(folder / "z.tif", np.stack([image, image[::-1]]), photometric="rgb")
    Image.fromarray(image).save(folder / "z_p002.png")
    outcome = segment(folder, "--out", out)
    assert outcome.exit_code == 2, outcome.output
    assert (
        f"z_p002.png: skipped: {folder / 'z.tif'} has the same name; rename one" in outcome.stderr
    )
    assert sorted(path.stem for path in out.glob("*.json")) == ["z_p001", "z_p002"]
    description = json.loads((out / "z_p002.json").read_text(encoding="utf-8"))
    assert (description["image"], description["page"]) == (str(folder / "z.tif"), 2)
    Image.fromarray(image[::-1]).save(folder / "alone.png")
    segment(folder / "alone.png", "--out", out)
    labels = [np.array(Image.open(path)) for path in (out / "z_p002.png", out / "alone.png")]
    np.testing.assert_array_equal(*labels)


def test_what_is_no_regular_file_is_skipped_at_once(segment, pictures, tmp_path):
    os.mkfifo(tmp_path / "pipe.png")
    outcome = segment(tmp_path / "pipe.png", "/dev/zero", "--out", tmp_path / "out")
    assert outcome.exit_code == 2
    assert "pipe.png: skipped: cannot be read (it is a FIFO, not a regular file)" in outcome.stderr
    assert "/dev/zero: skipped: cannot be read (it is a device, not" in outcome.stderr


def test_only_listed_formats_are_tried_whatever_the_suffix(segment, tmp_path):
    """Pillow would start Ghostscript for an EPS."""
    (tmp_path / "a.jpg").write_text(
        "%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n%%EndComments\n"
    )
    outcome = segment(tmp_path, "--out", tmp_path / "out")
    assert outcome.exit_code == 2 and "cannot be read (not a picture)" in outcome.stderr


def test_a_folder_without_pictures_is_refused(segment, tmp_path):
    outcome = segment(tmp_path, "--out", tmp_path / "out")
    assert (
        outcome.exit_code == 2
        and "there is no picture; give files with the ending .png" in outcome.stderr
    )


def test_flip_also_runs_the_networks_on_the_mirrored_picture(
    segment, pictures, tmp_path, tiny_model, street
):
    """The files equal the result of a pipeline with ``shf`` and ``ihf``, and differ from one without them."""
    outcome = segment(pictures / "straße.png", "--flip", "--out", tmp_path / "out")
    assert outcome.exit_code == 0, outcome.output
    labels = np.array(Image.open(tmp_path / "out" / "straße.png"))
    pipeline = Pipeline(tiny_model, AffinityCache(tmp_path / "c"))
    image = street.image("val", street.names("val")[0])
    shape = image.shape[:2]
    flipping = pipeline.replace(shf=True, ihf=True)
    flipped = flipping.segment(flipping.predictor(image))
    plain = pipeline.segment(pipeline.predictor(image))
    np.testing.assert_array_equal(labels, label_map(flipped.instances, shape))
    assert not np.array_equal(labels, label_map(plain.instances, shape))


def test_the_output_stride_reaches_the_networks(segment, pictures, tmp_path, tiny_model, street):
    """The files equal the result of a pipeline at this stride, and differ from the configured stride."""
    outcome = segment(pictures / "straße.png", "--output-stride", 4, "--out", tmp_path / "out")
    assert outcome.exit_code == 0, outcome.output
    labels = np.array(Image.open(tmp_path / "out" / "straße.png"))
    image = street.image("val", street.names("val")[0])
    pipeline = Pipeline(tiny_model, AffinityCache(tmp_path / "c"))
    lines = (
        pipeline.replace(semantic_stride=stride, affinity_stride=stride) for stride in (4, None)
    )
    fine, plain = (
        label_map(line.segment(line.predictor(image)).instances, image.shape[:2]) for line in lines
    )
    np.testing.assert_array_equal(labels, fine)
    assert not np.array_equal(labels, plain)


@pytest.mark.parametrize(
    ("option", "value", "complaint"),
    [
        ("--output-stride", 12, "output_stride is 12"),
        ("--device", "tpu", "device is 'tpu'; it must"),
    ],
)
def test_an_option_out_of_range_is_a_one_line_error(
    segment, pictures, tmp_path, option, value, complaint
):
    outcome = segment(pictures, option, value, "--out", tmp_path / "out")
    assert outcome.exit_code == 2 and f"Error: {complaint}" in outcome.stderr
    assert len(outcome.stderr.strip().splitlines()) == 1
    assert not (tmp_path / "out").exists()


def test_an_output_folder_in_use_is_refused(segment, pictures, tmp_path):
    (tmp_path / "out").mkdir()
    descriptor = lock_folder(tmp_path / "out")
    outcome = segment(pictures, "--out", tmp_path / "out")
    os.close(descriptor)
    assert outcome.exit_code == 2 and "out is in use by another run; " in outcome.stderr
    assert not list((tmp_path / "out").iterdir())
