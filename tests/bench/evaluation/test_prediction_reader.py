"""Predictions of other programs are read as the official evaluator reads them, or refused in one line."""

import numpy as np
import pytest
from PIL import Image

from bench.evaluation.official import ap_matrix
from bench.evaluation.prediction_reader import PredictionReader
from bench.evaluation.prediction_writer import LABEL_IDS, write_predictions
from bench.picture_files.file_listing import FileListingWarning
from bench.types import Instance

NAME = "town/town_000000_000001"
SHORT = "town_000000_000001"
SIZE = (13, 21)
INSIDE = np.zeros(SIZE, dtype=bool)
INSIDE[2:7, 3:9] = True


def lay(folder, text, name=f"{SHORT}_pred.txt", **masks):
    """Write a prediction folder with one text file and with masks. The mask ``car.png`` always exists."""
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text)
    for mask, pixels in {"car": np.uint8(255 * INSIDE), **masks}.items():
        Image.fromarray(pixels).save(folder / f"{mask}.png")
    return folder


def read(folder, name=NAME, **options):
    return PredictionReader(folder, [name], **options).read_instances(name, SIZE)


@pytest.mark.parametrize(
    "file",
    [
        f"{SHORT}_pred.txt",
        f"{SHORT}.txt",
        f"{SHORT}_leftImg8bit_pred.txt",
        f"{SHORT}_leftImg8bit.txt",
        f"{SHORT}instances.txt",
    ],
)
def test_a_file_is_found_by_the_name_that_the_official_evaluator_looks_for(tmp_path, file):
    (one,) = read(lay(tmp_path, "car.png 26 0.5\n", file))
    assert (one.class_name, one.confidence) == ("car", 0.5)
    np.testing.assert_array_equal(one.mask, INSIDE)


def test_files_may_be_in_subfolders_beside_other_text_files(tmp_path):
    lay(tmp_path, "", "README.txt")
    lay(tmp_path, "../car.png 26 0.5\n", f"results/{SHORT}_pred.txt")
    assert len(read(tmp_path)) == 1


def test_names_with_the_same_prefix_are_distinguished(tmp_path):
    """Only for names of Cityscapes may any text follow the name of the image."""
    lay(tmp_path, "car.png 26 0.5\n", "a_b_pred.txt")
    lay(tmp_path, "", "a.txt")
    assert (len(read(tmp_path, "a")), len(read(tmp_path, "a_b"))) == (0, 1)
    (tmp_path / "a.txt").unlink()
    with pytest.raises(FileNotFoundError, match="has no file for image a; write a_pred.txt"):
        read(tmp_path, "a")


@pytest.mark.parametrize(
    "pixels",
    [INSIDE, np.uint8(INSIDE), np.uint16(INSIDE * 300), np.uint8(INSIDE)[..., None].repeat(3, 2)],
    ids=["bits", "ones", "16 bits", "colour"],
)
def test_every_pixel_that_is_not_black_is_in_the_mask(tmp_path, pixels):
    pixels = pixels * 9 if pixels.ndim == 3 else pixels
    (one,) = read(lay(tmp_path, "mask.png 26 0.5", mask=pixels))
    np.testing.assert_array_equal(one.mask, INSIDE)


def test_numbers_may_have_any_common_notation(tmp_path):
    (one,) = read(lay(tmp_path, "car.png 26.0 1e2\r\n"))
    assert (one.class_name, one.confidence) == ("car", 100)


def test_labels_that_are_not_scored_are_left_out_and_counted(tmp_path):
    """As in the official evaluator, their masks are not read."""
    text = "car.png 26 0.5\nnowhere.png 7 0.5\nnor.png 29 0.5\nhere.png 7 0.5\n"
    reader = PredictionReader(lay(tmp_path, text), [NAME])
    assert [one.class_name for one in reader.read_instances(NAME, SIZE)] == ["car"]
    assert reader.ignored == {"road": 2, "caravan": 1}


def test_predictions_without_pixels_are_left_out_and_their_lines_kept(tmp_path):
    text = "car.png 26 0.5\nnone.png 26 0.9\n"
    reader = PredictionReader(lay(tmp_path, text, none=np.zeros(SIZE, np.uint8)), [NAME])
    assert [one.confidence for one in reader.read_instances(NAME, SIZE)] == [0.5]
    assert reader.empty_masks == [f"{tmp_path / f'{SHORT}_pred.txt'}, line 2"]


def test_other_data_sets_use_their_own_label_ids(tmp_path):
    own = {"class_names": ("cell",), "label_names": {1: "cell", 2: "dirt"}}
    folder = lay(tmp_path, "car.png 1 0.5\nother.png 2 0.5\n", "a_pred.txt")
    assert [one.class_name for one in read(folder, "a", **own)] == ["cell"]
    with pytest.raises(ValueError, match="label id '26' is unknown; the scored labels are 1 cell$"):
        read(lay(tmp_path, "car.png 26 0.5\n", "a_pred.txt"), "a", **own)


SMALL = np.zeros((5, 7), dtype=np.uint8)


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("car.png 26", "is 'car.png 26'; write MASK.png LABEL_ID CONFIDENCE"),
        ("car.png  26 0.5", "write MASK.png LABEL_ID CONFIDENCE"),
        ("", "is ''; write MASK.png LABEL_ID CONFIDENCE"),
        (
            "car.png 99 0.5",
            "label id '99' is unknown; the scored labels are 24 person, 25 rider, 26 car, ",
        ),
        ("car.png car 0.5", "label id 'car' is unknown"),
        ("car.png 26.5 0.5", "label id '26.5' is unknown"),
        ("car.png 26 high", "confidence 'high' is not a finite number"),
        ("car.png 26 nan", "confidence 'nan' is not a finite number"),
        ("car.png 26 inf", "confidence 'inf' is not a finite number"),
        ("absent.png 26 0.5", "there is no mask .*absent.png; write it"),
        ("../out.png 26 0.5", "mask ../out.png is not in .*; put it there"),
        ("/etc/out.png 26 0.5", "mask /etc/out.png is not in .*; put it there"),
        ("{folder}/car.png 26 0.5", "mask .*car.png is not in .*name it relative to"),
        ("broken.png 26 0.5", "mask broken.png cannot be read .*; write it again as 8-bit PNG"),
        (
            "small.png 26 0.5",
            "mask small.png is 5x7 pixels .height x width., its image 13x21; write",
        ),
        ("./good.png 24 0.9", "lists mask ./good.png a second time; give each prediction"),
    ],
)
def test_the_error_for_a_bad_line_says_where_and_what_to_do(tmp_path, line, complaint):
    folder = tmp_path / "predictions"
    good = np.uint8(INSIDE)
    lay(folder, f"good.png 26 0.5\n{line.format(folder=folder)}\n", small=SMALL, good=good)
    (folder / "broken.png").write_bytes(b"\x89PNG\r\n")
    Image.fromarray(good).save(tmp_path / "out.png")
    with pytest.raises((ValueError, FileNotFoundError), match=complaint) as raised:
        read(folder)
    message = str(raised.value)
    assert message.startswith(f"{folder / SHORT}_pred.txt, line 2: ") and "\n" not in message


def test_the_error_names_a_missing_folder_or_file(tmp_path):
    with pytest.raises(FileNotFoundError, match="nowhere: is not a folder; choose a folder"):
        PredictionReader(tmp_path / "nowhere", [NAME])
    lay(tmp_path, "")
    others = [f"town/town_000000_00000{number}" for number in (2, 3, 4)]
    with pytest.raises(
        FileNotFoundError,
        match=rf"image {others[0]} and 2 others; write \S+2_pred.txt \(and so on\), empty if",
    ):
        PredictionReader(tmp_path, [NAME, *others])


def test_two_files_of_one_image_are_an_error(tmp_path):
    lay(tmp_path, "", f"a/{SHORT}_pred.txt")
    lay(tmp_path, "", f"b/{SHORT}.txt")
    with pytest.raises(
        ValueError, match=f"a/{SHORT}_pred.txt and b/{SHORT}.txt both belong to image"
    ):
        PredictionReader(tmp_path, [NAME])


def test_a_file_that_is_not_text_is_a_one_line_error(tmp_path):
    (lay(tmp_path, "") / f"{SHORT}_pred.txt").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ValueError, match="is not UTF-8 text .*; save it as UTF-8"):
        read(tmp_path)


def test_a_file_may_begin_with_a_byte_order_mark(tmp_path):
    lay(tmp_path, "\ufeffcar.png 26 0.5\n")
    assert len(read(tmp_path)) == 1


def test_hidden_text_files_are_passed_over_and_links_named(tmp_path):
    folder = lay(tmp_path / "p", "car.png 26 0.5\n")
    (folder / f"._{SHORT}_pred.txt").write_bytes(b"\0\5\x16\7")
    other = lay(tmp_path / "q", "car.png 26 0.5\n", "a_pred.txt")
    (folder / "more").symlink_to(other)
    with pytest.warns(FileListingWarning, match=r"followed 1 symbolic link \(first: more to "):
        reader = PredictionReader(folder, [NAME, "a"])
    assert len(reader.read_instances(NAME, SIZE)) == 1


def test_predictions_that_were_read_get_the_scores_of_their_files(tmp_path):
    """The official evaluator gives the same scores for a folder and for a copy that was read and written."""
    random = np.random.default_rng(0)
    ids = np.full((60, 80), 7, dtype=np.uint16)
    ids[5:30, 5:30], ids[5:30, 40:70], ids[35:55, 10:40] = 26001, 26002, 33001
    truth = tmp_path / f"{SHORT}_gtFine_instanceIds.png"
    Image.fromarray(ids).save(truth)
    folder, lines = tmp_path / "theirs", []
    (folder / "town").mkdir(parents=True)
    for number, value in enumerate([26001, 26002, 33001, 26001]):
        mask = (ids == value) & (random.random(ids.shape) < 0.8)
        Image.fromarray(np.uint8(mask * (1 + number))).save(folder / f"{number}.png")
        lines.append(f"../{number}.png {value // 1000} {random.random():.2f}\n")
    (folder / f"{NAME}_pred.txt").write_text("".join(lines))
    instances = PredictionReader(folder, [NAME]).read_instances(NAME, ids.shape)
    write_predictions(tmp_path / "ours", {NAME: instances})
    theirs, ours = (ap_matrix(tmp_path / each, {NAME: truth}) for each in ("theirs", "ours"))
    np.testing.assert_array_equal(ours, theirs)
    assert 0 < np.nanmean(theirs) < 1


def test_the_reader_accepts_every_class_of_the_writer(tmp_path):
    written = [Instance(INSIDE, name, 0.5) for name in LABEL_IDS]
    write_predictions(tmp_path / "p", {NAME: written})
    assert [one.class_name for one in read(tmp_path / "p")] == list(LABEL_IDS)
