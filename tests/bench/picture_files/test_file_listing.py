"""One rule says which files of a folder are listed, and names the others."""

import os
import unicodedata

import pytest

from bench.picture_files.file_listing import (
    PICTURE_SUFFIXES,
    FileListingWarning,
    list_files,
    look_alike_note,
)


def lay(folder, *names):
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"")


def names(listing, paths):
    return [path.relative_to(listing.folder).as_posix() for path in paths]


def test_hidden_files_do_not_count_and_others_are_named(tmp_path):
    lay(
        tmp_path,
        "b.PNG",
        "a.webp",
        "._b.PNG",
        ".DS_Store",
        "c.heic",
        "d.heic",
        "notes",
        "sub/e.png",
    )
    listing = list_files(tmp_path, PICTURE_SUFFIXES)
    assert names(listing, listing.files) == ["a.webp", "b.PNG"]
    assert names(listing, listing.left_out) == ["c.heic", "d.heic", "notes", "sub"]
    with pytest.warns(FileListingWarning) as caught:
        listing.warn(PICTURE_SUFFIXES)
    (line,) = [str(one.message) for one in caught]
    counts = "left out 2 .heic, 1 folder, 1 without ending (first: c.heic)"
    assert line.startswith(f"{tmp_path}: {counts}; files with the ending .png, .jpg,")


def test_files_of_subfolders_are_listed_on_request(tmp_path):
    lay(tmp_path, "a/x.png", "b/x.png", ".git/y.png", "b/c/d/x.png")
    listing = list_files(tmp_path, [".png"], subfolders=True)
    assert names(listing, listing.files) == ["a/x.png", "b/c/d/x.png", "b/x.png"]
    assert list_files(tmp_path / "nowhere", [".png"]).files == []


def test_what_is_no_regular_file_is_left_out(tmp_path):
    lay(tmp_path, "a.png")
    os.mkfifo(tmp_path / "b.png")
    (tmp_path / "c.png").symlink_to("/dev/zero")
    (tmp_path / "d.png").symlink_to(tmp_path / "nowhere")
    (tmp_path / "e.png").symlink_to(tmp_path / "e.png")
    listing = list_files(tmp_path, [".png"])
    assert names(listing, listing.files) == ["a.png"]
    with pytest.warns(FileListingWarning, match="left out 4 irregular"):
        listing.warn([".png"])


def test_links_are_followed_and_named_and_loops_end(tmp_path):
    lay(tmp_path, "data/sub/x.png", "elsewhere/y.png")
    data = tmp_path / "data"
    (data / "again").symlink_to(data)
    (data / "sub" / "up").symlink_to("..")
    (data / "z").symlink_to(tmp_path / "elsewhere")
    (data / "z.png").symlink_to(tmp_path / "elsewhere" / "y.png")
    listing = list_files(data, [".png"], subfolders=True)
    assert names(listing, listing.files) == ["sub/x.png", "z/y.png", "z.png"]
    assert names(listing, listing.left_out) == ["again", "sub/up"]
    with pytest.warns(FileListingWarning) as caught:
        listing.warn_of_links()
    place = (tmp_path / "elsewhere").resolve()
    assert str(caught[0].message) == f"{data}: followed 2 symbolic links (first: z to {place})"


def test_the_folder_itself_may_be_a_link(tmp_path):
    lay(tmp_path, "data/x.png")
    (tmp_path / "link").symlink_to(tmp_path / "data")
    listing = list_files(tmp_path / "link", [".png"])
    assert names(listing, listing.files) == ["x.png"] and not listing.left_out


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("Größe", unicodedata.normalize("NFD", "Größe")),
        ("Cell", "cell"),
        ("a", "a "),
        ("ﬁn", "fin"),
    ],
)
def test_names_that_look_alike_are_told_apart(name, other):
    note = look_alike_note(name, ["b", other, name])
    assert f"{ascii(name)} and {ascii(other)} look alike, but differ: rename one" in note
    assert look_alike_note(name, ["b", name]) == ""
