"""``python -m bench train``: recipes by path, starting weights by name, estimates, and stops."""

import json
import os
import re
import signal
import subprocess
import sys
import time

import pytest

from bench.paths import ROOT, TRAINED_MODELS
from bench.training.recipe import RECIPES_FOLDER, read_recipe, recipe_path
from bench.training.starting_weight_files import starting_weight_files
from bench.training.step_timer import STEPS_BEFORE_ESTIMATE, StepTimer, format_duration
from bench.training.train_from_recipe import train_recipe
from merge_impls.folder_lock import FolderInUse, lock_folder
from models.model_folder import NETWORKS
from models.training.stop_signals import TrainingStopped


def test_a_recipe_is_a_name_or_the_path_of_a_file(tmp_path):
    assert recipe_path("scenes") == RECIPES_FOLDER / "scenes.toml"
    assert recipe_path(f"{tmp_path}/mine.toml") == tmp_path / "mine.toml"
    with pytest.raises(ValueError, match="no recipe 'mine' in .*scenes.*or the path of a TOML"):
        read_recipe(tmp_path / "mine.toml")


def test_starting_weights_are_named_as_models_are(tmp_path):
    expected = {name: TRAINED_MODELS / "scenes" / f"{name}.safetensors" for name in NETWORKS}
    assert starting_weight_files("scenes") == expected
    with pytest.raises(
        FileNotFoundError, match="scenez: there is no such file; .* a model .nuclei, scenes"
    ):
        starting_weight_files("scenez")
    missing = tmp_path / "missing.pth"
    assert set(starting_weight_files(str(missing)).values()) == {missing}
    (tmp_path / "model.v2").mkdir()
    files = starting_weight_files(tmp_path / "model.v2")
    assert files["semantic"] == tmp_path / "model.v2" / "semantic.safetensors"


def test_the_estimate_is_that_of_the_steps_after_the_first_ones():
    """The first three steps take 100 s each, all others 2 s."""
    times = iter([100, 200, 300, *(300 + 2 * step for step in range(1, 100))])
    timer = StepTimer(1000, clock=lambda: next(times))
    lines = [timer.estimate_after_step(500 + step) for step in range(1, 60)]
    assert [number for number, line in enumerate(lines, 1) if line] == [STEPS_BEFORE_ESTIMATE]
    assert lines[STEPS_BEFORE_ESTIMATE - 1] == (
        "2 s a step; 16.0 minutes for the other 480 steps, if they all take as long"
    )


def test_a_slow_machine_times_fewer_steps():
    """The first step ends after 100 s; each later one takes 20 s."""
    times = iter(range(100, 1000, 20))
    timer, enough = StepTimer(1000, clock=lambda: next(times)), []
    for step in range(1, 8):
        timer.estimate_after_step(step)
        enough.append(timer.is_enough(60))
    assert enough == [False] * 4 + [True] * 3
    assert timer.seconds_of_step == 20 and timer.timed_steps == 4


@pytest.mark.parametrize(
    ("seconds", "text"), [(7199, "120.0 minutes"), (7200, "2.0 hours"), (119, "119 seconds")]
)
def test_durations_have_a_unit_that_fits(seconds, text):
    assert format_duration(seconds) == text


@pytest.fixture
def recipe_file(tmp_path):
    """A recipe with narrow networks and 10,000 steps a phase."""
    text = (RECIPES_FOLDER / "scenes.toml").read_text()
    text = re.sub("batch = .*", "batch = 2", text).replace("crop = 256", "crop = 64")
    text = text.replace("widths = [32, 48, 64, 96]", "widths = [8, 12, 16, 24]")
    text = text.replace("stem_width = 32", "stem_width = 8")
    path = tmp_path / "narrow.toml"
    path.write_text(re.sub("steps = [0-9]+", "steps = 10000", text))
    return path


def test_a_terminated_training_writes_a_checkpoint_and_says_so(recipe_file, few_scenes, tmp_path):
    """The signal goes to the process group, as Ctrl-C does, so it must not end the worker first."""
    program = (
        f"import sys; from bench import paths; paths.RUNS = __import__('pathlib').Path({str(tmp_path)!r});"
        " from bench.cli import main; main(sys.argv[1:])"
    )
    options = [
        "--recipe",
        recipe_file,
        "--root",
        few_scenes,
        "--only",
        "semantic",
        "--workers",
        "1",
    ]
    command = [sys.executable, "-c", program, "train", *map(str, options)]
    running = subprocess.Popen(
        command,
        cwd=ROOT,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    read_until(running, "loss=")
    os.killpg(running.pid, signal.SIGTERM)
    rest = running.communicate(timeout=60)[1]
    assert running.returncode == 128 + signal.SIGTERM, rest
    checkpoint = tmp_path / "train" / "narrow" / "semantic.checkpoint"
    assert "Error: SIGTERM: stopped after step " in rest.splitlines()[-1]
    assert str(checkpoint) in rest and checkpoint.exists()


def read_until(running, text, limit=120.0):
    """What a process writes to stderr, until it has written ``text``."""
    seen, end = "", time.monotonic() + limit
    while text not in seen:
        assert running.poll() is None and time.monotonic() < end, seen
        seen += running.stderr.read(1)
    return seen


def test_training_records_are_json():
    for path in TRAINED_MODELS.glob("*/training.json"):

        def refuse(name, path=path):
            raise AssertionError(f"{path} holds {name}, which is not JSON")

        json.loads(path.read_text(), parse_constant=refuse)


@pytest.mark.parametrize("locked", ["work", "model"])
def test_a_folder_that_another_training_writes_is_refused(tmp_path, locked):
    (tmp_path / locked).mkdir()
    descriptor = lock_folder(tmp_path / locked)
    with pytest.raises(FolderInUse, match=f"{locked} is in use by another run; "):
        train_recipe("scenes", None, tmp_path / "model", tmp_path / "work", None, 1)
    os.close(descriptor)
    assert [path.name for path in tmp_path.iterdir()] == [locked]


def test_an_estimate_prints_what_a_training_takes_and_writes_nothing(
    recipe_file, few_scenes, tmp_path, capsys
):
    work = tmp_path / "work"
    train_recipe(
        str(recipe_file), few_scenes, work / "model", work, "semantic", None, estimate=True
    )
    printed = capsys.readouterr()
    lines = printed.out.splitlines()
    recipe = read_recipe(recipe_file)
    strides = [phase.output_stride for phase in recipe.semantic.schedule.phases]
    names = [f"semantic, output stride {stride}" for stride in strides]
    assert [line.partition(":")[0] for line in lines] == [*names, "together", "memory", "disk"]
    for line in lines[: len(names)]:
        seconds, crops = map(float, re.findall(r"([\d.e+-]+) (?:s a step|crops)", line))
        assert seconds * crops == pytest.approx(2, rel=0.02), "the batch has two crops"
        assert "10,000 steps take" in line and "(mean of 17)" in line
    for number, name in enumerate(names, 1):
        assert f"measurement {number} of {len(names)}: {name}: 100%" in printed.err
    assert not work.exists()


def test_a_stopped_estimate_promises_no_checkpoint(recipe_file, few_scenes, tmp_path):
    work = tmp_path / "work"
    is_stopped = False

    def stop_once(*_):
        nonlocal is_stopped
        if not is_stopped:
            is_stopped = True
            signal.raise_signal(signal.SIGTERM)

    with pytest.MonkeyPatch.context() as patch, pytest.raises(TrainingStopped) as stopped:
        patch.setattr(StepTimer, "estimate_after_step", stop_once)
        patch.setattr(StepTimer, "is_enough", lambda *_: False)
        train_recipe(
            str(recipe_file), few_scenes, work / "model", work, "semantic", None, estimate=True
        )
    assert "it kept nothing, so the command begins again" in str(stopped.value)
    assert not work.exists() or not list(work.iterdir())
