"""A training stops at a loss that is not finite, and at a signal, with a checkpoint that is good."""

import os
import signal
from dataclasses import replace

import pytest
import torch
from torch import nn

from models.deeplabv3 import DeepLabV3
from models.model_config import ModelError
from models.training.schedule_and_optimizer import Phase, Schedule
from models.training.starting_weights import read_starting_weights
from models.training.stop_signals import TrainingStopped, record_stop_signals
from models.training.training_loop import (
    CheckpointError,
    LossNotFiniteError,
    Trainer,
    read_checkpoint,
    write_checkpoint,
)

STEPS = 6


def make_trainer(tiny, folder, steps=STEPS):
    torch.manual_seed(0)
    schedule = Schedule((Phase(steps, 8),), 1e-3, 0.0, 0, checkpoint_every=2)
    return Trainer(DeepLabV3(tiny()), schedule, folder / "checkpoint", "these settings")


def sum_of_biases(network, step):
    return sum(p.sum() for name, p in network.named_parameters() if name.endswith("bias"))


def with_value_at_step_3(value):
    def compute_loss(network, step):
        return sum_of_biases(network, step) * (value if step == 3 else 1.0)

    return compute_loss


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_the_first_loss_that_is_not_finite_stops_the_training(tiny, tmp_path, value):
    trainer = make_trainer(tiny, tmp_path)
    with pytest.raises(LossNotFiniteError, match="step 3: the loss is .*checkpoint is its last"):
        trainer.run(with_value_at_step_3(value))
    state = read_checkpoint(tmp_path / "checkpoint", "these settings")
    assert len(state["losses"]) == 2
    assert all(weight.isfinite().all() for weight in state["network"].values())


@pytest.mark.parametrize("value", [1.0, float("nan")])
def test_losses_that_are_read_late_are_those_that_are_read_at_once(tiny, tmp_path, value):
    """So does a training on a GPU. A checkpoint is written after the losses are read."""
    trainers = [make_trainer(tiny, tmp_path / name, steps=30) for name in ("once", "late")]
    unread = []
    trainers[1].reads_at_once = False
    for trainer in trainers:
        trainer.schedule = replace(trainer.schedule, checkpoint_every=15)
    if value == 1:
        trainers[0].run(sum_of_biases)
        trainers[1].run(sum_of_biases, lambda progress: unread.append(progress.unread))
        assert trainers[1].progress == replace(
            trainers[0].progress, seconds=trainers[1].progress.seconds
        )
        readings = (1, 2, 3, 10, 15, 20, 30)
        last = [max([0, *(step for step in readings if step <= now)]) for now in range(1, 31)]
        assert unread == [now - step for now, step in enumerate(last, start=1)]
    else:
        for trainer in trainers:
            with pytest.raises(LossNotFiniteError, match="step 3: the loss is nan.*wrote no"):
                trainer.run(with_value_at_step_3(value))
            assert not trainer.checkpoint.exists()


def test_a_gradient_that_is_not_finite_changes_no_weight(tiny, tmp_path):
    trainer = make_trainer(tiny, tmp_path)

    def root_at_zero(network, step):
        """The derivative of the square root is infinite at 0."""
        weight = next(network.parameters())
        return (weight * 0).abs().sum().sqrt()

    before = {name: weight.clone() for name, weight in trainer.network.state_dict().items()}
    with pytest.raises(LossNotFiniteError, match="step 0: the norm of the gradient.*wrote no"):
        trainer.run(root_at_zero)
    after = trainer.network.state_dict()
    assert all(torch.equal(weight, after[name]) for name, weight in before.items())


def test_a_checkpoint_with_a_loss_that_is_not_finite_is_refused(tiny, tmp_path):
    trainer = make_trainer(tiny, tmp_path)
    trainer.run(sum_of_biases)
    state = read_checkpoint(tmp_path / "checkpoint", "these settings")
    state["losses"][4] = float("nan")
    write_checkpoint(tmp_path / "checkpoint", state)
    with pytest.raises(CheckpointError, match="the loss of step 4 is nan; delete it"):
        make_trainer(tiny, tmp_path)


@pytest.fixture
def interrupts():
    """Make SIGINT raise KeyboardInterrupt, which a shell's background processes do not do."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.usefixtures("interrupts")
def test_a_signal_ends_the_training_after_its_step_with_a_checkpoint(tiny, tmp_path, number):
    whole = make_trainer(tiny, tmp_path / "whole")
    whole.run(sum_of_biases)

    def send_in_step_2(network, step):
        if step == 2:
            os.kill(os.getpid(), number)
        return sum_of_biases(network, step)

    stopped = make_trainer(tiny, tmp_path)
    with pytest.raises(TrainingStopped, match=f"after step 3 of {STEPS}; run the") as error:
        stopped.run(send_in_step_2)
    assert error.value.signal is number
    resumed = make_trainer(tiny, tmp_path)
    assert resumed.progress.finished_steps == 3
    resumed.run(sum_of_biases)
    assert resumed.progress.losses == whole.progress.losses


@pytest.mark.usefixtures("interrupts")
def test_the_second_signal_acts_at_once():
    with pytest.raises(KeyboardInterrupt), record_stop_signals() as stop:
        os.kill(os.getpid(), signal.SIGINT)
        assert stop.signal == signal.SIGINT
        os.kill(os.getpid(), signal.SIGINT)


def test_signals_act_as_before_after_a_training():
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    with record_stop_signals() as stop:
        assert stop.signal is None
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == before


def test_a_signal_that_is_ignored_stays_ignored():
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with record_stop_signals() as stop:
            os.kill(os.getpid(), signal.SIGINT)
            assert stop.signal is None
    finally:
        signal.signal(signal.SIGINT, before)


@pytest.mark.parametrize("value", [float("nan"), float("-inf")])
def test_starting_weights_that_are_not_finite_are_named(tmp_path, value):
    weights = {"conv1.weight": torch.ones(2, 2), "bn1.bias": torch.tensor([0.0, value])}
    torch.save(weights, tmp_path / "start.pth")
    with pytest.raises(ModelError, match=r"start.pth: weight bn1.bias has values that are NaN or"):
        read_starting_weights(tmp_path / "start.pth")


def test_a_training_starts_from_the_weights_of_a_checkpoint(tiny, tmp_path):
    trainer = make_trainer(tiny, tmp_path)
    trainer.run(sum_of_biases)
    start = read_starting_weights(tmp_path / "checkpoint")
    assert isinstance(trainer.network, nn.Module)
    weights = trainer.network.state_dict()
    assert start.weights.keys() == weights.keys()
    assert all(torch.equal(weights[name], weight) for name, weight in start.weights.items())
