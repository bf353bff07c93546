"""The files of the weights that a training starts from: find them, read them, print what fits."""

from collections.abc import Sequence
from pathlib import Path

import click

from bench.paths import TRAINED_MODELS, model_folder, trained_model_names
from merge_impls.regular_files import check_regular_file
from models.model_config import NetworkConfig
from models.model_folder import NETWORKS
from models.training.starting_weights import StartingWeights, match_weights, read_starting_weights


def starting_weight_files(start: str | Path) -> dict[str, Path]:
    """For each network, the file of the weights that it starts from.

    start: the path of a file of weights for both networks; or a model, which has a file for each network: the
        name of a folder in ``models/trained``, or the path of any folder.
    Raises FileNotFoundError, which lists the models, for a text that is neither a file nor a model;
    ValueError for a FIFO or a device.
    """
    path = Path(start)
    is_folder = path.is_dir() or (TRAINED_MODELS / path).is_dir()
    if not is_folder and path.exists():
        check_regular_file(path)
    if not is_folder and (path.is_file() or path.suffix):
        return dict.fromkeys(NETWORKS, path)
    if not is_folder:
        raise FileNotFoundError(
            f"starting weights {start}: there is no such file; pass the path of a .pth or .safetensors file "
            f"of a ResNet or DeepLabv3, a model ({', '.join(trained_model_names())}), or its folder"
        )
    folder = model_folder(str(start))
    return {network: folder / f"{network}.safetensors" for network in NETWORKS}


def read_weights_by_network(
    paths: dict[str, Path], networks: Sequence[str]
) -> dict[str, StartingWeights]:
    """Read the starting weights of those of ``networks`` that have a file.

    paths: the file of each network, by the name of the network. A file of several networks is read once.
    """
    path_of_network = {network: paths[network] for network in networks if network in paths}
    weights_in_file = {path: read_starting_weights(path) for path in path_of_network.values()}
    return {network: weights_in_file[path] for network, path in path_of_network.items()}


def print_starting_weights(
    network: str, config: NetworkConfig, start: StartingWeights, checkpoint: Path
) -> None:
    """Print which starting weights fit a network, or that its training continues from a checkpoint."""
    if checkpoint.exists():
        click.echo(
            f"{network}: the training continues from its checkpoint; it started from {start.path}"
        )
        return
    lines = match_weights(config, start).report_lines()
    click.echo("\n".join([f"{network}: starts from {lines[0]}", *lines[1:]]))
