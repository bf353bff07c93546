"""Checks a zip file for Cityscapes' evaluation server, before it is uploaded.

``RULES`` lists what is checked. The rules follow the official evaluator's description in cityscapesScripts.
The server itself was not tried, and may have further rules.
"""

import io
import math
import re
import stat
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path, PurePosixPath

import numpy as np
from PIL import Image

from bench.evaluation.prediction_writer import LABEL_IDS
from bench.types import Size
from merge_impls.text_formats import format_shape, pluralized

RULES = {
    "archive": "the file is a zip archive that can be read to its end",
    "encrypted": "no member is encrypted",
    "checksum": "each member has the content of its checksum",
    "place": "each member is a file with a relative path inside the archive",
    "repeated": "no two members have the same name, whatever the case of letters",
    "foreign": "each member is a text file or a PNG file, and none is hidden",
    "missing image": "each image of the split has a text file",
    "two texts": "no image has two text files",
    "unknown image": "each text file belongs to an image of the split",
    "encoding": "each text file is UTF-8 without a byte order mark",
    "fields": "each line is MASK LABEL_ID CONFIDENCE, with one space between them",
    "mask path": "the path of a mask is relative to its text file and stays inside the archive",
    "missing mask": "each mask is in the archive",
    "repeated mask": "no mask is listed twice",
    "unused mask": "each mask is listed",
    "label": "each label id is that of a class of the instance benchmark",
    "confidence": "each confidence is a finite number",
    "picture": "each mask is a PNG picture that can be read",
    "channels": "each mask has one channel of 8 bits",
    "size": "each mask has the size of its image",
    "empty mask": "each mask has a pixel that is not 0",
}
"""What a zip file for the server must fulfil, by the name of the rule."""

_OFFICIAL_NAME = re.compile(r"[^_/]+_\d{6}_\d{6}")


@dataclass(frozen=True)
class BrokenRule:
    """A member of an archive that breaks a rule. rule: its name in ``RULES``. detail: what is wrong."""

    rule: str
    member: str
    detail: str

    def __str__(self) -> str:
        return f"{self.member}: {self.detail} (rule: {RULES[self.rule]})"


def find_broken_rules(path: Path, sizes: dict[str, Size]) -> list[BrokenRule]:
    """Check a zip file for the server. Returns what breaks a rule; an empty list for a good file.

    sizes: for each image of the split, by its name without folder, its (height, width).
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            broken = [*_broken_members(members)]
            if broken:
                return broken
            return [*_broken_contents(_Archive(archive, members, sizes))]
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, NotImplementedError) as error:
        return [BrokenRule("archive", path.name, f"cannot be read ({error}); write it again")]


def describe_broken_rules(broken: Sequence[BrokenRule], images: int) -> str:
    """How many rules are broken, and how often, in one line. images: how many images were checked."""
    checked = f"checked for {pluralized(images, 'image')}"
    if not broken:
        return f"{checked}; all {len(RULES)} rules are kept"
    rules = len({each.rule for each in broken})
    verb = "is" if rules == 1 else "are"
    return f"{checked}; {rules} of {len(RULES)} rules {verb} broken, in {pluralized(len(broken), 'place')}"


def _broken_members(members: Sequence[zipfile.ZipInfo]) -> Iterator[BrokenRule]:
    """The members that break a rule, whatever they contain."""
    seen: set[str] = set()
    for member in members:
        name = member.filename
        path = PurePosixPath(name)
        if member.flag_bits & 1:
            yield BrokenRule(
                "encrypted", name, "is encrypted; write the archive without a password"
            )
        if _is_outside_or_no_file(member):
            yield BrokenRule("place", name, "is not a file inside the archive; leave it out")
        elif name.lower() in seen:
            yield BrokenRule("repeated", name, "occurs twice; leave one out")
        elif path.suffix not in (".txt", ".png") or path.name.startswith("."):
            yield BrokenRule("foreign", name, "is not a prediction; leave it out")
        seen.add(name.lower())


def _is_outside_or_no_file(member: zipfile.ZipInfo) -> bool:
    kind = stat.S_IFMT(member.external_attr >> 16)
    path = PurePosixPath(member.filename)
    outside = path.is_absolute() or ".." in path.parts or "\\" in member.filename
    return outside or member.is_dir() or kind not in (0, stat.S_IFREG)


@dataclass
class _Archive:
    """An archive whose members are in order. listed: the masks that text files have listed so far."""

    file: zipfile.ZipFile
    members: Sequence[zipfile.ZipInfo]
    sizes: dict[str, Size]
    listed: set[str] = field(default_factory=set)

    @cached_property
    def names(self) -> dict[str, None]:
        """The names of the members, in order."""
        return dict.fromkeys(member.filename for member in self.members)


def _broken_contents(archive: _Archive) -> Iterator[BrokenRule]:
    """What breaks a rule in the text files and the masks."""
    damaged = archive.file.testzip()
    if damaged is not None:
        yield BrokenRule("checksum", damaged, "is damaged; write the archive again")
        return
    yield from _broken_assignment(archive)
    for name in archive.names:
        image = _image_of_text(name)
        if image in archive.sizes:
            yield from _broken_text(archive, name, archive.sizes[image])
    for name in archive.names:
        if name.endswith(".png") and name not in archive.listed:
            yield BrokenRule("unused mask", name, "is in no text file; list it or leave it out")


def _image_of_text(name: str) -> str:
    """The name of the image that a text file belongs to; "" for another file."""
    found = _OFFICIAL_NAME.match(PurePosixPath(name).name)
    return found.group() if found and name.endswith(".txt") else ""


def _broken_assignment(archive: _Archive) -> Iterator[BrokenRule]:
    """Images without a text file or with two of them, and text files without an image."""
    texts: dict[str, str] = {}
    for name in (each for each in archive.names if each.endswith(".txt")):
        image = _image_of_text(name)
        if image not in archive.sizes:
            yield BrokenRule(
                "unknown image", name, "belongs to no image of the split; leave it out"
            )
        elif image in texts:
            yield BrokenRule(
                "two texts", name, f"belongs to the image of {texts[image]}; leave one out"
            )
        texts.setdefault(image, name)
    for image in sorted(archive.sizes.keys() - texts.keys()):
        yield BrokenRule(
            "missing image",
            f"{image}_pred.txt",
            "is missing; export without --limit, or add it, empty if the image has no objects",
        )


def _broken_text(archive: _Archive, name: str, size: Size) -> Iterator[BrokenRule]:
    """What breaks a rule in a text file, and in the masks that it lists."""
    try:
        text = archive.file.read(name).decode("utf-8")
    except UnicodeDecodeError:
        text = "\ufeff"
    if text.startswith("\ufeff"):
        yield BrokenRule("encoding", name, "is not UTF-8, or has a byte order mark; write it again")
        return
    for number, line in enumerate(text.splitlines(), start=1):
        yield from _broken_line(archive, name, f"{name}, line {number}", line, size)


def _broken_line(
    archive: _Archive, name: str, where: str, line: str, size: Size
) -> Iterator[BrokenRule]:
    fields = line.split(" ")
    if len(fields) != 3 or "" in fields:
        yield BrokenRule("fields", where, f"is {line!r}; write MASK LABEL_ID CONFIDENCE")
        return
    mask, label, confidence = fields
    if label not in map(str, LABEL_IDS.values()):
        yield BrokenRule("label", where, f"has the label id {label}, which is not scored")
    if not _is_finite_number(confidence):
        yield BrokenRule("confidence", where, f"has the confidence {confidence!r}")
    path = PurePosixPath(mask)
    if path.is_absolute() or ".." in path.parts or "\\" in mask:
        yield BrokenRule("mask path", where, f"has the mask {mask}, which may be outside")
        return
    member = (PurePosixPath(name).parent / path).as_posix()
    if member not in archive.names:
        yield BrokenRule("missing mask", where, f"has the mask {mask}, which is not there")
    elif member in archive.listed:
        yield BrokenRule("repeated mask", where, f"has the mask {mask}, which an earlier line has")
    else:
        yield from _broken_mask(member, archive.file.read(member), size)
    archive.listed.add(member)


def _is_finite_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def _broken_mask(name: str, content: bytes, size: Size) -> Iterator[BrokenRule]:
    try:
        with Image.open(io.BytesIO(content), formats=("PNG",)) as picture:
            mask = np.asarray(picture)
            mode = picture.mode
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        yield BrokenRule("picture", name, "is not a PNG picture, or is damaged; write it again")
        return
    if mode != "L":
        yield BrokenRule("channels", name, f"has the mode {mode}; write 8 bits in one channel")
    elif mask.shape != size:
        found, expected = format_shape(mask.shape), format_shape(size)
        words = f"has {found} pixels (height x width), its image {expected}"
        yield BrokenRule("size", name, words)
    elif not mask.any():
        yield BrokenRule("empty mask", name, "has no pixel; leave the prediction out")
