"""Tables as text: aligned columns, and lines that fit."""

import pytest

from merge_impls.text_formats import format_table

ROWS = [
    ("method", "time in milliseconds", "result"),
    ("a name of four words", "1,234 (1,200 to 1,300)", "approximate: 0.5"),
    ("short", "5", ""),
]


def widest(text):
    return max(map(len, text.splitlines()))


def words(text):
    return sorted(word for word in text.split() if set(word) != {"-"})


@pytest.mark.parametrize("width", [46, 50, 60])
def test_a_table_fits_its_width_and_loses_no_word(width):
    shown = format_table(ROWS, right=(1,), width=width)
    assert widest(shown) <= width < widest(format_table(ROWS))
    assert words(shown) == words(format_table(ROWS))


def test_headings_are_wrapped_before_the_cells_below_them():
    rows = [("a long heading", "b"), ("cell", "some words")]
    lines = format_table(rows, width=19).splitlines()
    assert [lines[0], lines[1], lines[-1]] == ["a long   b", "heading", "cell     some words"]


def test_columns_of_numbers_keep_their_cells_in_one_line():
    shown = format_table(ROWS, right=(1,), width=1)
    assert "1,234 (1,200 to 1,300)" in shown


def test_a_wide_line_needs_no_wrapping():
    plain, wide = format_table(ROWS).splitlines(), format_table(ROWS, width=100).splitlines()
    assert wide[:1] + wide[2:] == plain and set(wide[1]) == {"-", " "}
