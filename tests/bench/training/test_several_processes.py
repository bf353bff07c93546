"""``torchrun -m bench train``: several processes train as one does, and end together."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from contextlib import contextmanager, suppress

import pytest
import torch

from bench.paths import ROOT
from bench.training.recipe import read_recipe
from bench.training.train_from_recipe import train_recipe
from models.deeplabv3 import DeepLabV3
from models.kept_files import read_kept_file
from models.training.training_loop import load_checkpoint_state
from models.training.training_processes import (
    ONE_PROCESS,
    TrainingProcesses,
    device_of_process,
)
from models.training.training_settings import TrainingResources
from tests.bench.training.tiny_recipe import write_tiny_recipe

PROGRAM = f"""
import os, sys
from pathlib import Path
sys.path.insert(0, {str(ROOT)!r})
from bench import paths
paths.RUNS = Path(sys.argv[1]) / os.environ["RANK"]
from bench.cli import main
main(sys.argv[2:])
"""
"""The command line of ``bench``, in which each process has a folder of its own to write to."""

LONGEST_END_SECONDS = 30


@pytest.fixture
def recipe_file(tmp_path):
    """A recipe with tiny networks, two steps a phase, and four micro-batches a step."""
    return write_tiny_recipe(tmp_path / "tiny.toml", steps=2, batch="8\nmicro_batches = 4")


def start_two_processes(recipe_file, root, runs):
    """Start torchrun with two processes that train the semantic network on the CPU."""
    program = recipe_file.with_suffix(".py")
    program.write_text(PROGRAM)
    torchrun = [sys.executable, "-m", "torch.distributed.run", "--standalone"]
    options = ["--recipe", recipe_file, "--root", root, "--only", "semantic", "--no-bfloat16"]
    return subprocess.Popen(
        [*torchrun, "--nproc-per-node", "2", *map(str, [program, runs, "train", *options])],
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


@contextmanager
def ended(torchrun):
    """Kill torchrun at the end of the block, if it still runs; its processes then end by themselves."""
    try:
        yield torchrun
    finally:
        torchrun.kill()
        torchrun.wait()


def train_in_one_process(recipe_file, root, work):
    resources = TrainingResources(bfloat16=False)
    train_recipe(
        str(recipe_file), root, work / "model", work, "semantic", None, resources=resources
    )


def train_in_two_processes(recipe_file, root, runs):
    """The losses of a training in two processes, from its checkpoint on if there is one."""
    with ended(start_two_processes(recipe_file, root, runs)) as running:
        output = running.communicate(timeout=120)[0]
    assert running.returncode == 0, output
    return read_state(runs / "0/train/tiny").arrays["losses"]


def read_state(folder):
    return read_kept_file(folder / "semantic.checkpoint", load_checkpoint_state)


def outputs_of_network(recipe_file, weights):
    """The logits of a trained network for a random image."""
    network = DeepLabV3(read_recipe(recipe_file).semantic.network).eval()
    network.load_state_dict(weights)
    image = torch.randn(1, 3, 64, 80, generator=torch.Generator().manual_seed(3))
    with torch.no_grad():
        return network(image)


def test_two_processes_train_the_same_network_as_one(recipe_file, few_scenes, tmp_path):
    """Both compute the same four micro-batches, so they differ only in the order of sums."""
    train_in_two_processes(recipe_file, few_scenes, tmp_path / "two")
    assert os.listdir(tmp_path / "two") == ["0"], "only rank 0 writes"
    train_in_one_process(recipe_file, few_scenes, tmp_path / "one")
    one, two = (read_state(folder) for folder in (tmp_path / "one", tmp_path / "two/0/train/tiny"))
    assert one.key == two.key
    one, two = one.arrays, two.arrays
    assert len(two["losses"]) == 4
    assert two["losses"] == pytest.approx(one["losses"], rel=1e-5)
    assert one["network"].keys() == two["network"].keys()
    for name, weight in one["network"].items():
        torch.testing.assert_close(two["network"][name], weight, rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(
        *(outputs_of_network(recipe_file, state["network"]) for state in (one, two)),
        rtol=1e-3,
        atol=1e-4,
    )


def test_processes_divide_the_micro_batches_or_say_what_would():
    parts = [list(TrainingProcesses(rank, 2).own_parts(6)) for rank in range(2)]
    assert parts == [[0, 1, 2], [3, 4, 5]]
    assert list(ONE_PROCESS.own_parts(3)) == [0, 1, 2]
    with pytest.raises(ValueError, match="4 processes train, but micro_batches is 6: .*multiple"):
        TrainingProcesses(0, 4).own_parts(6)


def test_each_process_of_torchrun_has_a_gpu_of_its_own(monkeypatch):
    assert device_of_process("cuda") == "cuda"
    for name, value in (
        ("TORCHELASTIC_RUN_ID", "1"),
        ("WORLD_SIZE", "4"),
        ("LOCAL_WORLD_SIZE", "2"),
        ("LOCAL_RANK", "1"),
    ):
        monkeypatch.setenv(name, value)
    assert (device_of_process("cuda"), device_of_process("cpu")) == ("cuda:1", "cpu")
    with pytest.raises(ValueError, match="device is 'cuda:0', but 2 processes train on this"):
        device_of_process("cuda:0")


def children_of(pid):
    """The processes that a process has started."""
    with open(f"/proc/{pid}/task/{pid}/children") as file:
        return [int(child) for child in file.read().split()]


def read_until(running, text):
    seen = ""
    while text not in seen:
        character = running.stdout.read(1)
        assert character, seen
        seen += character
    return seen


@pytest.fixture
def long_training(recipe_file, few_scenes, tmp_path):
    """Two processes in a training of 10,000 steps, and their ids, rank 0 first."""
    recipe_file.write_text(recipe_file.read_text().replace("steps = 2", "steps = 10_000"))
    running = start_two_processes(recipe_file, few_scenes, tmp_path / "two")
    read_until(running, "loss=")
    ranks = sorted(children_of(running.pid), key=rank_of_process)
    assert len(ranks) == 2
    yield running, ranks
    for pid in (running.pid, *ranks):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    running.communicate()


def rank_of_process(pid):
    with open(f"/proc/{pid}/environ") as file:
        return re.search(r"\0RANK=(\d+)", file.read())[1]


def wait_for_end(pids):
    """Wait until the processes have ended (or are zombies); fail after ``LONGEST_END_SECONDS``."""
    end = time.monotonic() + LONGEST_END_SECONDS
    while any(is_running(pid) for pid in pids):
        assert time.monotonic() < end, pids
        time.sleep(0.1)


def is_running(pid):
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


@pytest.mark.exhaustive
@pytest.mark.parametrize(
    ("victim", "number"),
    [
        ("torchrun", signal.SIGKILL),
        (0, signal.SIGKILL),
        (1, signal.SIGKILL),
        (1, signal.SIGSTOP),
    ],
)
def test_all_processes_end_soon_after_one_without_a_write(long_training, tmp_path, victim, number):
    """A process that is stopped (SIGSTOP) does not answer, as one on a machine that is switched off."""
    running, ranks = long_training
    os.kill(running.pid if victim == "torchrun" else ranks[victim], number)
    stopped = [ranks[1]] if number == signal.SIGSTOP else []
    wait_for_end({*ranks} - {*stopped})
    files = [path for path in (tmp_path / "two").rglob("*") if path.is_file()]
    assert not [path for path in files if path.suffix == ".checkpoint"]


@pytest.mark.exhaustive
def test_one_or_two_processes_continue_what_two_began(recipe_file, few_scenes, tmp_path):
    """At a small learning rate, the rounding of sums does not grow in the steps that follow."""
    text = recipe_file.read_text().replace("steps = 2", "steps = 30")
    recipe_file.write_text(re.sub("learning_rate = .*", "learning_rate = 1e-5", text))
    with ended(start_two_processes(recipe_file, few_scenes, tmp_path / "two")) as running:
        read_until(running, "loss=")
        running.terminate()
        output = running.communicate(timeout=60)[0]
    assert "stopped after step" in output
    begun = read_state(tmp_path / "two/0/train/tiny").arrays["losses"]
    assert 0 < len(begun) < 60
    copy = shutil.copytree(tmp_path / "two/0/train/tiny", tmp_path / "one")
    continued = train_in_two_processes(recipe_file, few_scenes, tmp_path / "two")
    assert continued == train_in_two_processes(recipe_file, few_scenes, tmp_path / "whole")
    train_in_one_process(recipe_file, few_scenes, copy)
    continued_by_one = read_state(copy).arrays["losses"]
    assert continued_by_one[: len(begun)] == begun
    assert continued_by_one == pytest.approx(continued, rel=1e-4)
