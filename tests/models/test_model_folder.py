from dataclasses import replace

import pytest
import torch
from safetensors.torch import load_file, save_file

from models.model_config import ModelError, read_config, write_config
from models.model_folder import NETWORKS, load_model, save_model, weights_digest


@pytest.fixture
def networks(model_config, build):
    return {name: build(getattr(model_config, name), seed=i) for i, name in enumerate(NETWORKS)}


@pytest.fixture
def folder(model_config, networks, tmp_path):
    folder = tmp_path / "some" / "model"
    save_model(folder, model_config, {name: n.state_dict() for name, n in networks.items()})
    return folder


def edit_file(folder, old, new):
    path = folder / "model.toml"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def loading_error(folder, file):
    """The error message of ``load_model``, after a check that it is one line and names the file."""
    with pytest.raises(ModelError) as error:
        load_model(folder)
    message = str(error.value)
    assert str(folder / file) in message
    assert len(message.splitlines()) == 1
    return message.replace(str(folder / file), "")


def test_a_loaded_model_is_the_saved_one(folder, model_config, networks):
    model = load_model(folder)
    assert model.config == model_config
    for name in NETWORKS:
        loaded = getattr(model, name).state_dict()
        saved = networks[name].state_dict()
        assert loaded.keys() == saved.keys()
        for key, weight in saved.items():
            # Only the weights of convolutions are stored in half precision.
            kept = weight.half().float() if weight.ndim == 4 else weight
            assert loaded[key].dtype == weight.dtype and torch.equal(loaded[key], kept)


def test_a_model_that_is_saved_again_is_the_same(folder, model_config, tmp_path):
    model = load_model(folder)
    weights = {name: getattr(model, name).state_dict() for name in NETWORKS}
    save_model(tmp_path / "again", model_config, weights)
    assert weights_digest(tmp_path / "again") == weights_digest(folder)


def test_a_loaded_model_is_in_evaluation_mode_without_gradients(folder):
    model = load_model(folder)
    for name in NETWORKS:
        network = getattr(model, name)
        assert not any(module.training for module in network.modules())
        assert not any(weight.requires_grad for weight in network.parameters())


def test_a_model_folder_holds_three_files_and_no_partial_one(folder):
    assert sorted(path.name for path in folder.iterdir()) == [
        "affinity.safetensors",
        "model.toml",
        "semantic.safetensors",
    ]


def test_the_weights_digest_changes_with_each_networks_weights(folder):
    before = weights_digest(folder)
    for name in NETWORKS:
        path = folder / f"{name}.safetensors"
        weights = load_file(path)
        weights["classifier.4.bias"][0] += 1
        save_file(weights, path)
        assert weights_digest(folder) != before
        before = weights_digest(folder)


def test_the_configuration_survives_its_file(model_config, tmp_path):
    config = replace(model_config, name='a "quoted" näme', merge={})
    write_config(config, tmp_path / "model.toml")
    assert read_config(tmp_path / "model.toml") == config


def test_a_missing_configuration_is_named(folder):
    (folder / "model.toml").unlink()
    assert "missing" in loading_error(folder, "model.toml")


def test_a_file_that_is_not_toml_is_named(folder):
    (folder / "model.toml").write_text('name = "tiny\n[semantic')
    assert "not TOML: " in loading_error(folder, "model.toml")


@pytest.mark.parametrize("line", ["format = 99", "", 'format = "one"'])
def test_another_format_is_refused(folder, line):
    edit_file(folder, "format = 1\n", f"{line}\n")
    assert "format" in loading_error(folder, "model.toml")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "channels = 3",
            "channels = 4",
            "[semantic] channels is 4; with these classes and stages it must be 3",
        ),
        (
            "channels = 24",
            "channels = 16",
            "[affinity] channels is 16; with these classes and stages it must be 24",
        ),
        ("name = ", "colour = 1\nname = ", "colour"),
        ("crop = 32\n", "", "crop"),
        ("crop = 32\n", "corp = 32\n", "'corp' was unexpected); the closest is 'crop'"),
        ("crop = 32\n", "crop = 32.0\n", "crop: 32.0 is not of type 'integer'"),
        (
            "[semantic]\n",
            "[semantic]\nflavour = 1\n",
            "semantic: Additional properties are not allowed",
        ),
        ("min_pixels = 20", "max_pixels = 20", "merge.average: Additional"),
        ('block = "basic"', 'block = "round"', "semantic.block: 'round' is not one of"),
        ("output_stride = 8", "output_stride = 5", "semantic.output_stride: 5 is not one of"),
        ("multi_grid = [1, 2]", "multi_grid = [1, 2, 4]", "[semantic]: multi_grid has 3 factors"),
        ("widths = [4, 6, 8, 10]", "widths = [4, 6, 8]", "semantic.widths: [4, 6, 8] is too short"),
        ("min_pixels = 20", 'min_pixels = "20"', "min_pixels: '20' is not of type 'integer'"),
        ("std = [", "std = [0.0, ", "std"),
        ('[["person"], ["car"]]', '[["person"]]', "super_classes"),
    ],
)
def test_an_invalid_entry_is_named(folder, old, new, message):
    edit_file(folder, old, new)
    assert message in loading_error(folder, "model.toml")


@pytest.mark.parametrize("network", NETWORKS)
def test_missing_weights_are_named(folder, network):
    (folder / f"{network}.safetensors").unlink()
    assert "missing" in loading_error(folder, f"{network}.safetensors")


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("kept", [0, 5, 1000, -1])
def test_truncated_weights_are_named(folder, network, kept):
    path = folder / f"{network}.safetensors"
    path.write_bytes(path.read_bytes()[:kept])
    assert "damaged" in loading_error(folder, path.name)


def test_weights_of_another_shape_are_named(folder):
    edit_file(folder, "stem_width = 4", "stem_width = 6")
    message = loading_error(folder, "semantic.safetensors")
    assert "(4,)" in message and "model.toml needs (6,)" in message


@pytest.mark.parametrize(
    ("taken", "added"), [("classifier.4.bias", None), (None, "classifier.5.bias")]
)
def test_a_missing_or_additional_weight_is_named(folder, taken, added):
    path = folder / "affinity.safetensors"
    weights = load_file(path)
    weights.pop(taken, None)
    save_file({**weights, **({added: torch.zeros(3)} if added else {})}, path)
    assert (taken or added) in loading_error(folder, path.name)


def test_a_save_that_fails_leaves_no_configuration(model_config, networks, tmp_path):
    weights = {"semantic": networks["semantic"].state_dict()}
    with pytest.raises(KeyError):
        save_model(tmp_path / "half", model_config, weights)
    assert not (tmp_path / "half" / "model.toml").exists()
