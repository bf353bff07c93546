"""A trained model on disk: a folder of ``model.toml``, ``semantic.safetensors``, ``affinity.safetensors``."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from models.deeplabv3 import DeepLabV3
from models.devices import device_named
from models.files import write_whole
from models.model_config import ModelConfig, ModelError, NetworkConfig, read_config, write_config
from models.normalisation import Input

NETWORKS = ("semantic", "affinity")


@dataclass(frozen=True)
class Model:
    """Both networks of a folder, ready to answer."""

    config: ModelConfig
    semantic: DeepLabV3
    affinity: DeepLabV3

    @property
    def device(self) -> torch.device:
        """Where the networks lie, and therefore run."""
        return next(self.semantic.parameters()).device

    @property
    def preprocess(self) -> Input:
        return Input(self.config.mean, self.config.std)


def storable(weights: dict[str, Tensor]) -> dict[str, Tensor]:
    """Convolutions in half precision, the rest as it is: half the megabytes, and what a record measures."""
    return {
        name: (tensor.half() if tensor.ndim == 4 else tensor).contiguous()
        for name, tensor in weights.items()
    }


def save_model(folder: Path, config: ModelConfig, weights: dict[str, dict[str, Tensor]]) -> None:
    """Write a model folder; ``model.toml`` comes last, so that a folder that has one is whole.

    weights: state dictionaries of the networks, "semantic" and "affinity".
    """
    (folder / "model.toml").unlink(missing_ok=True)
    for network in NETWORKS:
        content = storable(weights[network])
        path = folder / f"{network}.safetensors"
        write_whole(path, lambda partial, content=content: save_file(content, partial))
    write_config(config, folder / "model.toml")


def load_network(config: NetworkConfig, path: Path) -> DeepLabV3:
    """One network with the weights of ``path``, ready to answer; raises ``ModelError`` in one line."""
    try:
        weights = load_file(path)
    except FileNotFoundError:
        raise ModelError(f"{path} is missing: train it, or take a whole model folder") from None
    except SafetensorError as error:
        raise ModelError(f"{path} is damaged ({error}): fetch or train it again") from None
    with torch.device("meta"):
        network = DeepLabV3(config)
    expected = {name: tuple(tensor.shape) for name, tensor in network.state_dict().items()}
    found = {name: tuple(tensor.shape) for name, tensor in weights.items()}
    for name in sorted(expected.keys() | found.keys()):
        if expected.get(name) != found.get(name):
            raise ModelError(
                f"{path}: {name} has shape {found.get(name)}, model.toml asks for {expected.get(name)}"
            )
    whole = {
        name: value.float() if value.is_floating_point() else value
        for name, value in weights.items()
    }
    network.load_state_dict(whole, assign=True)
    return network.to(memory_format=torch.channels_last).eval().requires_grad_(False)


def load_model(folder: Path, device: str = "cpu") -> Model:
    """Load a model folder onto a device: "cpu", "cuda" or "cuda:N".

    Raises ``ModelError`` where something does not fit, ``ValueError`` where there is no such device, both in
    one line.
    """
    place = device_named(device)
    config = read_config(folder / "model.toml")
    networks = {
        name: load_network(getattr(config, name), folder / f"{name}.safetensors").to(place)
        for name in NETWORKS
    }
    return Model(config, **networks)


def weights_digest(folder: Path) -> str:
    """SHA-256 over what decides a model's answers: both weight files."""
    digest = hashlib.sha256()
    for network in NETWORKS:
        path = folder / f"{network}.safetensors"
        if not path.is_file():
            raise ModelError(f"{path} is missing: train it, or take a whole model folder")
        digest.update(path.read_bytes())
    return digest.hexdigest()
