"""A command that is killed at any moment and repeated ends as one that was never killed."""

import json
import re
import shutil
from dataclasses import replace

import pytest

from bench.evaluation.prediction_writer import write_predictions
from bench.runner import records
from bench.runner.image_results import load_image_result
from bench.training.recipe import RECIPES_FOLDER
from bench.types import Instance, label_map
from merge_impls.file_writing import PARTIAL
from tests.kept_files.killing import kill_at, moments, run_to_end

STUDY = """
dataset = "scenes"
split = "val"
model = "tiny"
linkages = ["average", "weighted"]
backends = ["c", "heap", "kruskal:KRUSKAL"]
reference = "networkx"
crop = [8, 12]
rounds = 1
scored_alone = ["components"]
pictures = 0
"""


class Commands:
    """The arguments of each command, for a folder ``out``, and what of its results must be equal.

    Times and dates are left out: no two runs have the same.
    """

    def __init__(self, street, few_scenes, model, place):
        self.street, self.few, self.model, self.place = street, few_scenes, model, place

    def run(self, out):
        (self.place / "kill.toml").write_text(STUDY)
        data = ["--root", self.street.root, "--model", self.model, "--cache", out / "cache"]
        return ["run", self.place / "kill.toml", *data, "--out", out / "out"]

    def speed(self, out):
        fast = ["--limit", "1", "--rounds", "1", "--only", "mild,c"]
        return ["run", "speed", *fast, "--out", out / "out"]

    def train(self, out):
        recipe = (RECIPES_FOLDER / "scenes.toml").read_text()
        recipe = re.sub(r"(stem_width|aspp_width) = \d+", r"\1 = 4", recipe)
        recipe = re.sub(r"widths = \[.*\]", "widths = [4, 4, 6, 6]", recipe)
        recipe = re.sub(r"^crop = \d+", "crop = 64", recipe, flags=re.MULTILINE)
        recipe = re.sub(r"batch = \d+", "batch = 2\ncheckpoint_every = 2", recipe)
        (self.place / "small.toml").write_text(recipe)
        data = ["--root", self.few, "--steps", "4", "--out", out / "out"]
        return ["train", "--recipe", self.place / "small.toml", *data]

    def segment(self, out):
        pictures = sorted(self.street.root.rglob("*_leftImg8bit.png"))
        options = ["--model", self.model, "--cache", out / "cache", "--out", out / "out"]
        return ["segment", *pictures, *options]

    def tune(self, out):
        if not (out / "out").exists():
            shutil.copytree(self.model, out / "out")
        return ["tune", out / "out", "--root", self.few, "--cache", out / "cache"]

    def score(self, out):
        folder, name = self.place / "found", self.street.names("val")[0]
        if not folder.exists():
            sample = self.street.load("val", name)
            masks = [sample.instances == n for n in range(1, sample.instances.max() + 1)]
            found = {each: [] for each in self.street.names("val")}
            found[name] = [Instance(mask, "car", 0.5) for mask in masks]
            write_predictions(folder, found)
        return ["score", folder, "--root", self.street.root, "--out", out / "out"]


def without_times(record):
    names = ("name", "vertices", "edges", "merges", "segments", "regions", "identical")
    names += ("agreement", "adjusted_rand", "split_bits", "merge_bits")
    images = [[getattr(image, name) for name in names] for image in record.images]
    rest = replace(record, images=[], created="", first_call_seconds=None)
    return rest, images


def outcome(out):
    """What a command has left in its folder, without times, dates and the text and figures with times.

    A temporary file of the killed process is left out. A later command removes it, after a minute.
    """
    found = {}
    for path in sorted((out / "out").rglob("*")):
        name = path.relative_to(out).as_posix()
        if path.name.startswith(".") and path.name.endswith(PARTIAL):
            continue
        if path.name == "records.jsonl":
            found[name] = [without_times(record) for record in records.read(path)]
        elif path.parent.name == "units":
            result = load_image_result(path)
            size = max((each.shape for each in result.instances), default=(1, 1))
            found[name] = (result.image, label_map(result.instances, size).tobytes())
        elif path.name in ("training.json", "tuning.json"):
            entries = json.loads(path.read_text())
            for network in entries.get("networks", {}).values():
                del network["seconds"]
            found[name] = {**entries, "created": ""}
        elif path.name in ("speed_accuracy.png", "scaling.png"):
            found[name] = "a figure with times"
        elif path.is_file() and path.suffix in (".png", ".toml", ".safetensors", ".json"):
            found[name] = path.read_bytes()
        elif path.is_file():
            found[name] = "a text with times"
    return found


@pytest.fixture
def commands(street, few_scenes, tiny_model, kruskal, tmp_path):
    return Commands(street, few_scenes, tiny_model, tmp_path)


ALL = ["run", "speed", "train", "segment", "tune", "score"]
CASES = [
    *[("segment", 2), ("tune", 2)],
    *[pytest.param(name, 30, marks=pytest.mark.exhaustive) for name in ALL],
]


@pytest.mark.parametrize(("command", "kills"), CASES)
def test_a_killed_command_ends_as_if_it_had_not_been_killed(command, kills, commands, tmp_path):
    arguments_for = getattr(commands, command)

    def arguments(trial):
        (tmp_path / trial).mkdir(exist_ok=True)
        return [str(part) for part in arguments_for(tmp_path / trial)]

    def place(trial):
        return tmp_path / trial / "runs", tmp_path / f"{trial}.log"

    run_to_end(arguments("warm"), *place("warm"))
    seconds = run_to_end(arguments("whole"), *place("whole"))
    expected, killed = outcome(tmp_path / "whole"), 0
    assert expected
    for number, moment in enumerate(moments(kills, seconds)):
        trial = f"trial-{number}"
        killed += kill_at(moment, arguments(trial), *place(trial))
        run_to_end(arguments(trial), *place(trial))
        assert outcome(tmp_path / trial) == expected, (command, moment)
        shutil.rmtree(tmp_path / trial)
    print(
        f"{command}: {killed} of {kills} trials were killed within {seconds:.1f} s; all ended equal"
    )
