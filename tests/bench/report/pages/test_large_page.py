"""The page of a large study: 100 cells on 1,000 images each stay below 10 MB without pictures."""

import random
import time
from dataclasses import replace
from pathlib import Path

import pytest

from bench.report.pages.html_report import ReportedRun, write_html_report
from bench.runner import records

ROOT = Path(__file__).parents[4]
MOST_BYTES = 10_000_000


def enlarged(found, cells, images):
    """Records of ``cells`` methods on ``images`` images, with the times of ``found`` changed at random."""
    timed = [each for each in found if each.cell.scope == "maps" and each.images]
    chance = random.Random(0)
    made = []
    for number in range(cells):
        one = timed[number % len(timed)]
        name = one.cell.backend if number < len(timed) else f"{one.cell.backend}-{number}"
        measured = [
            with_times(one.images[place % len(one.images)], f"image {place:04}", chance)
            for place in range(images)
        ]
        cell = replace(one.cell, backend=name)
        made.append(replace(one, key=f"{number:064x}", inputs=None, cell=cell, images=measured))
    return made


def with_times(image, name, chance):
    factor = chance.uniform(0.9, 1.1)
    seconds = [factor * each for each in image.seconds]
    return replace(image, name=name, seconds=seconds, seconds_again=None)


@pytest.mark.parametrize(
    ("cells", "images"), [(20, 12), pytest.param(100, 1000, marks=pytest.mark.exhaustive)]
)
def test_the_page_of_a_large_study_is_small(cells, images, tmp_path):
    found = records.read(ROOT / "results" / "default" / "records.jsonl")
    run = ReportedRun("default", enlarged(found, cells, images))
    start = time.process_time()
    write_html_report(tmp_path / "report.html", [run], "the command")
    size = (tmp_path / "report.html").stat().st_size
    print(
        f"{cells} cells x {images} images: {time.process_time() - start:.1f} s of CPU, {size} bytes"
    )
    text = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert f"AP against speed, {images} images" in text and text.count("<tr id=") >= cells
    assert size <= MOST_BYTES
