"""``python -m bench cache`` lists entries, finds damaged ones, and deletes those that no model reads."""

import os
import shutil

import pytest
from click.testing import CliRunner

from bench import cli
from bench.cache import AffinityCache
from bench.commands import cache as commands
from bench.pipeline.segment import Pipeline


def _predict(pipeline, image):
    pipeline.predict_whole_image(pipeline.predictor(image))


@pytest.fixture
def filled(tmp_path, tiny_model, random_model, street, monkeypatch):
    """A cache with two entries of a model in models/trained, and one entry of another model."""
    trained = tmp_path / "trained"
    shutil.copytree(tiny_model, trained / "tiny")
    monkeypatch.setattr(commands, "TRAINED_MODELS", trained)
    cache = AffinityCache(tmp_path / "cache")
    gone = random_model(tmp_path / "gone", seed=2)
    images = [street.image("val", name) for name in street.names("val")]
    for image in images:
        _predict(Pipeline(trained / "tiny", cache), image)
    _predict(Pipeline(gone, cache), images[0])
    return cache


def run(*arguments):
    return CliRunner().invoke(cli.main, ["cache", *map(str, arguments)])


def test_ls_counts_images_by_model(filled):
    outcome = run("ls", "--cache", filled.folder)
    assert outcome.exit_code == 0, outcome.output
    rows = [[cell.strip() for cell in line.split("|")] for line in outcome.stdout.splitlines()]
    counts = {row[1]: row[2] for row in rows if len(row) > 3}
    assert counts["tiny"] == "2" and counts[commands.UNKNOWN_MODEL] == "1"
    assert "empty" in run("ls", "--cache", filled.folder / "nowhere").stdout


def test_the_size_of_a_cached_image_is_predicted(filled, street, tiny_model):
    image = street.image("val", street.names("val")[0])
    foretold = Pipeline(tiny_model, filled).estimate_cache_entry_bytes(image.shape[:2])
    for entry in filled.entries():
        assert foretold - 2048 < entry.bytes <= foretold


def test_the_committed_models_cache_at_most_8_mib_for_a_frame(tmp_path):
    for pipeline in commands.pipeline_of_each_model(AffinityCache(tmp_path)).values():
        kept = pipeline.estimate_cache_entry_bytes((1024, 2048))
        stride = pipeline.model.affinity.output_stride
        assert kept * (stride / 8) ** 2 <= 8 * 2**20


def test_verify_names_damaged_entries(filled):
    assert run("verify", "--cache", filled.folder).exit_code == 0
    first, second, third = (entry.path for entry in filled.entries())
    content = bytearray(first.read_bytes())
    content[-1] ^= 1
    first.write_bytes(content)
    second.write_bytes(second.read_bytes()[:40])
    third.rename(third.with_name("0" * 64 + ".safetensors"))
    outcome = run("verify", "--cache", filled.folder)
    assert outcome.exit_code == 1
    lines = outcome.stderr.strip().splitlines()
    assert len([line for line in lines if line.startswith("Error: ")]) == 3
    assert "checksum does not match" in outcome.stderr
    assert "is not a cache entry" in outcome.stderr
    assert "does not match the key in it" in outcome.stderr


def test_prune_keeps_the_entries_of_present_models(filled):
    kept = {entry.path for entry in filled.entries()}
    old = next(iter(kept)).parent / ".x.safetensors.abc"
    young = old.with_name(".y.safetensors.abc")
    old.touch(), young.touch()
    os.utime(old, (0, 0))
    outcome = run("prune", "--dry-run", "--cache", filled.folder)
    assert "2 files" in outcome.stdout and {e.path for e in filled.entries()} == kept
    assert run("prune", "--cache", filled.folder).exit_code == 0
    models = commands.pipeline_of_each_model(filled)
    assert [commands.name_of_reading_model(entry, models) for entry in filled.entries()] == [
        "tiny",
        "tiny",
    ]
    assert not old.exists() and young.exists(), "another process may be writing this one"


def test_prune_names_a_folder_in_place_of_an_entry_and_deletes_the_rest(filled):
    first, *_ = (entry.path for entry in filled.entries())
    first.unlink()
    (first / "deep").mkdir(parents=True)
    unfinished = first.parent / ".x.safetensors.abc"
    unfinished.touch()
    os.utime(unfinished, (0, 0))
    line = f"Error: {first}: it is a folder in place of a file; move it away"
    outcome = run("prune", "--cache", filled.folder)
    assert (outcome.exit_code, outcome.stderr.splitlines()) == (2, [line])
    assert (first / "deep").is_dir() and not unfinished.exists()
    outcome = run("verify", "--cache", filled.folder)
    assert outcome.exit_code == 1 and line in outcome.stderr.splitlines()
