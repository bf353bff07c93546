"""The default folders in the clone; options of the commands override them."""

from pathlib import Path

ROOT = Path(__file__).parent.parent
CACHE = ROOT / "cache"
RUNS = ROOT / "runs"
TRAINED = ROOT / "models" / "trained"


def data_folder(dataset: str) -> Path:
    return ROOT / "data" / dataset


def model_folder(name: str) -> Path:
    """A model by the name of its folder in ``models/trained``, or by its path."""
    return TRAINED / name if (TRAINED / name).is_dir() else Path(name)
