"""The axes of a TIFF say which planes are channels of a page and which are pages; damage is one line."""

import os
import struct
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image

from bench.picture_files.picture_pages import name_pages
from bench.picture_files.picture_reading import count_pages, read_label_map, read_rgb

RANDOM = np.random.default_rng(0)


def planes(*shape):
    return RANDOM.integers(0, 4096, shape).astype(np.uint16)


def stretched(values):
    return np.round((values - float(values.min())) * (255 / np.ptp(values.astype(float))))


def write(folder, values, name="a.tif", **options):
    tifffile.imwrite(folder / name, values, **options)
    return folder / name


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"metadata": None},
        {"imagej": True, "metadata": {"axes": "ZYX"}},
        {"ome": True, "metadata": {"axes": "TYX"}},
        {"compression": "zlib", "tile": (16, 16)},
        {"bigtiff": True, "byteorder": ">"},
    ],
    ids=str,
)
def test_planes_are_pages(tmp_path, options):
    values = planes(5, 20, 30)
    path = write(tmp_path, values, photometric="minisblack", **options)
    assert list(name_pages(path, "")) == [f"a_p00{page}" for page in range(1, 6)]
    for number, page in enumerate(name_pages(path, "").values()):
        expected = stretched(values[number])
        np.testing.assert_array_equal(read_rgb(page.path, "", page.page)[:, :, 0], expected)
        np.testing.assert_array_equal(read_label_map(page.path, "", page.page), values[number])


@pytest.mark.parametrize("kind", ["imagej", "ome", "shaped"])
def test_three_channels_are_colours_that_are_stretched_one_by_one(tmp_path, kind):
    values = planes(2, 3, 20, 30)
    values[:, 1] //= 16
    options = {} if kind == "shaped" else {kind: True}
    path = write(tmp_path, values, photometric="minisblack", metadata={"axes": "ZCYX"}, **options)
    assert count_pages(path, "") == 2
    for page in (1, 2):
        found = read_rgb(path, "", page)
        for channel in range(3):
            np.testing.assert_array_equal(found[..., channel], stretched(values[page - 1, channel]))


def test_channels_may_come_before_other_axes(tmp_path):
    values = planes(3, 2, 20, 30)
    path = write(tmp_path, values, photometric="minisblack", metadata={"axes": "CZYX"})
    found = read_rgb(path, "", 2)
    np.testing.assert_array_equal(found[..., 2], stretched(values[2, 1]))


@pytest.mark.parametrize("channels", [2, 4])
def test_other_numbers_of_channels_are_refused_in_one_line(tmp_path, channels):
    values = planes(channels, 20, 30)
    path = write(tmp_path, values, imagej=True, metadata={"axes": "CYX"})
    with pytest.raises(
        ValueError, match=f"a.tif: has {channels} channels in a page, .* save those"
    ):
        read_rgb(path, "")


def test_pages_that_are_volumes_are_refused_in_one_line(tmp_path):
    path = write(tmp_path, planes(16, 32, 32), tile=(16, 16, 16), volumetric=True, metadata=None)
    with pytest.raises(ValueError, match="a.tif: has pages with the axes ZYX; save each plane as"):
        count_pages(path, "")


def test_pages_of_different_sizes_keep_their_order(tmp_path):
    sizes = [(20, 30), (10, 10), (20, 30)]
    pictures = [Image.fromarray(RANDOM.integers(0, 256, size).astype(np.uint8)) for size in sizes]
    path = tmp_path / "a.tif"
    pictures[0].save(path, save_all=True, append_images=pictures[1:])
    for number, picture in enumerate(pictures, start=1):
        np.testing.assert_array_equal(read_rgb(path, "", number)[:, :, 0], picture)


def test_reduced_copies_and_masks_are_not_pages(tmp_path):
    values = planes(64, 64)
    with tifffile.TiffWriter(tmp_path / "a.tif") as writer:
        writer.write(values[::2, ::2], subfiletype=1, metadata=None)
        writer.write(values, subifds=1, metadata=None)
        writer.write(values[::2, ::2], subfiletype=1, metadata=None)
        writer.write(np.ones((64, 64), bool), subfiletype=4, metadata=None)
    np.testing.assert_array_equal(read_rgb(tmp_path / "a.tif", "")[:, :, 0], stretched(values))


def test_a_series_that_has_one_tag_list_is_read_whole(tmp_path):
    """As ImageJ writes stacks of more than 4 GB."""
    values = planes(3, 20, 30)
    with tifffile.TiffWriter(tmp_path / "a.tif", imagej=True) as writer:
        writer.write(values, truncate=True, metadata={"axes": "ZYX"})
    assert count_pages(tmp_path / "a.tif", "") == 3
    np.testing.assert_array_equal(read_label_map(tmp_path / "a.tif", "", 3), values[2])


def ome_text(planes_and_files):
    """Metadata of OME with 30x20 pixels. planes_and_files: the elements that say where planes are."""
    return (
        '<OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06"><Image ID="Image:0"><Pixels '
        'ID="Pixels:0" DimensionOrder="XYZCT" Type="uint16" SizeX="30" SizeY="20" SizeC="1" SizeZ="2" '
        'SizeT="1"><Channel ID="Channel:0:0" SamplesPerPixel="1"/><TiffData IFD="0" PlaneCount="1"/>'
        f"{planes_and_files}</Pixels></Image></OME>"
    )


def test_planes_in_other_files_are_never_opened(tmp_path):
    """The plane of this file is a page, as the metadata of OME name a file that is not opened."""
    values = planes(2, 20, 30)
    uuid = "urn:uuid:00000000-0000-0000-0000-000000000001"
    text = ome_text(
        f'<TiffData FirstZ="1" IFD="0"><UUID FileName="b.ome.tif">{uuid}</UUID></TiffData>'
    )
    path = write(tmp_path, values[0], "a.ome.tif", description=text, metadata=None)
    os.mkfifo(tmp_path / "b.ome.tif")
    np.testing.assert_array_equal(read_rgb(path, "")[:, :, 0], stretched(values[0]))


def test_a_file_that_claims_too_many_planes_is_refused(tmp_path):
    text = ome_text("").replace('SizeT="1"', 'SizeT="2000000000"')
    path = write(tmp_path, planes(20, 30), "a.ome.tif", description=text, metadata=None)
    with pytest.raises(ValueError, match="it claims 4,000,000,000 planes, but at most 1,000,000"):
        count_pages(path, "")


def cut_off_in_the_pages(whole):
    return whole[: len(whole) // 2]


def cut_off_in_the_pixels(whole):
    """The pixels of the first page begin soon, and those of the others follow."""
    (first,) = struct.unpack_from("<I", whole, 4)
    return (
        whole[:4] + struct.pack("<I", first) + whole[8 : next_place(whole, first)] + bytes(4) + b"p"
    )


def loop_of_pages(whole):
    """The last page is followed by the first."""
    (first,) = struct.unpack_from("<I", whole, 4)
    offset = first
    while following := struct.unpack_from("<I", whole, place := next_place(whole, offset))[0]:
        offset = following
    return whole[:place] + struct.pack("<I", first) + whole[place + 4 :]


def next_place(whole, offset):
    return offset + 2 + 12 * struct.unpack_from("<H", whole, offset)[0]


@pytest.mark.parametrize("damage", [cut_off_in_the_pages, cut_off_in_the_pixels, loop_of_pages])
def test_a_damaged_file_is_a_one_line_error(tmp_path, damage, capfd):
    path = write(tmp_path, planes(4, 20, 30), photometric="minisblack", metadata=None)
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(ValueError, match=r"a.tif: cannot be read \(.*\); do that") as caught:
        for page in range(1, 5):
            read_rgb(path, "do that", page)
    assert "\n" not in str(caught.value)
    assert capfd.readouterr() == ("", "")


def test_a_file_that_claims_too_many_pixels_is_refused(tmp_path):
    path = write(tmp_path, planes(20, 30), metadata=None)
    with tifffile.TiffFile(path, mode="r+") as file:
        file.pages.first.tags["ImageLength"].overwrite(2**30)
    with pytest.raises(ValueError, match="a.tif: cannot be read"):
        read_rgb(path, "")


def test_random_damage_is_read_or_refused_in_one_line(tmp_path):
    """No other exception, whatever tifffile and imagecodecs raise."""
    path = write(tmp_path, planes(3, 20, 30), photometric="minisblack", compression="lzw")
    whole, refused = np.frombuffer(path.read_bytes(), np.uint8), 0
    for _ in range(60):
        damaged = whole.copy()
        damaged[RANDOM.integers(0, len(whole), 8)] = RANDOM.integers(0, 256, 8)
        Path(path).write_bytes(damaged.tobytes())
        try:
            for page in range(1, count_pages(path, "") + 1):
                read_rgb(path, "", page)
        except ValueError as error:
            refused += str(error).startswith(f"{path}: ") and "\n" not in str(error)
    assert refused > 10


@pytest.mark.parametrize("extra", [["unspecified"], ["unassalpha", "unspecified"]], ids=len)
def test_colours_beside_an_unspecified_channel_are_refused(tmp_path, extra):
    values = planes(20, 30, 3 + len(extra)).astype(np.uint8)
    path = write(tmp_path, values, photometric="rgb", extrasamples=extra)
    with pytest.raises(ValueError, match="has 4 channels in a page") as found:
        read_rgb(path, "")
    assert "\n" not in str(found.value)
    with_alpha = write(
        tmp_path, values[..., :4], "b.tif", photometric="rgb", extrasamples=extra[:1]
    )
    if extra[0] == "unassalpha":
        np.testing.assert_array_equal(read_rgb(with_alpha, ""), values[..., :3])
