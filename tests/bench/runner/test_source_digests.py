"""A study is measured anew after a change of any file that may change its figures."""

from bench.runner.source_digests import BENCH, FLIPS, SHOWS_ONLY, bench_sources, merge_sources


def test_the_digest_covers_bench_except_the_report_code():
    left_out = {path.relative_to(BENCH).parts[0] for path in BENCH.rglob("*.py")} - {
        path.relative_to(BENCH).parts[0] for path in bench_sources()
    }
    assert left_out == SHOWS_ONLY
    assert all((BENCH / name).exists() for name in SHOWS_ONLY)


def test_the_digest_covers_the_compiled_backend_and_flip_averaging():
    assert {path.suffix for path in merge_sources()} == {".py", ".so"}
    assert FLIPS.exists()
