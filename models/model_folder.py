"""A trained model on disk: a folder with ``model.toml`` and the weights of both networks.

The weights are in ``semantic.safetensors`` and ``affinity.safetensors``, two kept files (models.kept_files).
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import safetensors.torch
import torch
from torch import Tensor

from models.deeplabv3 import DeepLabV3, network_without_weights, use_channels_last, weight_shapes
from models.devices import device_named
from models.image_preprocessing import Normalisation
from models.kept_files import (
    DamagedFileError,
    load_with_or_without_checksum,
    read_whole_file,
    write_kept_file,
)
from models.model_config import ModelConfig, ModelError, NetworkConfig, read_config, write_config

NETWORKS = ("semantic", "affinity")


@dataclass(frozen=True)
class Model:
    """A trained model: its configuration and both networks, ready for inference.

    weights_digest: the ``weights_digest`` of the files from which the networks were loaded; "" without files.
    """

    config: ModelConfig
    semantic: DeepLabV3
    affinity: DeepLabV3
    weights_digest: str = ""

    @property
    def device(self) -> torch.device:
        """The device of both networks."""
        return next(self.semantic.parameters()).device

    @property
    def normalisation(self) -> Normalisation:
        """The function that normalises images before inference."""
        return Normalisation(self.config.mean, self.config.std)


def weights_with_half_precision_convolutions(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The weights, where those of convolutions are float16, which halves the size of the file."""
    return {
        name: (tensor.half() if tensor.ndim == 4 else tensor).contiguous()
        for name, tensor in weights.items()
    }


def save_model(
    folder: Path, config: ModelConfig, weights: Mapping[str, Mapping[str, Tensor]]
) -> None:
    """Write a model folder. ``model.toml`` is written last, so a folder that has this file is complete.

    weights: the state dictionary of each network, under the keys "semantic" and "affinity".
    """
    (folder / "model.toml").unlink(missing_ok=True)
    for network in NETWORKS:
        content = safetensors.torch.save(weights_with_half_precision_convolutions(weights[network]))
        write_kept_file(folder / f"{network}.safetensors", content, {"network": network})
    write_config(config, folder / "model.toml")


def load_network(config: NetworkConfig, path: Path) -> DeepLabV3:
    """Load a network for inference, with the weights in the file ``path``.

    Raises ``ModelError`` if the file is missing or damaged, or if its weights do not fit ``config``.
    """
    return _build_network(config, path, _read_weight_file(path))


def _read_weight_file(path: Path) -> bytes:
    try:
        return read_whole_file(path)
    except FileNotFoundError:
        raise ModelError(
            f"{path} is missing: train the model, or use a complete model folder"
        ) from None
    except OSError as error:
        raise ModelError(f"{path} cannot be read: {error.strerror or error}") from None


def _build_network(config: NetworkConfig, path: Path, content: bytes) -> DeepLabV3:
    """A network for inference with the weights in ``content``, the bytes of the file ``path``."""
    try:
        weights = load_with_or_without_checksum(path, content, safetensors.torch.load)
    except DamagedFileError as error:
        raise ModelError(f"{error}: download it or train the model again") from None
    network = network_without_weights(config)
    expected = weight_shapes(network)
    found = {name: tuple(tensor.shape) for name, tensor in weights.items()}
    for name in sorted(expected.keys() | found.keys()):
        if expected.get(name) != found.get(name):
            raise ModelError(
                f"{path}: {name} has shape {found.get(name)}, but model.toml needs {expected.get(name)}; "
                "use weights and model.toml of one model"
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

    Raises ``ModelError`` if a file is missing or damaged, or if the weights do not fit ``model.toml``. Raises
    ``ValueError`` for an unknown device.
    """
    torch_device = device_named(device)
    config = read_config(folder / "model.toml")
    contents = _read_weight_files(folder)
    networks = {
        path.stem: _build_network(getattr(config, path.stem), path, content).to(torch_device)
        for path, content in contents.items()
    }
    return Model(config, **networks, weights_digest=_digest(contents))


def weights_digest(folder: Path) -> str:
    """SHA-256 (hex) of both weight files of a model folder. Raises ``ModelError`` if one is missing."""
    return _digest(_read_weight_files(folder))


def _read_weight_files(folder: Path) -> dict[Path, bytes]:
    """The bytes of both weight files of a model folder, by the path of the file."""
    paths = [folder / f"{network}.safetensors" for network in NETWORKS]
    return {path: _read_weight_file(path) for path in paths}


def _digest(contents: Mapping[Path, bytes]) -> str:
    digest = hashlib.sha256()
    for content in contents.values():
        digest.update(content)
    return digest.hexdigest()
