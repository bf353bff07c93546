"""A study of fields, from its cases to its report. Only methods with correct results have a time."""

import re
from dataclasses import replace

import pandas as pd
import pytest
from click.testing import CliRunner
from PIL import Image

from bench import cli
from bench.methods.all_methods import find_method, methods_in_this_folder
from bench.runner import field_problems, records, study_file
from bench.runner.field_methods import field_methods
from bench.runner.study import Goal, GoalMethod, Study, StudyFields
from merge_impls import fields
from merge_impls.fields import real_volumes

OTHER_PROGRAMS = tuple(name for name, method in methods_in_this_folder().items() if method.target)

RIGHT = """
from merge_impls import Backend, merge as merge_with
merge = Backend("twofold", "right, on two threads", "1", "twofold_backend:run", threads=2)
def run(problem, threads):
    return merge_with(problem, "c")
"""

FLAT = """
from merge_impls import Backend, merge as merge_with
merge = Backend("flat", "pictures alone", "1", "flat_backend:run", dimensions=(2,))
def run(problem):
    return merge_with(problem, "c")
"""


@pytest.fixture(scope="module")
def study():
    """A study of two tiny fields. The reference, which is always installed, is the baseline too."""
    return Study(
        name="small",
        source=StudyFields(
            ("mild",),
            size=(32, 64),
            sizes=((16, 32), (32, 64)),
            families=("star",),
            edges=(100, 400),
            edges_of_all=400,
        ),
        linkages=("average", "weighted"),
        reference="networkx",
        backends=("c",),
        threads=(1, 2),
        scaled=("c",),
        third_party=(),
        rounds=2,
        goals=(Goal("a memory", "memory", GoalMethod("c"), must=1e9, aim=1e-9),),
    )


def invoke(study, out, *more):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(study_file, "read_study", lambda *_: study)
        return CliRunner().invoke(cli.main, ["run", "speed", "--out", str(out), *more])


@pytest.fixture(scope="module")
def good_run(study, tmp_path_factory):
    """The outcome and the folder of a run with all backends and all installed third-party methods."""
    out = tmp_path_factory.mktemp("speed")
    all_methods = replace(study, backends=("c", "numba"), third_party=OTHER_PROGRAMS)
    return invoke(all_methods, out), out


def one_field(study):
    return replace(study.fields, families=(), sizes=(study.fields.size,))


@pytest.fixture
def kept(good_run):
    return records.read(good_run[1] / "report" / "records.jsonl")


def by_name(found, linkage="average", split="mild"):
    rows = (
        record for record in found if record.cell.linkage == linkage and record.cell.split == split
    )
    return {(row.cell.backend, row.cell.threads): row for row in rows}


def test_a_good_run_exits_with_0_and_prints_tables_and_absent_methods(good_run, kept):
    outcome, out = good_run
    assert outcome.exit_code == 0, outcome.output
    page = (out / "report" / "report.md").read_text()
    headings = re.findall(r"^## (.*)\n\n\|", page, flags=re.MULTILINE)
    assert len(headings) == 6 and all(f"\n{each}\n\n" in outcome.stdout for each in headings)
    for record in kept:
        if record.state == "unavailable":
            assert f"not measured: {record.cell.backend}: " in outcome.stdout
            assert f"- {record.cell.backend}: {record.reason}" in page
    assert "went wrong" not in page


def test_the_report_of_fields_has_all_its_files(good_run):
    report = good_run[1] / "report"
    tables = {"goals.csv", "speed_mild.csv", "scaling.csv"}
    tables |= {"families.csv", "family_speeds.csv", "worst_families.csv"}
    tables |= {"families.png"}
    assert {path.name for path in report.iterdir()} == {
        "records.jsonl",
        "report.md",
        "scaling.png",
        *tables,
    }
    with Image.open(report / "scaling.png") as picture:
        assert (picture.format, picture.size) == ("PNG", (1360, 765))


def test_backends_are_identical_to_the_baseline_and_other_methods_agree(kept):
    for record in kept:
        if record.state in ("unavailable", "unsupported"):
            assert record.computes and record.reason
            continue
        for image in record.images:
            assert image.identical is (None if record.computes else True)
            if not record.computes:
                assert image.agreement is None
            elif image.merges:
                assert 0.5 < image.agreement <= 1
    rows = by_name(kept)
    assert rows["c", 1].identical_to == "networkx"
    assert rows["networkx", 1].identical_to == "c, c, 2 threads, numba"
    assert rows["np.sort", 1].images[0].agreement is None


def test_a_record_has_the_size_of_each_field_and_the_times_of_all_rounds(kept):
    for linkage in ("average", "weighted"):
        (small, large) = by_name(kept, linkage)["c", 1].images
        field = fields.field(32, 64, "mild", linkage=linkage)
        assert (small.name, large.name) == ("16x32", "32x64")
        assert large.edges == field.count_edges() and large.vertices == field.mask.sum()
        assert large.merges == large.vertices - large.segments
        assert large.input_bytes == field.affinities.nbytes
        for name in ("seconds", "cpu_seconds", "call_seconds", "conversion_seconds"):
            assert len(getattr(large, name)) == len(getattr(small, name)) == 2
        assert large.peak_bytes > 0


def test_a_family_is_merged_at_all_its_sizes_and_has_exponents(good_run, kept):
    rows = by_name(kept, split="star")
    assert [image.name for image in rows["c", 1].images] == ["100 edges", "400 edges"]
    assert [image.edges for image in rows["c", 1].images] == [100, 400]
    assert [image.name for image in rows["numba", 1].images] == ["400 edges"]
    assert rows["c", 1].thresholds == [0.5]
    table = pd.read_csv(good_run[1] / "report" / "families.csv").set_index("backend")
    assert set(table["family"]) == {"star"} and set(table["edges"]) == {400}
    one_thread = table[table["threads"] == 1]["exponent"]
    assert one_thread["c"].notna().all() and one_thread["numba"].isna().all()
    worst = pd.read_csv(good_run[1] / "report" / "worst_families.csv")
    assert set(worst["backend"]) == {"c", "numba"}


def test_what_a_method_cannot_merge_is_unsupported_and_no_failure(study, plug_in, tmp_path):
    plug_in(flat=FLAT)
    study = replace(study, backends=("flat",), linkages=("average",), threads=(1,), scaled=())
    outcome = invoke(study, tmp_path)
    assert outcome.exit_code == 0, outcome.output
    found = records.read(tmp_path / "report" / "records.jsonl")
    assert by_name(found)["flat", 1].state == "done"
    assert by_name(found, split="star")["flat", 1].state == "unsupported"
    page = (tmp_path / "report" / "report.md").read_text()
    assert "## Unsupported\n\n- backend flat does not support " in page and ": star" in page
    assert "went wrong" not in page


def test_a_family_whose_files_are_absent_is_skipped(study, tmp_path, monkeypatch):
    monkeypatch.setattr(real_volumes, "_BOUNDARIES", tmp_path / "nowhere.h5")
    families = replace(study.fields, families=("real-microscopy",))
    study = replace(study, source=families, linkages=("average",), threads=(1,), scaled=())
    outcome = invoke(replace(study, rounds=1), tmp_path)
    assert outcome.exit_code == 0, outcome.output
    assert "skipped: real-microscopy: no real volumes" in outcome.output
    assert not by_name(records.read(tmp_path / "report" / "records.jsonl"), split="real-microscopy")


def test_the_baseline_merges_other_sizes_once_beside_scaled_backends(kept):
    rows = by_name(kept)
    assert [len(image.seconds) for image in rows["networkx", 1].images] == [1, 2]
    assert [image.name for image in rows["numba", 1].images] == ["32x64"]
    assert [image.name for image in rows["np.sort", 1].images] == ["32x64"]


def test_third_party_methods_merge_with_their_own_linkages_alone(kept):
    assert {name for name, _ in by_name(kept, "weighted")} == {"networkx", "c", "numba"}
    assert {name for name, _ in by_name(kept)} >= set(OTHER_PROGRAMS)


def test_a_second_run_reads_what_is_there(study, tmp_path, monkeypatch):
    study = replace(study, linkages=("average",), rounds=1, threads=(1,))
    assert invoke(study, tmp_path).exit_code == 0
    first = (tmp_path / "report" / "records.jsonl").read_bytes()
    monkeypatch.setattr(field_problems, "time_field_cases", None)
    outcome = invoke(study, tmp_path)
    assert outcome.exit_code == 0, outcome.output
    assert (tmp_path / "report" / "records.jsonl").read_bytes() == first
    assert isinstance(invoke(replace(study, rounds=2), tmp_path).exception, TypeError)


def test_a_backend_that_differs_has_no_time_and_nothing_is_kept(study, plug_in, wrong, tmp_path):
    plug_in(liar=wrong)
    source = replace(study.fields, families=())
    study = replace(study, source=source, backends=("c", "liar"), linkages=("average",))
    outcome = invoke(replace(study, threads=(1,)), tmp_path)
    assert outcome.exit_code == 1
    (error,) = [line for line in outcome.stderr.splitlines() if line.startswith("Error: ")]
    assert error.startswith("Error: liar, average, mild noise: disagreed: 32x64: compared with")
    assert error.removeprefix("Error: ") in (tmp_path / "report" / "report.md").read_text()
    table = pd.read_csv(tmp_path / "report" / "speed_mild.csv").set_index("backend")
    assert table.loc["liar", ["round_ms", "all_ms", "speedup", "peak_mib"]].isna().all()
    assert table.loc["liar", "identical"] == "NO" and table.loc["c", "identical"] == "yes"
    assert table.loc["c", "round_ms"] > 0
    assert records.read(tmp_path / "records.jsonl") == []


def test_an_absent_third_party_method_is_no_error(study, tmp_path, monkeypatch):
    reason = "a_module_that_is_nowhere is not installed: pip install luck"
    nowhere = replace(find_method("np.sort"), reason=reason)
    monkeypatch.setitem(methods_in_this_folder(), "np.sort", nowhere)
    study = replace(study, linkages=("average",), rounds=1, third_party=("np.sort",))
    study = replace(study, backends=("nowhere",), threads=(1,), scaled=())
    without = replace(study.fields, families=())
    outcome = invoke(replace(study, source=without), tmp_path)
    assert outcome.exit_code == 3
    (error,) = [line for line in outcome.stderr.splitlines() if line.startswith("Error: ")]
    assert "nowhere, average, mild noise: unavailable: no method of that name" in error
    assert "not measured: np.sort: a_module_that_is_nowhere is not installed: pip" in outcome.stdout


def test_a_backend_has_a_row_for_each_number_of_threads_that_it_can_use(study, plug_in, tmp_path):
    plug_in(twofold=RIGHT)
    study = replace(study, backends=("numba", "twofold"), scaled=("twofold",), threads=(1, 2, 3))
    names = [method.label for method in field_methods(replace(study, third_party=OTHER_PROGRAMS))]
    assert names == ["networkx", "numba", "twofold", "twofold, 2 threads", *OTHER_PROGRAMS]
    one = replace(study, source=replace(study.fields, families=()), backends=("twofold",), rounds=1)
    assert invoke(replace(one, linkages=("average",)), tmp_path).exit_code == 0
    rows = by_name(records.read(tmp_path / "report" / "records.jsonl"))
    assert [image.name for image in rows["twofold", 1].images] == ["16x32", "32x64"]
    assert [image.name for image in rows["twofold", 2].images] == ["32x64"]
    assert rows["twofold", 2].state == "done"


def test_a_limit_takes_the_smallest_sizes(study, tmp_path):
    """The study has no goals, so that its report has none either."""
    study = replace(study, linkages=("average",), rounds=1, goals=())
    assert invoke(study, tmp_path, "--limit", "1").exit_code == 0
    for record in records.read(tmp_path / "report-limit-1" / "records.jsonl"):
        size = "100 edges" if record.cell.split == "star" else "16x32"
        assert [image.name for image in record.images] == [size]
    report = tmp_path / "report-limit-1"
    assert not (report / "scaling.png").exists() and not (report / "goals.csv").exists()
    assert "Goals" not in (report / "report.md").read_text()
    assert not (tmp_path / "report").exists()


def test_goals_are_those_of_the_study_itself(good_run):
    table = pd.read_csv(good_run[1] / "report" / "goals.csv")
    assert table[["goal", "reached"]].values.tolist() == [["a memory", "must"]]
    assert "Goals" in (good_run[1] / "report" / "report.md").read_text()


@pytest.mark.parametrize("option", ["--root", "--model", "--cache"])
def test_options_of_image_studies_are_refused_in_one_line(study, tmp_path, option):
    outcome = invoke(study, tmp_path, option, "x")
    assert outcome.exit_code == 2
    assert outcome.stderr == (
        f"Error: study small merges generated fields, so {option} has no effect; leave {option} out\n"
    )


def test_a_study_without_its_baseline_is_refused(study, tmp_path):
    outcome = invoke(replace(study, reference="nowhere"), tmp_path)
    assert outcome.exit_code == 3
    assert "compares all methods with nowhere, which is not available: no method" in outcome.stderr


def test_a_plug_in_is_exact_with_one_linkage_and_approximate_with_another(
    study, tmp_path, plug_in, kruskal
):
    plug_in(kruskal="from kruskal import KRUSKAL as merge\n")
    both = replace(study, linkages=("average", "single"), backends=("c", "kruskal"), rounds=1)
    outcome = invoke(replace(both, source=one_field(study), threads=(1,), scaled=()), tmp_path)
    assert outcome.exit_code == 0, outcome.output
    found = records.read(tmp_path / "report" / "records.jsonl")
    rough = by_name(found)["kruskal", 1]
    exact = by_name(found, "single")["kruskal", 1]
    assert rough.state == exact.state == "done"
    assert rough.computes and rough.images[-1].adjusted_rand < 1 and rough.images[-1].seconds
    assert rough.images[-1].identical is None and rough.identical_to == ""
    assert not exact.computes and exact.images[-1].identical is True
    assert exact.images[-1].adjusted_rand is None and exact.identical_to == "networkx"
    assert "approximate: adjusted Rand" in outcome.stdout
