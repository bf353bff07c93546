"""Initial weights for a training, read from the file of an ImageNet ResNet or a DeepLabv3 of torchvision.

Only tensors are unpickled. Weights that do not fit the network are reported.
"""

import hashlib
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from models.deeplabv3 import DeepLabV3, weight_shapes, without_weights
from models.model_config import ModelError, NetworkConfig

STATE_DICTIONARY_KEYS = ("state_dict", "model")
"""Keys of the state dictionary in files of training scripts, which hold other entries, too."""

DATA_PARALLEL_PREFIX = "module."
"""The prefix that torch adds to all names of a network trained on several devices."""

Shape = tuple[int, ...]


@dataclass(frozen=True)
class StartingWeights:
    """The weights of a file, by their names in a ``DeepLabV3``.

    digest: SHA-256 of the file, in hex.
    prefix: the prefix that was added to the names in the file; empty if none was needed.
    """

    path: Path
    digest: str
    weights: Mapping[str, Tensor] = field(repr=False)
    prefix: str = ""


@dataclass(frozen=True)
class WeightFit:
    """The names of the weights of a file that fit a network, and of those that do not.

    only_in_file: names as they are in the file. other_shape: the shapes in the file and in the network.
    in_file, in_network: all names of weights in the file and in the network.
    """

    path: Path
    loaded: tuple[str, ...]
    only_in_file: tuple[str, ...]
    only_in_network: tuple[str, ...]
    other_shape: Mapping[str, tuple[Shape, Shape]]
    in_file: frozenset[str] = field(repr=False)
    in_network: frozenset[str] = field(repr=False)

    def report_lines(self) -> list[str]:
        """A report: how many weights were loaded, and which were not; ``NAME.*`` is a whole module."""
        total = len(self.loaded) + len(self.only_in_network) + len(self.other_shape)
        lines = [f"{self.path}: {len(self.loaded)} of the network's {total} weights are loaded"]
        for names, where, everything in (
            (self.only_in_file, "in the file, not in the network", self.in_file),
            (self.only_in_network, "in the network, not in the file", self.in_network),
        ):
            if names:
                lines.append(
                    f"  {len(names)} {where}: {', '.join(abbreviate_modules(names, everything))}"
                )
        if self.other_shape:
            each = (
                f"{name} {list(found)}, here {list(expected)}"
                for name, (found, expected) in self.other_shape.items()
            )
            lines.append(f"  {len(self.other_shape)} of another shape: {'; '.join(each)}")
        return lines


def abbreviate_modules(names: Collection[str], everything: Collection[str]) -> list[str]:
    """The sorted names; ``MODULE.*`` replaces all names of a module if ``names`` lacks none of them."""
    left_out = set(everything) - set(names)
    found = []
    for name in sorted(names):
        parts = name.split(".")
        for length in range(1, len(parts)):
            stem = ".".join(parts[:length]) + "."
            if not any(other.startswith(stem) for other in left_out):
                name = f"{stem}*"
                break
        if name not in found:
            found.append(name)
    return found


def read_starting_weights(path: Path) -> StartingWeights:
    """Read a state dictionary from a ``.safetensors`` file or from a file of ``torch.save``.

    The dictionary may be stored under the key ``state_dict`` or ``model``. A prefix ``module.`` of its names
    is removed; the names of a ResNet (``conv1.weight``, ...) get the prefix ``backbone.``.
    Raises ``ModelError``, one line, for a file that is missing, damaged or without weights.
    """
    table = _read_file(path)
    for key in STATE_DICTIONARY_KEYS:
        if isinstance(table, Mapping) and isinstance(table.get(key), Mapping):
            table = table[key]
    entries = table.items() if isinstance(table, Mapping) else ()
    weights = {name: value for name, value in entries if isinstance(value, Tensor)}
    if not weights or not all(isinstance(name, str) for name in weights):
        raise ModelError(f"{path} holds no weights by name: pass the file of a state dictionary")
    if all(name.startswith(DATA_PARALLEL_PREFIX) for name in weights):
        weights = {
            name.removeprefix(DATA_PARALLEL_PREFIX): value for name, value in weights.items()
        }
    prefix = "backbone." if "conv1.weight" in weights else ""
    named = {f"{prefix}{name}": value for name, value in weights.items()}
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return StartingWeights(path, digest, named, prefix)


def _read_file(path: Path) -> Any:
    """The content of a file; raises ``ModelError``, one line, if it is missing or damaged."""
    try:
        if path.suffix == ".safetensors":
            return load_file(path)
        return torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError:
        raise ModelError(f"{path} is missing: pass the file of a ResNet or a DeepLabv3") from None
    except OSError as error:
        raise ModelError(f"{path} cannot be read: {error.strerror or error}") from None
    except SafetensorError as error:
        raise ModelError(f"{path} is damaged ({error}): fetch it again") from None
    except Exception as error:  # a file that is not a pickle may raise any exception
        forbidden = re.search(r"GLOBAL (\S+)", str(error))
        first = " ".join(str(error).split(". ")[0].split()) or type(error).__name__
        reason = f"it asks for {forbidden[1]}" if forbidden else first
        raise ModelError(
            f"{path} is damaged, or holds more than tensors ({reason}): "
            "fetch it again, or save its state dictionary alone"
        ) from None


def fit_weights(config: NetworkConfig, start: StartingWeights) -> WeightFit:
    """Compare the weights of a file with those of a network of this configuration.

    Files of old PyTorch versions lack ``num_batches_tracked``. This is not reported, because no prediction
    depends on it.
    Raises ``ModelError``, one line, if no weight fits.
    """
    expected = weight_shapes(without_weights(config))
    found = {name: tuple(weight.shape) for name, weight in start.weights.items()}
    counters = {name for name in expected if name.endswith(".num_batches_tracked")}
    expected = {name: expected[name] for name in expected if name in found or name not in counters}
    shared = expected.keys() & found.keys()
    loaded = tuple(sorted(name for name in shared if found[name] == expected[name]))
    if not loaded:
        raise ModelError(
            f"{start.path}: none of its {len(found)} weights fits ({min(found)}, ...): "
            "pass the file of a ResNet or a DeepLabv3 of the network's size"
        )
    own = {name: name.removeprefix(start.prefix) for name in found}
    return WeightFit(
        start.path,
        loaded,
        tuple(sorted(own[name] for name in found.keys() - shared)),
        tuple(sorted(expected.keys() - shared)),
        {name: (found[name], expected[name]) for name in sorted(shared - set(loaded))},
        frozenset(own.values()),
        frozenset(expected),
    )


def load_starting_weights(network: DeepLabV3, start: StartingWeights) -> WeightFit:
    """Load the weights that fit, in the precision of ``network``; return the result of ``fit_weights``."""
    fit = fit_weights(network.config, start)
    network.load_state_dict({name: start.weights[name] for name in fit.loaded}, strict=False)
    return fit


def blend_weights(
    weights: Mapping[str, Tensor], start: StartingWeights, keep: float
) -> dict[str, Tensor]:
    """The weighted mean ``keep`` * initial weight + (1 - ``keep``) * trained weight, by name.

    This keeps a part of what the network had learnt from other images (Wortsman et al., "Robust fine-tuning
    of zero-shot models"). The training must have started from ``start``, with all weights. Counters of
    batches are not averaged.
    Raises ``ModelError`` for a weight that the start lacks or has in another shape.
    """
    blended = {}
    for name, trained in weights.items():
        initial = start.weights.get(name)
        if initial is None or initial.shape != trained.shape:
            raise ModelError(
                f"{start.path}: has no weight {name} of this shape to average; train without `keep`"
            )
        blended[name] = trained
        if trained.is_floating_point():
            blended[name] = keep * initial.to(trained.dtype) + (1 - keep) * trained
    return blended
