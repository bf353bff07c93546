"""The weights that a training starts from, read from a file of a ResNet or a DeepLabv3.

Files of torchvision's networks and of this package are read. From a pickled file only tensors are read, so
that an untrusted file cannot run code.
"""

import hashlib
import io
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import safetensors.torch
import torch
from torch import Tensor

from models.deeplabv3 import DeepLabV3, network_without_weights, weight_shapes
from models.kept_files import (
    DamagedFileError,
    has_checksum,
    load_with_or_without_checksum,
    parse_kept_content,
    read_whole_file,
)
from models.model_config import ModelError, NetworkConfig
from models.training.training_loop import load_checkpoint_state

STATE_DICTIONARY_KEYS = (
    "state_dict",
    "model_state_dict",
    "model_state",
    "model",
    "network",
    "ema",
    "module",
)
"""Keys under which files of training scripts hold the state dictionary, beside other entries.

If a file has several of these keys, the first one here is read. ``network`` is the key in our own
checkpoints. ``ema`` are weights averaged over the training.
"""

WRAPPER_PREFIXES = ("module.", "_orig_mod.", "model.")
"""Prefixes that wrappers of a network add to the names of all its weights.

They are those of training on several devices, of ``torch.compile``, and of modules that hold the network.
"""

AVERAGING_COUNTER = "n_averaged"
"""The number of averaged weights, which ``torch.optim.swa_utils.AveragedModel`` saves beside them."""

ENCODER_PREFIX = "backbone."
"""The prefix of the names of the encoder's weights in a ``DeepLabV3``."""

Shape = tuple[int, ...]


@dataclass(frozen=True)
class StartingWeights:
    """The weights in a file.

    digest: SHA-256 (hex) of the file.
    weights: by the names that these weights have in a ``DeepLabV3``.
    prefix: the text that was put before each name in the file to get these names; often empty.
    """

    path: Path
    digest: str
    weights: Mapping[str, Tensor] = field(repr=False)
    prefix: str = ""


@dataclass(frozen=True)
class WeightMatch:
    """Which weights in a file fit a network.

    loaded: the names of the weights that fit: file and network have this name with the same shape.
    only_in_file, only_in_network: the names that only one of them has.
    other_shape: by name, the shape in the file and the different shape in the network.
    in_file, in_network: all names of weights in the file and in the network.
    ``only_in_file`` and ``in_file`` have the names as they are in the file, the other fields those of the
    network.
    """

    path: Path
    loaded: tuple[str, ...]
    only_in_file: tuple[str, ...]
    only_in_network: tuple[str, ...]
    other_shape: Mapping[str, tuple[Shape, Shape]]
    in_file: frozenset[str] = field(repr=False)
    in_network: frozenset[str] = field(repr=False)

    def report_lines(self) -> list[str]:
        """Lines that say how many weights are loaded, and which are not. ``NAME.*`` is a whole module."""
        total = len(self.loaded) + len(self.only_in_network) + len(self.other_shape)
        lines = [f"{self.path}: {len(self.loaded)} of the network's {total} weights are loaded"]
        for names, where, everything in (
            (self.only_in_file, "in the file, not in the network", self.in_file),
            (self.only_in_network, "in the network, not in the file", self.in_network),
        ):
            if names:
                lines.append(
                    f"  {len(names)} {where}: {', '.join(abbreviate_weight_names(names, everything))}"
                )
        if self.other_shape:
            shapes = (
                f"{name} {list(found)}, in the network {list(expected)}"
                for name, (found, expected) in self.other_shape.items()
            )
            lines.append(f"  {len(self.other_shape)} of another shape: {'; '.join(shapes)}")
        return lines


def abbreviate_weight_names(names: Collection[str], everything: Collection[str]) -> list[str]:
    """The sorted ``names``, where ``MODULE.*`` stands for a module whose names are all in ``names``.

    everything: the names of all weights of all modules.
    """
    left_out = set(everything) - set(names)
    short_names = []
    for name in sorted(names):
        parts = name.split(".")
        for length in range(1, len(parts)):
            stem = ".".join(parts[:length]) + "."
            if not any(other.startswith(stem) for other in left_out):
                name = f"{stem}*"
                break
        if name not in short_names:
            short_names.append(name)
    return short_names


def read_starting_weights(path: Path) -> StartingWeights:
    """Read a state dictionary from a ``.safetensors`` file or from a file of ``torch.save``.

    The file may hold the state dictionary under a key of ``STATE_DICTIONARY_KEYS``, or under several of them
    one in another. ``WRAPPER_PREFIXES`` are removed from the names of weights. The names in a ResNet
    (``conv1.weight``, ...) get the prefix ``backbone.``, as in a ``DeepLabV3``.
    Raises ``ModelError`` if the file is missing or damaged, or holds no weights, or some that are not finite.
    """
    content = _read_weight_file(path)
    table = _find_state_dictionary(_load_state_dictionary(path, content))
    weights = {name: value for name, value in table.items() if isinstance(value, Tensor)}
    if not weights or not all(isinstance(name, str) for name in weights):
        raise ModelError(
            f"{path} does not hold weights with names: pass the file of a state dictionary"
        )
    weights = _without_wrapper_prefixes(weights)
    _check_finite(path, weights)
    prefix = ENCODER_PREFIX if "conv1.weight" in weights else ""
    named = {f"{prefix}{name}": value for name, value in weights.items()}
    return StartingWeights(path, hashlib.sha256(content).hexdigest(), named, prefix)


def _find_state_dictionary(content: Any) -> Mapping[Any, Any]:
    """The state dictionary in the content of a file of weights; an empty dictionary if there is none."""
    if not isinstance(content, Mapping):
        return {}
    inner = [content[key] for key in STATE_DICTIONARY_KEYS if isinstance(content.get(key), Mapping)]
    return _find_state_dictionary(inner[0]) if inner else content


def _without_wrapper_prefixes(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The weights by their names without the prefixes that all names have, one prefix after the other."""
    named = {name: value for name, value in weights.items() if name != AVERAGING_COUNTER}
    for prefix in WRAPPER_PREFIXES:
        if named and all(name.startswith(prefix) for name in named):
            return _without_wrapper_prefixes(
                {name.removeprefix(prefix): value for name, value in named.items()}
            )
    return named


def _check_finite(path: Path, weights: Mapping[str, Tensor]) -> None:
    """Raise ``ModelError`` for the first weight that has a value that is not finite."""
    for name, weight in weights.items():
        if not bool(torch.isfinite(weight).all()):
            raise ModelError(
                f"{path}: weight {name} has values that are NaN or infinite: take a file of an earlier step"
            )


def _read_weight_file(path: Path) -> bytes:
    """The bytes of a file of weights. Raises ``ModelError`` if the file is missing or cannot be read."""
    try:
        return read_whole_file(path)
    except FileNotFoundError:
        raise ModelError(f"{path} is missing: pass the file of a ResNet or a DeepLabv3") from None
    except OSError as error:
        raise ModelError(f"{path} cannot be read: {error.strerror or error}") from None


def _load_state_dictionary(path: Path, content: bytes) -> Any:
    """What the bytes of a file of weights hold. Raises ``ModelError`` if the file is damaged."""
    try:
        if path.suffix == ".safetensors":
            return load_with_or_without_checksum(path, content, safetensors.torch.load)
        if has_checksum(content):
            return parse_kept_content(path, content, load_checkpoint_state).arrays
        return torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)
    except DamagedFileError as error:
        raise ModelError(f"{error}: download it again") from None
    except Exception as error:  # a file that is not a pickle may raise any exception
        forbidden = re.search(r"GLOBAL (\S+)", str(error))
        first_sentence = " ".join(str(error).split(". ")[0].split()) or type(error).__name__
        reason = f"it holds {forbidden[1]}" if forbidden else first_sentence
        raise ModelError(
            f"{path} is damaged, or holds more than tensors ({reason}): "
            "download it again, or save only the state dictionary"
        ) from None


def match_weights(config: NetworkConfig, start: StartingWeights) -> WeightMatch:
    """Compare names and shapes of the weights in a file with those of a network of this configuration.

    The result leaves out missing counters ``num_batches_tracked``: files of old PyTorch versions lack them,
    and no prediction depends on them.
    Raises ``ModelError`` if fewer than half of the weights of the network's encoder fit, or none of them.
    """
    expected = weight_shapes(network_without_weights(config))
    found = {name: tuple(weight.shape) for name, weight in start.weights.items()}
    counters = {name for name in expected if name.endswith(".num_batches_tracked")}
    expected = {name: expected[name] for name in expected if name in found or name not in counters}
    shared = expected.keys() & found.keys()
    loaded = tuple(sorted(name for name in shared if found[name] == expected[name]))
    _check_encoder_is_loaded(start.path, expected, found, loaded)
    name_in_file = {name: name.removeprefix(start.prefix) for name in found}
    return WeightMatch(
        start.path,
        loaded,
        tuple(sorted(name_in_file[name] for name in found.keys() - shared)),
        tuple(sorted(expected.keys() - shared)),
        {name: (found[name], expected[name]) for name in sorted(shared - set(loaded))},
        frozenset(name_in_file.values()),
        frozenset(expected),
    )


def _check_encoder_is_loaded(
    path: Path, expected: Collection[str], found: Collection[str], loaded: Collection[str]
) -> None:
    """Raise ``ModelError`` if fewer than half of the weights of the network's encoder are loaded."""
    encoder = [name for name in expected if name.startswith(ENCODER_PREFIX)]
    fitting = len(set(encoder) & set(loaded))
    if 2 * fitting < len(encoder):
        count = f"only {fitting}" if fitting else "none"
        raise ModelError(
            f"{path}: {count} of the {len(found)} weights ({min(found)}, ...) fits the {len(encoder)} "
            "weights of the network's encoder: pass the file of a ResNet or a DeepLabv3 of the same size"
        )


def load_starting_weights(network: DeepLabV3, start: StartingWeights) -> WeightMatch:
    """Load the weights that fit into the network. Returns which weights fit.

    The weights are converted to the precision of the network. Raises the errors of ``match_weights``.
    """
    match = match_weights(network.config, start)
    network.load_state_dict({name: start.weights[name] for name in match.loaded}, strict=False)
    return match


def blend_weights(
    weights: Mapping[str, Tensor], start: StartingWeights, keep: float
) -> dict[str, Tensor]:
    """The weighted means ``keep * starting weight + (1 - keep) * trained weight``, by name.

    They keep a part of what the network learnt before this training, from other images (Wortsman et al.,
    "Robust fine-tuning of zero-shot models").

    weights: the trained weights. Counters of batches among them are returned unchanged.
    start: the weights that the training started from.
    Raises ``ModelError`` if ``start`` lacks one of ``weights``, or has it in another shape.
    """
    blended = {}
    for name, trained in weights.items():
        initial = start.weights.get(name)
        if initial is None or initial.shape != trained.shape:
            raise ModelError(
                f"{start.path} has no weight {name} of shape {list(trained.shape)}, so `keep` cannot keep a "
                "share of it; train without `keep`"
            )
        blended[name] = trained
        if trained.is_floating_point():
            blended[name] = keep * initial.to(trained.dtype) + (1 - keep) * trained
    return blended
