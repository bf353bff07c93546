"""Finds, reads and reports the weights that networks start their training with."""

from collections.abc import Sequence
from pathlib import Path

import click

from models.model_config import NetworkConfig
from models.model_folder import NETWORKS
from models.training.starting_weights import StartingWeights, match_weights, read_starting_weights


def starting_weight_files(start: Path) -> dict[str, Path]:
    """The weight file of each network: ``start``, or the network's file in the model folder ``start``."""
    is_model = start.is_dir()
    return {
        network: start / f"{network}.safetensors" if is_model else start for network in NETWORKS
    }


def load_starting_weights(
    paths: dict[str, Path], networks: Sequence[str]
) -> dict[str, StartingWeights]:
    """Read the starting weights of these networks; a file that several networks share is read once."""
    wanted = {network: paths[network] for network in networks if network in paths}
    files = {path: read_starting_weights(path) for path in wanted.values()}
    return {network: files[path] for network, path in wanted.items()}


def print_starting_weights(
    network: str, config: NetworkConfig, start: StartingWeights, checkpoint: Path
) -> None:
    """Print which starting weights fit the network, or that its training resumes from a checkpoint."""
    if checkpoint.exists():
        click.echo(f"{network}: resumes from its checkpoint, which started from {start.path}")
        return
    lines = match_weights(config, start).report_lines()
    click.echo("\n".join([f"{network}: starts from {lines[0]}", *lines[1:]]))
