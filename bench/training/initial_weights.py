"""The files of weights that a training begins with."""

from collections.abc import Sequence
from pathlib import Path

import click

from models.model_config import NetworkConfig
from models.model_folder import NETWORKS
from models.training.starting_weights import StartingWeights, fit_weights, read_starting_weights


def starting_weight_files(start: Path) -> dict[str, Path]:
    """The file that each network begins with: ``start``, or its own in the model folder ``start``."""
    is_model = start.is_dir()
    return {
        network: start / f"{network}.safetensors" if is_model else start for network in NETWORKS
    }


def load_starting_weights(
    paths: dict[str, Path], networks: Sequence[str]
) -> dict[str, StartingWeights]:
    """The weights to begin with, by network; a file for several networks is read once."""
    wanted = {network: paths[network] for network in networks if network in paths}
    files = {path: read_starting_weights(path) for path in wanted.values()}
    return {network: files[path] for network, path in wanted.items()}


def print_starting_weights(
    network: str, config: NetworkConfig, start: StartingWeights, checkpoint: Path
) -> None:
    """Print which weights fit, before hours are spent; a training that has a checkpoint loads none."""
    if checkpoint.exists():
        click.echo(f"{network}: goes on from its checkpoint, which began with {start.path}")
        return
    lines = fit_weights(config, start).report_lines()
    click.echo("\n".join([f"{network}: begins with {lines[0]}", *lines[1:]]))
