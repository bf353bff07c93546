"""What the tables of fields show of empty graphs, of sorts, of single rounds and of the baseline."""

from dataclasses import replace

from bench.report.tables.family_speeds import family_speeds_table
from bench.report.tables.formats import to_markdown
from bench.report.tables.graph_families import families_table, worst_families_table
from bench.report.tables.speed_by_method import speed_by_method_table
from tests.bench.report.tables.test_speed_study import GASP, image, of_family, record


def test_both_tables_of_families_give_a_masked_out_graph_the_same_edges():
    found = [of_family(backend, [1, 2], family="empty-mask") for backend in ("heap", "c")]
    (largest,) = family_speeds_table(found)["largest"]
    assert set(families_table(found)["edges"]) == {largest} == {2000}


def test_without_edges_only_sorts_are_said_to_merge_nothing():
    def without_edges(backend):
        empty = replace(image("1000 edges", edges=0, third_party=True), merges=0)
        return record(backend, noise="empty-mask", images=[empty], computes="something else")

    table = families_table([without_edges(GASP), without_edges("np.sort")])
    assert table["identical"].tolist() == ["approximate", "merges nothing"]
    assert [name.rpartition(" (")[2] for name in table["method"]] == [
        "approximate)",
        "merges nothing)",
    ]


def test_a_time_of_one_round_is_shown_without_quartiles():
    one, several = ([record("c", seconds)] for seconds in ([0.0606], [0.01, 0.02, 0.03]))
    assert " 60.6 |" in to_markdown(speed_by_method_table(one, "mild"))
    assert " 20.0 (15.0 to 25.0) |" in to_markdown(speed_by_method_table(several, "mild"))


def test_the_speed_of_a_worst_family_names_the_baseline():
    table = worst_families_table([of_family("heap", [1, 8]), of_family("c", [1, 2])])
    assert " 1.00 × heap |" in to_markdown(table)
