"""Pictures of all value types become the 8-bit colours that a viewer shows, with the right values."""

import numpy as np
import pytest
import tifffile
from PIL import Image

from bench.picture_files.picture_reading import count_pages, read_label_map, read_mask, read_rgb
from bench.picture_files.pixel_values import stretch_to_8_bits, turn_upright

GREY = np.arange(12, dtype=np.uint8).reshape(3, 4)
TWELVE_BITS = np.array([[[0, 4095, 1000], [2000, 3000, 4000]]], dtype=np.uint16)


def write_tiff(folder, values, **options):
    tifffile.imwrite(folder / "a.tif", values, **options)
    return folder / "a.tif"


def write_png(path, values):
    """Write a PNG with 16 bits and any number of channels, which Pillow cannot write."""
    from imagecodecs import png_encode

    path.write_bytes(png_encode(values))
    return path


def stretched(values):
    return np.round((values - float(values.min())) * (255 / np.ptp(values.astype(float))))


@pytest.mark.parametrize("suffix", ["jpg", "png", "webp", "tif"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_orientation_is_applied(tmp_path, suffix, orientation):
    """Black and white corners say how the picture lies; JPEG changes only the values between."""
    stored = np.full((24, 40), 100, np.uint8)
    stored[:8, :8], stored[:8, -8:] = 0, 255
    path = tmp_path / f"a.{suffix}"
    exif = Image.Exif()
    exif[0x0112] = orientation
    if suffix == "tif":
        write_tiff(tmp_path, stored, extratags=[(274, "H", 1, orientation)], metadata=None)
    else:
        Image.fromarray(stored).save(path, exif=exif)
    found = read_rgb(path, "")[:, :, 0]
    turns = {1: 0, 6: -1, 3: 2, 8: 1, 2: 0, 5: -1, 4: 2, 7: 1}
    mirrored = stored[:, ::-1] if orientation in (2, 4) else stored
    mirrored = stored[::-1] if orientation in (5, 7) else mirrored
    expected = np.rot90(mirrored, turns[orientation])
    assert found.shape == expected.shape
    assert np.abs(found.astype(int) - expected)[2:-2, 2:-2].mean() < 3


def test_pixels_are_turned_as_pillow_turns_them():
    from PIL import ImageOps

    for orientation in range(10):
        picture = Image.fromarray(GREY)
        picture.getexif()[0x0112] = orientation
        np.testing.assert_array_equal(
            turn_upright(GREY, orientation), ImageOps.exif_transpose(picture)
        )


def test_a_label_map_with_an_orientation_is_turned(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(GREY).save(tmp_path / "a.png", exif=exif)
    np.testing.assert_array_equal(read_label_map(tmp_path / "a.png", ""), np.rot90(GREY, -1))


def test_values_that_are_not_finite_leave_the_others_visible():
    values = np.array([[0.0, np.nan, 2.0], [np.inf, -np.inf, 4.0]], np.float32)
    assert stretch_to_8_bits(values).tolist() == [[0, 0, 128], [255, 0, 255]]
    assert stretch_to_8_bits(np.array([[-1e308, 1e308]])).tolist() == [[0, 255]]
    assert stretch_to_8_bits(np.array([[0, 1e-12]])).tolist() == [[0, 255]]
    for wrong in (np.full((2, 2), np.nan), np.ones((2, 2), np.complex64)):
        with pytest.raises(ValueError, match="none of its values is finite|not real numbers"):
            stretch_to_8_bits(wrong)


@pytest.mark.parametrize("alpha", [False, True])
def test_16_bit_colour_in_png_is_stretched(tmp_path, alpha):
    values = TWELVE_BITS
    if alpha:
        values = np.dstack([values, np.full(values.shape[:2], 65535, np.uint16)])
    path = write_png(tmp_path / "a.png", values)
    np.testing.assert_array_equal(read_rgb(path, ""), stretched(TWELVE_BITS))


def test_a_damaged_16_bit_png_is_refused(tmp_path, capfd):
    values = np.random.default_rng(0).integers(0, 4096, (30, 40, 3)).astype(np.uint16)
    path = write_png(tmp_path / "a.png", values)
    whole = np.frombuffer(path.read_bytes(), np.uint8)
    for place in (-20, -40, 100):
        damaged = whole.copy()
        damaged[place] ^= 1
        path.write_bytes(damaged.tobytes())
        with pytest.raises(ValueError, match="a.png: cannot be read"):
            read_rgb(path, "")
    assert capfd.readouterr() == ("", "")


def test_16_bit_grey_with_alpha_in_png_is_stretched(tmp_path):
    values = np.dstack([TWELVE_BITS[..., 0], np.full((1, 2), 7, np.uint16)])
    path = write_png(tmp_path / "a.png", values)
    np.testing.assert_array_equal(read_rgb(path, "")[:, :, 1], [[0, 255]])


@pytest.mark.parametrize("planar", ["contig", "separate"])
def test_16_bit_colour_in_tiff_is_stretched_as_one(tmp_path, planar):
    values = TWELVE_BITS if planar == "contig" else np.moveaxis(TWELVE_BITS, 2, 0)
    path = write_tiff(tmp_path, values, photometric="rgb", planarconfig=planar)
    np.testing.assert_array_equal(read_rgb(path, ""), stretched(TWELVE_BITS))


@pytest.mark.parametrize(
    "dtype", ["uint16", "int16", "uint32", "int32", "float16", "float32", "float64"]
)
def test_grey_of_every_type_is_stretched(tmp_path, dtype):
    values = np.array([[1, 2], [4, 6]]).astype(dtype)
    if dtype == "uint32":
        values *= 700_000_000
    found = read_rgb(write_tiff(tmp_path, values), "")
    assert found[:, :, 2].tolist() == [[0, 51], [153, 255]]


@pytest.mark.parametrize("dtype", [bool, np.uint8, np.uint16])
def test_white_is_bright_where_it_is_stored_as_0(tmp_path, dtype):
    values = np.array([[0, 1], [1, 1]]).astype(dtype)
    values = values if dtype is bool else values * np.iinfo(dtype).max
    found = read_rgb(write_tiff(tmp_path, values, photometric="miniswhite"), "")
    assert found[:, :, 0].tolist() == [[255, 0], [0, 0]]


def test_ids_of_16_bits_with_white_as_0_are_refused(tmp_path):
    path = write_tiff(tmp_path, np.ones((2, 2), np.uint16), photometric="miniswhite")
    with pytest.raises(ValueError, match="a.tif: has white as 0, .*; save it with black as 0"):
        read_label_map(path, "")


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "YCbCr", "LAB"])
@pytest.mark.parametrize("compression", [None, "tiff_lzw", "tiff_adobe_deflate", "packbits"])
def test_tiffs_of_8_bits_keep_the_values_that_pillow_reads(tmp_path, mode, compression):
    values = np.random.default_rng(0).integers(0, 256, (20, 30, 3), dtype=np.uint8)
    path = tmp_path / "a.tif"
    Image.fromarray(values).convert(mode).save(path, compression=compression)
    with Image.open(path) as picture:
        np.testing.assert_array_equal(read_rgb(path, ""), np.array(picture.convert("RGB")))


@pytest.mark.parametrize("value", [1, 256, 65535])
def test_a_mask_of_16_bits_is_set_where_it_is_not_0(tmp_path, value):
    expected = GREY > 4
    mask = (expected * value).astype(np.uint16)
    colours = mask[..., None] * np.array([0, 1, 0], np.uint16)
    for name, content in {"a.png": mask, "b.png": colours}.items():
        path = write_png(tmp_path / name, content)
        np.testing.assert_array_equal(read_mask(path, ""), expected)
    np.testing.assert_array_equal(read_mask(write_tiff(tmp_path, mask), ""), expected)


def test_frames_of_an_animation_are_pages(tmp_path):
    frames = [Image.fromarray(np.full((8, 8, 3), value, np.uint8)) for value in (0, 100, 250)]
    for suffix in ("gif", "webp", "png"):
        path = tmp_path / f"a.{suffix}"
        frames[0].save(path, save_all=True, append_images=frames[1:], lossless=True)
        assert count_pages(path, "") == 3
        found = [int(read_rgb(path, "", page).mean()) for page in (1, 2, 3)]
        assert found == pytest.approx([0, 100, 250], abs=3)
        with pytest.raises(ValueError, match="has 3 pages, but one picture is read; save the page"):
            read_rgb(path, "")


def test_heic_is_named_whatever_its_suffix(tmp_path):
    (tmp_path / "a.jpg").write_bytes(b"\0\0\0\x18ftypheic" + bytes(50))
    with pytest.raises(ValueError, match="a.jpg: is HEIC or AVIF, whatever its ending; save it as"):
        read_rgb(tmp_path / "a.jpg", "")
