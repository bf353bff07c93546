"""The training loop writes checkpoints and reads them; a damaged one is refused."""

import os

import pytest
import torch

from models.training.training_loop import CheckpointError, read_checkpoint, write_checkpoint

STATE = {"network": {"bias": torch.arange(6.0)}, "losses": [1.0, 0.5], "recipe": "a recipe"}


class Killed(Exception):
    pass


@pytest.fixture
def path(tmp_path):
    write_checkpoint(tmp_path / "work" / "semantic.checkpoint", STATE)
    return tmp_path / "work" / "semantic.checkpoint"


def error_of_reading(path):
    """The message for a checkpoint that is refused, after a check that it is one line with a remedy."""
    with pytest.raises(CheckpointError) as error:
        read_checkpoint(path, "a recipe")
    message = str(error.value)
    assert message.startswith(str(path)) and "delete it" in message and "\n" not in message
    return message


def test_a_checkpoint_comes_back(path):
    state = read_checkpoint(path, "a recipe")
    assert state.keys() == STATE.keys() and state["losses"] == STATE["losses"]
    assert torch.equal(state["network"]["bias"], STATE["network"]["bias"])


def test_an_interrupted_write_leaves_the_old_checkpoint(path, monkeypatch):
    def kill(*_):
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", kill)
        with pytest.raises(Killed):
            write_checkpoint(path, {**STATE, "losses": [1.0, 0.5, 0.25]})
    assert read_checkpoint(path, "a recipe")["losses"] == [1.0, 0.5]
    assert list(path.parent.iterdir()) == [path]


def test_no_flipped_bit_of_a_checkpoint_goes_unnoticed(path):
    whole = path.read_bytes()
    for place in range(0, 8 * len(whole), 29):
        content = bytearray(whole)
        content[place // 8] ^= 1 << place % 8
        path.write_bytes(content)
        assert "is damaged" in error_of_reading(path)


@pytest.mark.parametrize("content", ["a text", ["a list"], STATE, torch.zeros(3)])
def test_a_checkpoint_without_checksum_is_refused(path, content):
    """Checkpoints of earlier versions were written by ``torch.save`` alone."""
    torch.save(content, path)
    assert "it has no checksum" in error_of_reading(path)


def test_a_checkpoint_of_another_training_is_refused(path):
    with pytest.raises(CheckpointError, match="written with other settings or images; delete it"):
        read_checkpoint(path, "another recipe")
