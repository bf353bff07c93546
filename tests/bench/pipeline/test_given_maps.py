"""Maps of other networks take the place of the model's networks; what they cannot give is refused."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from bench.cache import AffinityCache
from bench.datasets.cityscapes_labels import CLASS_NAMES, LABELS
from bench.pipeline.config import PAPER, ConfigError
from bench.pipeline.segment import Pipeline
from bench.runner.image_problems import ImageProblems
from bench.runner.runner import Runner

pytestmark = pytest.mark.usefixtures("forked_workers")

LABEL_IDS = {"0": "background"} | {str(LABELS[name].id): name for name in CLASS_NAMES}
REGIONS = {"roi": True, "block": 8, "extension": 4, "scp": True}


@pytest.fixture
def sample(street):
    return street.load("val", street.names("val")[0])


def same_instances(one, other):
    assert [(each.class_name, each.confidence) for each in one] == [
        (each.class_name, each.confidence) for each in other
    ]
    assert all((a.mask == b.mask).all() for a, b in zip(one, other, strict=True))


def test_maps_of_a_network_give_what_the_network_gives(pipeline, sample, write_maps):
    network = pipeline.predictor(sample.image)
    found = pipeline.segment(network).instances
    semantic, affinity = write_maps(network, sample.name)
    for folders in ((semantic, affinity), (semantic, None), (None, affinity)):
        given = pipeline.with_given_maps(*folders)
        instances = given.segment(given.predictor(sample.image, sample.name)).instances
        assert len(instances) > 5
        same_instances(instances, found)


def test_regions_are_cut_from_the_given_maps(pipeline, sample, write_maps):
    perfect = pipeline.oracle_predictor(sample, ("affinity", "semantic"))
    oracle = pipeline.replace(**REGIONS)
    found = oracle.segment(perfect)
    given = pipeline.with_given_maps(*write_maps(perfect, sample.name)).replace(**REGIONS)
    cut = given.segment(given.predictor(sample.image, sample.name))
    assert len(cut.regions) == len(found.regions) > 1
    same_instances(cut.instances, found.instances)


def test_label_maps_and_scores_of_one_class_map_are_equal(pipeline, sample, write_maps, tmp_path):
    perfect = pipeline.oracle_predictor(sample, ("affinity", "semantic"))
    scores, affinity = write_maps(perfect, sample.name)
    labels = tmp_path / "labels"
    (labels / "deep").mkdir(parents=True)
    (labels / "classes.json").write_text(json.dumps({"label_ids": LABEL_IDS}))
    ids = np.array([0, *(LABELS[name].id for name in CLASS_NAMES)], np.uint8)
    classes = np.load(scores / f"{Path(sample.name).name}.npz")["scores"].argmax(axis=0)
    Image.fromarray(ids[classes]).save(labels / "deep" / f"{Path(sample.name).name}.png")
    view = pipeline.whole_image_view(perfect.image_size)
    one, other = (
        pipeline.with_given_maps(folder, affinity)
        .predictor(sample.image, sample.name)
        .semantic(view)
        for folder in (scores, labels)
    )
    np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"rr": True}, "rr"),
        ({"shf": True}, "shf"),
        ({"ihf": True}, "ihf"),
        ({"semantic_stride": 4}, "semantic_stride = 4"),
        ({"affinity_stride": 4}, "affinity_stride = 4"),
        ({"tile": 64}, "tile = 64"),
    ],
)
def test_what_maps_cannot_give_is_refused(pipeline, sample, write_maps, change, named):
    folders = write_maps(pipeline.predictor(sample.image), sample.name)
    given = pipeline.with_given_maps(*folders)
    with pytest.raises(ConfigError, match=f"^strategy: {named}.* maps are given in .*; ") as error:
        given.replace(**change)
    assert "\n" not in str(error.value)


def test_the_other_network_keeps_its_strategies(pipeline, sample, write_maps):
    semantic, affinity = write_maps(pipeline.predictor(sample.image), sample.name)
    assert pipeline.with_given_maps(semantic, None).replace(ihf=True, tile=64).config.ihf
    assert pipeline.with_given_maps(None, affinity).replace(shf=True).config.shf
    with pytest.raises(ConfigError):
        pipeline.with_config(replace(PAPER, scr="off")).with_given_maps(semantic, None)


def test_a_model_that_enlarges_images_is_refused(
    random_model, sample, write_maps, pipeline, tmp_path
):
    folders = write_maps(pipeline.predictor(sample.image), sample.name)
    model = random_model(tmp_path / "large", enlarge_to=128)
    large = Pipeline(model, AffinityCache(tmp_path / "cache"))
    with pytest.raises(ConfigError, match="enlarge_to"):
        large.with_given_maps(*folders)


def damage(path, **arrays):
    np.savez(path, **(dict(np.load(path)) | arrays))


DAMAGES = {
    "missing scores": (0, lambda p: p.unlink(), "has no file for image"),
    "no npz": (0, lambda p: p.write_bytes(b"PK no"), "cannot be read"),
    "missing affinities": (1, lambda p: p.unlink(), "has no file for image"),
    "cut off": (1, lambda p: p.write_bytes(p.read_bytes()[:500]), "cannot be read"),
    "small": (0, lambda p: damage(p, scores=np.ones((9, 8, 8), "f4") / 9), "holds maps of 8 x 8"),
    "few": (0, lambda p: damage(p, scores=np.ones((3, 64, 128), "f4") / 3), "names 9 channels"),
    "logits": (0, lambda p: damage(p, scores=np.full((9, 64, 128), 2.0)), "save the softmax"),
    "nan": (0, lambda p: damage(p, scores=np.full((9, 64, 128), np.nan)), "save the softmax"),
    "no offsets": (1, lambda p: np.savez(p, affinities=np.load(p)["affinities"]), "'offsets'"),
    "offsets": (1, lambda p: damage(p, offsets=np.full((12, 2), 3)), "offsets"),
    "beyond 1": (1, lambda p: damage(p, affinities=np.full((12, 64, 128), 2.0)), r"in \[0, 1\]"),
    "flat": (1, lambda p: damage(p, affinities=np.zeros((12, 64))), "holds maps of"),
}


@pytest.mark.parametrize("name", DAMAGES)
def test_a_damaged_file_is_named_in_one_line(pipeline, sample, write_maps, name):
    folders = write_maps(pipeline.predictor(sample.image), sample.name)
    which, damaging, message = DAMAGES[name]
    path = folders[which] / f"{Path(sample.name).name}.npz"
    damaging(path)
    given = pipeline.with_given_maps(*folders)
    with pytest.raises((ValueError, OSError), match=message) as error:
        given.segment(given.predictor(sample.image, sample.name))
    line = str(error.value)
    assert "\n" not in line and line.startswith(str(folders[which]))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "is not JSON"),
        ("[]", "must be an object"),
        ("{}", "must have one entry"),
        ('{"channels": ["background", "car"]}', "does not name 'person'"),
        (json.dumps({"channels": ["background", "moon", *CLASS_NAMES]}), "the class 'moon'"),
        (json.dumps({"label_ids": LABEL_IDS | {"x": "car"}}), "by whole numbers"),
        (json.dumps({"label_ids": LABEL_IDS | {"-1": "car"}}), "the label id -1"),
    ],
)
def test_names_of_classes_must_be_complete(pipeline, tmp_path, text, message):
    (tmp_path / "classes.json").write_text(text)
    with pytest.raises(ValueError, match=message) as error:
        pipeline.with_given_maps(tmp_path, None)
    assert str(error.value).startswith(f"{tmp_path / 'classes.json'}: ")


def test_a_folder_without_names_of_classes_is_refused(pipeline, tmp_path):
    with pytest.raises(FileNotFoundError, match=r"classes\.json: is missing"):
        pipeline.with_given_maps(tmp_path, None)


def test_a_label_id_without_a_name_is_refused(pipeline, sample, tmp_path):
    (tmp_path / "classes.json").write_text(json.dumps({"label_ids": LABEL_IDS}))
    Image.fromarray(np.full((64, 128), 200, np.uint8)).save(tmp_path / "picture.png")
    given = pipeline.with_given_maps(tmp_path, None)
    with pytest.raises(ValueError, match=r"picture\.png: has the label id 200"):
        given.segment(given.predictor(sample.image, "picture"))


def test_offsets_that_no_stage_uses_may_be_missing(pipeline, sample, write_maps):
    folders = write_maps(pipeline.predictor(sample.image), sample.name)
    path = folders[1] / f"{Path(sample.name).name}.npz"
    arrays = dict(np.load(path))
    near = np.abs(arrays["offsets"]).max(axis=1) < 8
    np.savez(path, affinities=arrays["affinities"][near], offsets=arrays["offsets"][near])
    given = pipeline.with_given_maps(*folders)
    with pytest.raises(ValueError, match="which a stage uses"):
        given.segment(given.predictor(sample.image, sample.name))
    short = {"stages": [[1, 2]], "thresholds": [0.85]}
    expected = pipeline.replace(**short).segment(pipeline.predictor(sample.image)).instances
    of_maps = given.replace(**short)
    instances = of_maps.segment(of_maps.predictor(sample.image, sample.name)).instances
    same_instances(instances, expected)


def test_a_study_of_given_maps_names_them_and_has_keys_of_its_own(
    pipeline, street, short_study, write_all_maps, quick, tmp_path
):
    def records(of):
        return Runner(ImageProblems(short_study, street, of), tmp_path / "run").run().records

    own = records(pipeline)
    folders, name = write_all_maps(), street.names("val")[-1]
    given = records(pipeline.with_given_maps(*folders))
    assert [each.scores for each in given] == [each.scores for each in own]
    named = dict(zip(("semantic", "affinity"), map(str, folders), strict=True))
    assert {each.given_maps for each in own} == {None}
    assert all(each.given_maps == named for each in given)
    (model,) = {each.cell.model for each in given}
    assert model.startswith("tiny; semantic scores ") and ", affinity affinities " in model
    (folders[0] / f"{Path(name).name}.npz").touch()
    again = records(pipeline.with_given_maps(*folders))
    assert [each.key for each in again] == [each.key for each in given]
    damage(folders[1] / f"{Path(name).name}.npz", affinities=np.ones((12, 64, 128), np.uint8))
    changed = records(pipeline.with_given_maps(*folders))
    keys = [{each.key for each in found} for found in (own, given, changed)]
    assert not keys[0] & keys[1] and not keys[1] & keys[2]
