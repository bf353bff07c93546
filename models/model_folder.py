"""A trained model on disk: a folder of ``model.toml``, ``semantic.safetensors``, ``affinity.safetensors``."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from models.atomic_write import atomic_write
from models.deeplabv3 import DeepLabV3, use_channels_last, weight_shapes, without_weights
from models.devices import device_named
from models.image_preprocessing import Normalisation
from models.model_config import ModelConfig, ModelError, NetworkConfig, read_config, write_config

NETWORKS = ("semantic", "affinity")


@dataclass(frozen=True)
class Model:
    """Both networks of a folder, ready to answer."""

    config: ModelConfig
    semantic: DeepLabV3
    affinity: DeepLabV3

    @property
    def device(self) -> torch.device:
        """The device that holds the networks, and on which they run."""
        return next(self.semantic.parameters()).device

    @property
    def preprocess(self) -> Normalisation:
        """What is done to images before the networks run on them."""
        return Normalisation(self.config.mean, self.config.std)


def halve_convolutions(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Weights as they are stored: convolutions in half precision, for half the size, the rest unchanged."""
    return {
        name: (tensor.half() if tensor.ndim == 4 else tensor).contiguous()
        for name, tensor in weights.items()
    }


def save_model(
    folder: Path, config: ModelConfig, weights: Mapping[str, Mapping[str, Tensor]]
) -> None:
    """Write a model folder; ``model.toml`` comes last, so that a folder that has one is complete.

    weights: state dictionaries of the networks, "semantic" and "affinity".
    """
    (folder / "model.toml").unlink(missing_ok=True)
    for network in NETWORKS:
        with atomic_write(folder / f"{network}.safetensors") as partial:
            save_file(halve_convolutions(weights[network]), partial)
    write_config(config, folder / "model.toml")


def load_network(config: NetworkConfig, path: Path) -> DeepLabV3:
    """One network with the weights of ``path``, ready to answer; raises ``ModelError`` in one line."""
    try:
        weights = load_file(path)
    except FileNotFoundError:
        raise ModelError(f"{path} is missing: train it, or take a whole model folder") from None
    except SafetensorError as error:
        raise ModelError(f"{path} is damaged ({error}): fetch or train it again") from None
    network = without_weights(config)
    expected = weight_shapes(network)
    found = {name: tuple(tensor.shape) for name, tensor in weights.items()}
    for name in sorted(expected.keys() | found.keys()):
        if expected.get(name) != found.get(name):
            raise ModelError(
                f"{path}: {name} has shape {found.get(name)}, model.toml asks for {expected.get(name)}"
            )
    floats = {
        name: value.float() if value.is_floating_point() else value
        for name, value in weights.items()
    }
    network.load_state_dict(floats, assign=True)
    use_channels_last(network).eval().requires_grad_(False)
    return network


def load_model(folder: Path, device: str = "cpu") -> Model:
    """Load a model folder onto a device: "cpu", "cuda" or "cuda:N".

    Raises ``ModelError``, one line, for a file that is missing, damaged or does not fit the others, and
    ``ValueError``, one line, for a device that is not found.
    """
    there = device_named(device)
    config = read_config(folder / "model.toml")
    networks = {
        name: load_network(getattr(config, name), folder / f"{name}.safetensors").to(there)
        for name in NETWORKS
    }
    return Model(config, **networks)


def weights_digest(folder: Path) -> str:
    """SHA-256 of both weight files, in hex; the answers of a model depend on them."""
    digest = hashlib.sha256()
    for network in NETWORKS:
        path = folder / f"{network}.safetensors"
        if not path.is_file():
            raise ModelError(f"{path} is missing: train it, or take a whole model folder")
        digest.update(path.read_bytes())
    return digest.hexdigest()
