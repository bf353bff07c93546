"""A page of Markdown: its paragraphs stand in order, and sections without content are left out."""

from bench.report.pages.page import Page


def text_of(page, folder):
    page.write(folder / "new" / "report.md")
    return (folder / "new" / "report.md").read_bytes().decode("utf-8")


def test_paragraphs_stand_in_order_with_empty_lines_between(tmp_path):
    page = Page("Title")
    page.add_paragraphs("first", "| a |\n|---|")
    page.add_section("Heading", "–")
    page.add_list_section("List", ["one", "two"])
    expected = "# Title\n\nfirst\n\n| a |\n|---|\n\n## Heading\n\n–\n\n## List\n\n- one\n- two\n"
    assert text_of(page, tmp_path) == expected


def test_a_list_without_lines_and_a_missing_figure_are_left_out(tmp_path):
    page = Page("Title")
    page.add_list_section("List", [])
    page.add_figure(tmp_path / "a.png", "caption")
    (tmp_path / "b.png").touch()
    page.add_figure(tmp_path / "b.png", "caption")
    assert text_of(page, tmp_path) == "# Title\n\n![caption](b.png)\n"
