"""The zip file for the evaluation server: what is written obeys all rules, and damage is found."""

import io
import warnings
import zipfile
from pathlib import PurePosixPath

import numpy as np
import pytest
from PIL import Image

from bench.evaluation.official import evaluate, evaluate_folder
from bench.evaluation.server_zip import write_server_zip
from bench.evaluation.server_zip_check import RULES, find_broken_rules
from bench.types import Instance

SIZE = (40, 60)
NAMES = ["berlin/berlin_000000_000019", "bonn/bonn_000001_000019"]
SHORT = [PurePosixPath(name).name for name in NAMES]
SIZES = dict.fromkeys(SHORT, SIZE)
TEXT, MASK = f"{SHORT[0]}_pred.txt", f"masks/{SHORT[0]}_0000.png"


def box(top, left, height=12, width=12):
    mask = np.zeros(SIZE, bool)
    mask[top : top + height, left : left + width] = True
    return mask


PREDICTIONS = {
    NAMES[0]: [Instance(box(2, 3), "car", 0.9), Instance(box(20, 30), "person", 1 / 3)],
    NAMES[1]: [],
}


@pytest.fixture
def good(tmp_path):
    path = tmp_path / "test.zip"
    write_server_zip(path, PREDICTIONS)
    return path


def contents(path):
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def png(pixels, mode=None):
    file = io.BytesIO()
    picture = Image.fromarray(pixels)
    (picture.convert(mode) if mode else picture).save(file, "PNG")
    return file.getvalue()


def white(size=SIZE, dtype=np.uint8):
    return np.full(size, 255, dtype)


def test_the_written_file_obeys_all_rules(good):
    assert find_broken_rules(good, SIZES) == []
    assert set(contents(good)) == {
        f"{SHORT[0]}_pred.txt",
        f"{SHORT[1]}_pred.txt",
        f"masks/{SHORT[0]}_0000.png",
        f"masks/{SHORT[0]}_0001.png",
    }


def test_the_same_predictions_give_the_same_bytes(good, tmp_path):
    write_server_zip(tmp_path / "again.zip", PREDICTIONS)
    assert (tmp_path / "again.zip").read_bytes() == good.read_bytes()


def test_two_images_of_the_same_name_are_refused(tmp_path):
    with pytest.raises(ValueError, match="two images have the name berlin_000000_000019"):
        write_server_zip(tmp_path / "a.zip", PREDICTIONS | {f"x/{SHORT[0]}": []})
    assert not (tmp_path / "a.zip").exists()


def changed(**members):
    """A damage that replaces members; None removes one. Names stand for the first text and mask."""

    def damage(parts):
        names = {"text": TEXT, "mask": MASK}
        for name, content in members.items():
            parts[names.get(name, name)] = content
        return {name: content for name, content in parts.items() if content is not None}

    return damage


def added(name, content=b""):
    return lambda parts: parts | {name: content}


def edited(old, new):
    def damage(parts):
        assert old.encode() in parts[TEXT]
        return parts | {TEXT: parts[TEXT].replace(old.encode(), new.encode(), 1)}

    return damage


DAMAGES = [
    ("place", added("/absolute.png", b"")),
    ("place", added("../outside.txt", b"")),
    ("place", added("masks/", b"")),
    ("repeated", added(TEXT.upper().replace(".TXT", ".txt"), b"")),
    ("foreign", added("__MACOSX/notes.md", b"")),
    ("foreign", added(f"masks/._{SHORT[0]}_0000.png", b"")),
    ("missing image", changed(**{f"{SHORT[1]}_pred.txt": None})),
    ("two texts", added(f"{SHORT[1]}_again.txt")),
    ("unknown image", added("bonn_000001_000020_pred.txt")),
    ("unknown image", added("readme.txt")),
    ("encoding", changed(text=b"\xff\xfe")),
    ("encoding", changed(text=b"\xef\xbb\xbf" + f"{MASK} 26 0.5\n".encode())),
    ("fields", edited(" 26", "  26")),
    ("fields", edited(" 26 0.9", " 26")),
    ("mask path", edited(MASK, f"../{MASK}")),
    ("mask path", edited(MASK, f"/{MASK}")),
    ("missing mask", edited(MASK, MASK.replace("0000.png", "9999.png"))),
    ("repeated mask", edited(f"{SHORT[0]}_0001", f"{SHORT[0]}_0000")),
    ("unused mask", added("masks/forgotten.png", png(white()))),
    ("label", edited(" 26 ", " 29 ")),
    ("label", edited(" 26 ", " car ")),
    ("confidence", edited("0.9", "nan")),
    ("confidence", edited("0.9", "high")),
    ("picture", changed(mask=png(white())[:-30])),
    ("picture", changed(mask=b"GIF89a")),
    ("channels", changed(mask=png(white(), "RGB"))),
    ("channels", changed(mask=png(white(dtype=np.uint16)))),
    ("size", changed(mask=png(white((60, 40))))),
    ("empty mask", changed(mask=png(np.zeros(SIZE, np.uint8)))),
]


@pytest.mark.parametrize(("rule", "damage"), DAMAGES)
def test_damage_is_found_with_its_rule(good, tmp_path, rule, damage):
    path = tmp_path / "damaged.zip"
    with zipfile.ZipFile(path, "w") as archive, warnings.catch_warnings():
        for name, content in damage(contents(good)).items():
            archive.writestr(name, content)
    broken = find_broken_rules(path, SIZES)
    assert rule in {each.rule for each in broken}, broken
    assert all("\n" not in str(each) for each in broken)


def test_a_symbolic_link_is_found(good, tmp_path):
    path = tmp_path / "linked.zip"
    link = zipfile.ZipInfo("masks/link.png")
    link.external_attr = 0o120777 << 16
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in contents(good).items():
            archive.writestr(name, content)
        archive.writestr(link, "/etc/hostname")
    assert [each.rule for each in find_broken_rules(path, SIZES)] == ["place"]


def test_an_encrypted_member_is_found(good):
    """Bit 0 of the flags, in the local header and in the central directory, marks encryption."""
    data = bytearray(good.read_bytes())
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(signature) + offset] |= 1
    good.write_bytes(data)
    assert {each.rule for each in find_broken_rules(good, SIZES)} == {"encrypted"}


@pytest.mark.parametrize("length", [0, 10, -30])
def test_an_archive_that_is_cut_off_is_found(good, length):
    good.write_bytes(good.read_bytes()[:length])
    assert {each.rule for each in find_broken_rules(good, SIZES)} == {"archive"}


def test_a_changed_byte_is_found(good):
    data = bytearray(good.read_bytes())
    with zipfile.ZipFile(good) as archive:
        place = archive.getinfo(MASK).header_offset + 30 + len(MASK) + 20
    data[place] ^= 0xFF
    good.write_bytes(data)
    assert {each.rule for each in find_broken_rules(good, SIZES)} & {"checksum", "archive"}


def test_every_rule_is_broken_by_a_test():
    tested = {rule for rule, _ in DAMAGES} | {"encrypted", "archive", "checksum"}
    assert tested == set(RULES)


def test_the_official_evaluator_scores_the_exported_files_alike(tmp_path):
    """It scores the files of the archive to the last digit as the predictions in memory."""
    truth = {}
    for short in SHORT:
        ids = np.full(SIZE, 7, np.uint16)
        ids[2:14, 4:16], ids[20:32, 28:40] = 26000, 24000
        truth[short] = tmp_path / f"{short}_gtFine_instanceIds.png"
        Image.fromarray(ids).save(truth[short])
    write_server_zip(tmp_path / "val.zip", PREDICTIONS)
    with zipfile.ZipFile(tmp_path / "val.zip") as archive:
        archive.extractall(tmp_path / "unpacked")
    short = {PurePosixPath(name).name: found for name, found in PREDICTIONS.items()}
    ours = evaluate(short, truth)
    assert 0 < ours.ap < 1
    assert evaluate_folder(tmp_path / "unpacked", truth) == ours
