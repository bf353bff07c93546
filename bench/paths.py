"""Default folders in the clone; options of the commands replace them."""

from pathlib import Path

ROOT = Path(__file__).parent.parent
CACHE = ROOT / "cache"
RUNS = ROOT / "runs"
TRAINED = ROOT / "models" / "trained"
STUDIES = ROOT / "bench" / "studies"


def default_data_folder(dataset: str) -> Path:
    """The default folder of a data set, by the name of its format."""
    return ROOT / "data" / dataset


def model_folder(name: str) -> Path:
    """The folder of a model, given by its name in ``models/trained`` or by its path."""
    return TRAINED / name if (TRAINED / name).is_dir() else Path(name)


def study_names() -> list[str]:
    """The names of all studies."""
    return sorted(path.stem for path in STUDIES.glob("*.toml"))
