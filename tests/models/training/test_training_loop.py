"""Checkpoints of the training loop."""

import pytest
import torch

from models.training.training_loop import save_checkpoint


class Killed(Exception):
    pass


def test_an_interrupted_write_leaves_the_old_checkpoint(tmp_path, monkeypatch):
    path = tmp_path / "work" / "semantic.checkpoint"
    save_checkpoint(path, {"losses": [1.0]})

    def half(state, partial):
        partial.write_bytes(b"half of a checkp")
        raise Killed

    monkeypatch.setattr(torch, "save", half)
    with pytest.raises(Killed):
        save_checkpoint(path, {"losses": [1.0, 0.5]})
    assert torch.load(path, weights_only=True) == {"losses": [1.0]}
