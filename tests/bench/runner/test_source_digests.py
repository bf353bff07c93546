"""A study is measured anew after a change of any file that may change its figures."""

from bench.runner.source_digests import BENCH, FLIPS, SHOWS_ONLY, bench_sources, merge_sources


def test_all_of_bench_counts_except_what_only_shows_figures():
    left_out = {path.relative_to(BENCH).parts[0] for path in BENCH.rglob("*.py")} - {
        path.relative_to(BENCH).parts[0] for path in bench_sources()
    }
    assert left_out == SHOWS_ONLY
    assert all((BENCH / name).exists() for name in SHOWS_ONLY)


def test_the_compiled_backend_and_the_averaging_of_flips_count():
    assert {path.suffix for path in merge_sources()} == {".py", ".so"}
    assert FLIPS.exists()
