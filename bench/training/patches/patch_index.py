"""The index of the patches of a data set: which areas of which files, and the hashes of these files.

The index is a JSON file without pictures. It is kept: a file is read again only if its size or its time of
change differs from those in the index.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tqdm.contrib.concurrent import thread_map

from bench.datasets.cityscapes import Cityscapes, instance_ids_file, picture_file
from bench.digests import json_digest
from bench.training.file_stamps import FileStamp, stamp_files, stamps_of_json
from bench.training.patches.choose_patches import patches_of_image
from bench.training.patches.patch import Patch, PatchSetName, annotation_of_set, split_of_set
from merge_impls.file_writing import atomic_write

VERSION = 1
"""The version of the index. Raise it whenever other patches are chosen from the same annotation."""

Mixture = Mapping[PatchSetName, int]
"""How often each set of patches occurs in the data of a training."""


@dataclass(frozen=True)
class PatchIndex:
    """The patches of a data set.

    settings: what the choice depends on: the version, the side of a crop, and the seed.
    patches: by the name of a set and the name of an image, the patches of this image in this set.
    files: the stamp of each picture and annotation file, by its path below the folder of the data set.
    """

    settings: Mapping[str, int]
    patches: Mapping[PatchSetName, Mapping[str, tuple[Patch, ...]]]
    files: Mapping[str, FileStamp] = field(repr=False)

    def patches_of_set(self, name: PatchSetName) -> list[Patch]:
        """All patches of a set, in the order of the names of the images."""
        return [patch for of_image in self.patches[name].values() for patch in of_image]

    def mix(self, mixture: Mixture) -> list[Patch]:
        """The patches of a mixture, each as often as the mixture says.

        Raises ValueError for a set without a patch.
        """
        mixed: list[Patch] = []
        for name, times in mixture.items():
            patches = self.patches_of_set(name)
            if not patches:
                raise ValueError(
                    f"data: the set {name!r} has no patch; add images of {split_of_set(name)} with "
                    f"{'trucks, buses or trains' if name == 'coarse-patches' else 'objects'}"
                )
            mixed += patches * times
        return mixed

    def digest_of_mixture(self, mixture: Mixture) -> str:
        """SHA-256 (hex) of the patches of a mixture and of the contents of their files."""
        patches = self.mix(mixture)
        files = sorted(
            {path for patch in patches for path in _files_of_image(patch.set_name, patch.name)}
        )
        return json_digest(
            {
                "patches": [[patch.name, *patch.window, patch.scale] for patch in patches],
                "files": {path: self.files[path][2] for path in files},
            }
        )


def read_or_make_index(
    data: Cityscapes,
    names: Mapping[str, Sequence[str]],
    sets: Iterable[PatchSetName],
    crop: int,
    seed: int,
    path: Path,
) -> PatchIndex:
    """Read the index in a file, bring it up to date with the files of the data set, and write it again.

    names: the names of the images to use, by split. sets: the sets of patches that are needed.
    crop: the side of a crop in pixels. path: the file of the index.
    Raises the errors of ``Cityscapes`` for missing and damaged annotations.
    """
    settings = {"version": VERSION, "crop": crop, "seed": seed}
    old = _read_index(path)
    images = [(each, name) for each in sets for name in names[split_of_set(each)]]
    paths = [path for image in images for path in _files_of_image(*image)]
    files = stamp_files(data.root, paths, old.files)

    def choose(image: tuple[PatchSetName, str]) -> tuple[Patch, ...]:
        set_name, name = image
        annotation = _files_of_image(set_name, name)[1]
        is_unchanged = settings == old.settings and files[annotation] == old.files.get(annotation)
        if is_unchanged and name in old.patches.get(set_name, {}):
            return old.patches[set_name][name]
        ids = data.instance_ids(split_of_set(set_name), name, annotation_of_set(set_name))
        return tuple(patches_of_image(set_name, name, ids, crop, seed))

    chosen = thread_map(choose, images, desc="choosing patches", unit="image")
    patches: dict[PatchSetName, dict[str, tuple[Patch, ...]]] = {each: {} for each in sets}
    for (set_name, name), of_image in zip(images, chosen, strict=True):
        patches[set_name][name] = of_image
    index = PatchIndex(settings, patches, files)
    _write_index(index, path)
    return index


def _files_of_image(set_name: PatchSetName, name: str) -> tuple[str, str]:
    """The picture and the annotation of an image: paths below the folder of the data set."""
    split = split_of_set(set_name)
    annotation = instance_ids_file(split, name, annotation_of_set(set_name))
    return picture_file(split, name).as_posix(), annotation.as_posix()


def _read_index(path: Path) -> PatchIndex:
    """The index in a file; an empty index if there is no such file, or if it is damaged."""
    try:
        table: dict[str, Any] = json.loads(path.read_text())
        patches = {
            set_name: {
                name: tuple(Patch(set_name, name, (a, b, c, d), e) for a, b, c, d, e in rows)
                for name, rows in images.items()
            }
            for set_name, images in table["patches"].items()
        }
        files = stamps_of_json(table["files"])
        return PatchIndex(table["settings"], patches, files)
    except (FileNotFoundError, ValueError, KeyError, TypeError, AttributeError):
        return PatchIndex({}, {}, {})


def _write_index(index: PatchIndex, path: Path) -> None:
    patches = {
        set_name: {
            name: [[*patch.window, patch.scale] for patch in of_image]
            for name, of_image in images.items()
        }
        for set_name, images in index.patches.items()
    }
    table = {"settings": index.settings, "patches": patches, "files": index.files}
    with atomic_write(path) as partial:
        partial.write_text(json.dumps(table, indent=0) + "\n")
