"""Steps with one micro-batch are those of a plain loop; several micro-batches are parts of one batch."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from models.deeplabv3 import DeepLabV3, upsample_selected_pixels, use_channels_last
from models.image_preprocessing import Normalisation
from models.training.crop_batches import AnnotatedImage, CropBatches
from models.training.loss_functions import semantic_loss
from models.training.running_statistics import RunningStatistics
from models.training.schedule_and_optimizer import Phase, Schedule
from models.training.train_one_network import train_semantic
from models.training.training_loop import MAX_GRADIENT_NORM
from models.training.training_settings import TrainingResources, TrainingSettings

NORMALISATION = Normalisation((0.5, 0.5, 0.5), (0.25, 0.25, 0.25))
FLOAT32 = TrainingResources(bfloat16=False)


@pytest.fixture
def sources():
    random = np.random.default_rng(0)

    def image():
        classes = np.kron(random.integers(0, 5, (5, 6)), np.ones((16, 16))).astype(np.uint8)
        picture = random.integers(0, 256, (80, 96, 3)).astype(np.uint8)
        return AnnotatedImage(picture, classes, classes.astype(np.int32))

    return [image() for _ in range(3)]


@pytest.fixture
def settings(tiny):
    schedule = Schedule((Phase(3, 8), Phase(2, 4)), 1e-2, 1e-4, warmup=2)
    return TrainingSettings(tiny(), schedule, 48, 4, (0.8, 1.5), (0.0,), 1, seed=7)


def losses_and_weights_of_plain_loop(sources, settings):
    """The training without micro-batches, written down as plainly as possible."""
    torch.manual_seed(settings.seed)
    schedule = settings.schedule
    network = use_channels_last(DeepLabV3(settings.network.at_stride(8)))
    optimizer = torch.optim.AdamW(network.parameters(), weight_decay=schedule.weight_decay)
    batches = CropBatches(sources, settings.crop, settings.batch, settings.scales, settings.seed)
    losses = []
    for step in range(schedule.steps):
        network.set_output_stride(8 if step < 3 else 4)
        optimizer.param_groups[0]["lr"] = schedule.learning_rate_at(step)
        torch.manual_seed(settings.seed + step)
        batch = batches[step]
        logits = network.train()(NORMALISATION(batch.images))
        enlarged = upsample_selected_pixels(
            logits, (48, 48), network.config.output_stride, slice(None), slice(None)
        )
        loss = semantic_loss(enlarged, batch.semantic, torch.ones(settings.network.channels))
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(network.parameters(), MAX_GRADIENT_NORM)
        optimizer.step()
        losses.append(loss.item())
    return losses, network.state_dict()


def test_a_training_is_bit_for_bit_that_of_a_plain_loop(sources, settings, tmp_path):
    losses, weights = losses_and_weights_of_plain_loop(sources, settings)
    trainer = train_semantic(
        sources, settings, NORMALISATION, tmp_path / "c", lambda _: None, resources=FLOAT32
    )
    assert trainer.progress.losses == losses
    trained = trainer.network.state_dict()
    assert all(torch.equal(trained[name], weight) for name, weight in weights.items())


def test_micro_batches_are_the_parts_of_the_batch(sources):
    whole, parts = (
        CropBatches(sources, 32, 6, (0.8, 1.5), 3, turned=True, gamma=1.5, micro_batches=count)
        for count in (1, 3)
    )
    for step in (0, 5):
        joined = [parts[3 * step + part] for part in range(3)]
        for field in ("images", "semantic", "instances"):
            expected = getattr(whole[step], field)
            assert torch.equal(torch.cat([getattr(each, field) for each in joined]), expected)
            assert torch.equal(getattr(parts.whole_batch(step), field), expected)


def test_running_statistics_are_the_mean_over_micro_batches():
    torch.manual_seed(0)
    norm, batches = nn.BatchNorm2d(3), torch.randn(4, 2, 3, 5, 5)
    alone = []
    for batch in batches:
        single = nn.BatchNorm2d(3)
        single(batch)
        alone.append(torch.cat([single.running_mean, single.running_var]))
    statistics = RunningStatistics(norm)
    for batch in batches:
        norm(batch)
        statistics.collect()
    statistics.replace(statistics.mean())
    together = torch.cat([norm.running_mean, norm.running_var])
    torch.testing.assert_close(together, torch.stack(alone).mean(0))
    assert norm.num_batches_tracked == 1


def test_a_training_with_micro_batches_resumes_to_the_same_losses(sources, settings, tmp_path):
    settings = replace(settings, micro_batches=2)
    settings = replace(settings, schedule=replace(settings.schedule, checkpoint_every=2))

    class Killed(Exception):
        pass

    def kill(progress):
        if progress.finished_steps == 3:
            raise Killed

    def train(name, on_step):
        path = tmp_path / name
        return train_semantic(sources, settings, NORMALISATION, path, on_step, resources=FLOAT32)

    whole = train("whole", lambda _: None)
    with pytest.raises(Killed):
        train("killed", kill)
    resumed = train("killed", lambda _: None)
    assert resumed.progress.losses == whole.progress.losses
    weights = resumed.network.state_dict()
    assert all(torch.equal(weights[k], v) for k, v in whole.network.state_dict().items())


def test_fingerprints_name_micro_batches_only_if_there_are_several(settings):
    """Checkpoints that were written before there were micro-batches stay valid."""
    assert repr(settings).endswith("turned=False, gamma=1.0)")
    assert repr(replace(settings, micro_batches=2)).endswith("gamma=1.0, micro_batches=2)")
    assert "sync_batch_norm=True" in repr(replace(settings, sync_batch_norm=True))


def test_micro_batches_that_do_not_divide_the_batch_are_refused(settings):
    with pytest.raises(ValueError, match="micro_batches is 3, which does not divide batch, 4"):
        replace(settings, micro_batches=3)


def test_synchronised_batch_norm_without_gpus_is_refused(sources, settings, tmp_path):
    settings = replace(settings, micro_batches=2, sync_batch_norm=True)
    with pytest.raises(ValueError, match="sync_batch_norm needs 2 processes with a GPU each"):
        train_semantic(sources, settings, NORMALISATION, tmp_path / "c", lambda _: None)
