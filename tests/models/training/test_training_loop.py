"""The training loop writes checkpoints and reads them."""

import pytest
import torch

from models.training.training_loop import write_checkpoint


class Killed(Exception):
    pass


def test_an_interrupted_write_leaves_the_old_checkpoint(tmp_path, monkeypatch):
    path = tmp_path / "work" / "semantic.checkpoint"
    write_checkpoint(path, {"losses": [1.0]})

    def half(state, partial):
        partial.write_bytes(b"half of a checkp")
        raise Killed

    monkeypatch.setattr(torch, "save", half)
    with pytest.raises(Killed):
        write_checkpoint(path, {"losses": [1.0, 0.5]})
    assert torch.load(path, weights_only=True) == {"losses": [1.0]}
