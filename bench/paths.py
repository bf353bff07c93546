"""Default folders in the clone. Options of the commands choose other folders."""

from pathlib import Path

ROOT = Path(__file__).parent.parent
CACHE = ROOT / "cache"
RUNS = ROOT / "runs"
RESULTS = ROOT / "results"
TRAINED_MODELS = ROOT / "models" / "trained"
STUDIES = ROOT / "bench" / "studies"
RECIPES = ROOT / "bench" / "recipes"
MODEL_FILES = ("model.toml", "semantic.safetensors", "affinity.safetensors")


def default_data_folder(dataset: str) -> Path:
    """The default folder of a data set.

    dataset: the name of its format, such as "cityscapes".
    """
    return ROOT / "data" / dataset


def model_folder(name: str) -> Path:
    """The folder of a model. Raises FileNotFoundError if there is none, ValueError for irregular files in it.

    name: the name of a folder in ``models/trained``, or the path of any other folder.
    """
    folder = TRAINED_MODELS / name if (TRAINED_MODELS / name).is_dir() else Path(name)
    if not folder.is_dir():
        known = ", ".join(trained_model_names())
        raise FileNotFoundError(
            f"model {name}: is not a folder; take one of {known}, or a folder of `python -m bench train`"
        )
    from merge_impls.regular_files import check_regular_file  # it imports numpy

    for file in MODEL_FILES:
        if (folder / file).exists():
            check_regular_file(folder / file)
    return folder


def trained_model_names() -> list[str]:
    """The names of the models in ``models/trained``, sorted."""
    return sorted(path.parent.name for path in TRAINED_MODELS.glob("*/model.toml"))


def study_names() -> list[str]:
    """The names of all studies, sorted: the stems of the TOML files in ``bench/studies``."""
    return sorted(path.stem for path in STUDIES.glob("*.toml"))
