"""Weights to begin a training with: an ImageNet ResNet or a DeepLabv3 with torchvision's names, from a file.

Only tensors are unpickled, and every weight that does not fit is reported.
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

WRAPPINGS = ("state_dict", "model")
"""Keys under which training scripts keep the weights beside other things."""

PARALLEL = "module."
"""The prefix of every name in a network that was trained on several devices."""

Shape = tuple[int, ...]


@dataclass(frozen=True)
class StartingWeights:
    """A file's weights by their names in a ``DeepLabV3``.

    digest: SHA-256 of the file, in hex. prefix: what was put before the file's own names to make them ours.
    """

    path: Path
    digest: str
    weights: Mapping[str, Tensor] = field(repr=False)
    prefix: str = ""


@dataclass(frozen=True)
class WeightFit:
    """Which weights of a file fit a network, by name, and which do not.

    only_in_file: with the file's own names. other_shape: (shape in the file, shape in the network).
    in_file, in_network: all names.
    """

    path: Path
    loaded: tuple[str, ...]
    only_in_file: tuple[str, ...]
    only_in_network: tuple[str, ...]
    other_shape: Mapping[str, tuple[Shape, Shape]]
    in_file: frozenset[str] = field(repr=False)
    in_network: frozenset[str] = field(repr=False)

    def lines(self) -> list[str]:
        """What was loaded and what was not, a line each; whole modules are named once, as ``NAME.*``."""
        total = len(self.loaded) + len(self.only_in_network) + len(self.other_shape)
        lines = [f"{self.path}: {len(self.loaded)} of the network's {total} weights are loaded"]
        for names, where, everything in (
            (self.only_in_file, "in the file, not in the network", self.in_file),
            (self.only_in_network, "in the network, not in the file", self.in_network),
        ):
            if names:
                lines.append(f"  {len(names)} {where}: {', '.join(fold_names(names, everything))}")
        if self.other_shape:
            each = (
                f"{name} {list(found)}, here {list(expected)}"
                for name, (found, expected) in self.other_shape.items()
            )
            lines.append(f"  {len(self.other_shape)} of another shape: {'; '.join(each)}")
        return lines


def fold_names(names: Collection[str], everything: Collection[str]) -> list[str]:
    """``names``, sorted, with ``MODULE.*`` in place of all names of a module that ``everything`` has."""
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
    """Read a state dictionary from ``.safetensors``, or from what ``torch.save`` wrote.

    It may lie under the key ``state_dict`` or ``model``, and its names may begin with ``module.``; the names
    of a bare ResNet (``conv1.weight``, ...) get ``backbone.`` before them.
    Raises ``ModelError``, one line, for a file that is missing, damaged or without weights.
    """
    table = _read(path)
    for key in WRAPPINGS:
        if isinstance(table, Mapping) and isinstance(table.get(key), Mapping):
            table = table[key]
    entries = table.items() if isinstance(table, Mapping) else ()
    weights = {name: value for name, value in entries if isinstance(value, Tensor)}
    if not weights or not all(isinstance(name, str) for name in weights):
        raise ModelError(f"{path} holds no weights by name: name the file of a state dictionary")
    if all(name.startswith(PARALLEL) for name in weights):
        weights = {name.removeprefix(PARALLEL): value for name, value in weights.items()}
    prefix = "backbone." if "conv1.weight" in weights else ""
    named = {f"{prefix}{name}": value for name, value in weights.items()}
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return StartingWeights(path, digest, named, prefix)


def _read(path: Path) -> Any:
    try:
        if path.suffix == ".safetensors":
            return load_file(path)
        return torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError:
        raise ModelError(f"{path} is missing: name the file of a ResNet or a DeepLabv3") from None
    except OSError as error:
        raise ModelError(f"{path} cannot be read: {error.strerror or error}") from None
    except SafetensorError as error:
        raise ModelError(f"{path} is damaged ({error}): fetch it again") from None
    except Exception as error:  # bytes that are no pickle may raise any exception
        asked = re.search(r"GLOBAL (\S+)", str(error))
        first = " ".join(str(error).split(". ")[0].split()) or type(error).__name__
        reason = f"it asks for {asked[1]}" if asked else first
        raise ModelError(
            f"{path} is damaged, or holds more than tensors ({reason}): "
            "fetch it again, or save its state dictionary alone"
        ) from None


def fit_weights(config: NetworkConfig, start: StartingWeights) -> WeightFit:
    """What ``load_starting_weights`` would load into a network of this configuration.

    Counters of batches that an old file lacks are not reported: no answer depends on them.
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
            "name the file of a ResNet or a DeepLabv3 of the network's size"
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
    """Load what fits into ``network``, in its own precision, and return what did not; see ``fit_weights``."""
    fit = fit_weights(network.config, start)
    network.load_state_dict({name: start.weights[name] for name in fit.loaded}, strict=False)
    return fit


def blend_weights(
    weights: Mapping[str, Tensor], start: StartingWeights, keep: float
) -> dict[str, Tensor]:
    """The weighted mean of the weights before and after a training; ``keep`` is the share of those before.

    What had been learnt for other images is then not forgotten (Wortsman et al., "Robust fine-tuning of
    zero-shot models"), provided that the training began with all of ``start``. Counters of batches are those
    after the training.
    Raises ``ModelError`` for a weight that the start lacks or has in another shape.
    """
    mixed = {}
    for name, trained in weights.items():
        begun = start.weights.get(name)
        if begun is None or begun.shape != trained.shape:
            raise ModelError(
                f"{start.path}: has no weight {name} to keep a share of; train without `keep`"
            )
        mixed[name] = trained
        if trained.is_floating_point():
            mixed[name] = keep * begun.to(trained.dtype) + (1 - keep) * trained
    return mixed
