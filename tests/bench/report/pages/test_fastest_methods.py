"""The sentences about the fastest methods name backend and row, and do not count fields as images."""

from dataclasses import replace

from bench.report.pages.fastest_methods import describe_fastest_methods
from bench.report.tables.study_tables import study_tables
from tests.bench.report.tables.test_image_study import record
from tests.bench.report.tables.test_speed_study import record as field_record

NOISES = ("mild", "strong")


def fastest_of(*records):
    return describe_fastest_methods(records, study_tables(records, ()))


def test_fields_are_not_counted_as_images():
    images = [
        record(name, row="plain", seconds=[[time]] * 3) for name, time in (("c", 1), ("heap", 2))
    ]
    fields = [field_record(name, noise=noise) for name in ("c", "heap") for noise in NOISES]
    fields = [replace(each, hashes={"fields": "0"}) for each in fields]
    sentences = fastest_of(*images, *fields)
    assert sum("on 3 of 3 images" in each for each in sentences) == 1
    of_fields = [each for each in sentences if "merge a field" in each]
    assert len(of_fields) == len(NOISES)
    assert not any("images" in each for each in of_fields)


def test_backend_and_row_are_named_where_a_row_has_several_backends():
    several = [
        record(name, row="plain", seconds=[[time]] * 3) for name, time in (("c", 1), ("heap", 2))
    ]
    assert "`c` in the row `plain`" in fastest_of(*several)[0]
    assert "next `heap` in the row `plain`" in fastest_of(*several)[0]
    assert "`plain` with" in fastest_of(several[0])[0]


def test_one_time_has_no_quartiles():
    assert "quartiles" not in fastest_of(record(seconds=[[1.0]]))[0]
    assert "quartiles" in fastest_of(record(seconds=[[1.0], [2.0], [4.0]]))[0]
