"""Draw random examples with hypothesis: the same examples for the same seed, and no files left on disk."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from tempfile import TemporaryDirectory
from typing import TypeVar

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.configuration import set_hypothesis_home_dir
from hypothesis.strategies import SearchStrategy

T = TypeVar("T")


class StopAtFirstFailure(BaseException):
    """Raised to stop hypothesis at the first exception.

    cause: that exception.
    Not derived from ``Exception``, because hypothesis would catch it and run the example again. If
    the example then passed, which may happen with a data race, hypothesis would report a flaky test.
    """

    def __init__(self, cause: Exception) -> None:
        super().__init__(cause)
        self.cause = cause


def for_each_example(
    strategy: SearchStrategy[T], body: Callable[[T], None], count: int, seeded_by: str
) -> None:
    """Call ``body`` with ``count`` examples of a strategy, or with all examples if there are fewer.

    seeded_by: the same text gives the same examples.
    Raises the first exception that ``body`` raises. Hypothesis does not shrink the example; for
    problems, ``conformance.shrink`` finds smaller ones.
    """

    @seed(seeded_by)
    @settings(
        max_examples=count,
        database=None,
        deadline=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
        print_blob=False,
    )
    @given(strategy)
    def call_body(example: T) -> None:
        try:
            body(example)
        except Exception as error:
            raise StopAtFirstFailure(error) from error

    with _temporary_hypothesis_folder():
        try:
            call_body()
        except StopAtFirstFailure as stop:
            raise stop.cause from None


@contextmanager
def _temporary_hypothesis_folder() -> Iterator[None]:
    """Make hypothesis write its files to a temporary folder instead of the current folder."""
    with TemporaryDirectory() as folder:
        set_hypothesis_home_dir(folder)
        try:
            yield
        finally:
            set_hypothesis_home_dir(None)
