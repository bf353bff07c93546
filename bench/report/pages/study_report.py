"""The report of any study, of images or of generated fields, written from its records alone."""

from collections.abc import Collection, Sequence
from pathlib import Path

from bench.report.pages import image_study, speed_study
from bench.runner.record import Record
from bench.runner.study import Goal

FIGURES = (image_study.SPEED_ACCURACY, image_study.ABLATION, speed_study.SCALING_FIGURE)
"""All figures that are drawn from records. The pictures of a study also need its images."""


def write_study_report(
    folder: Path,
    found: Sequence[Record],
    goals: Sequence[Goal],
    figures: Collection[str] = FIGURES,
    baseline: str | None = None,
) -> list[str]:
    """Write tables, figures and page to ``folder``. Returns the tables to print, in Markdown.

    goals: the goals of the study. figures: the figures to draw. baseline: see ``study_tables``.
    The page also shows figures and pictures that ``folder`` already has.
    """
    if found[0].is_of_fields:
        return [*speed_study.write_speed_study_report(folder, found, goals, figures).values()]
    return [image_study.write_image_study_report(folder, found, figures, baseline)]
