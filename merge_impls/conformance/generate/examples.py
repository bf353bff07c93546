"""Draw random examples with hypothesis: the same ones for a seed, and without files left on disk."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from tempfile import TemporaryDirectory
from typing import TypeVar

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.configuration import set_hypothesis_home_dir
from hypothesis.strategies import SearchStrategy

T = TypeVar("T")


class StopAtFirstFailure(BaseException):
    """Raised to leave hypothesis at the first exception of a body.

    It is not an ``Exception``, because hypothesis would catch that and run the example again. A body
    that then passes, as one with a race may, would be reported as flaky.
    """

    def __init__(self, cause: Exception) -> None:
        super().__init__(cause)
        self.cause = cause


def for_each_example(
    strategy: SearchStrategy[T], body: Callable[[T], None], count: int, seeded_by: str
) -> None:
    """Call ``body`` with ``count`` examples, or with all examples if there are fewer.

    Raises the exception that the body raises first. Hypothesis does not shrink that example, because
    ``conformance.shrink`` does it better.
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
    def run(example: T) -> None:
        try:
            body(example)
        except Exception as error:
            raise StopAtFirstFailure(error) from error

    with _temporary_hypothesis_folder():
        try:
            run()
        except StopAtFirstFailure as stop:
            raise stop.cause from None


@contextmanager
def _temporary_hypothesis_folder() -> Iterator[None]:
    """Let hypothesis save its tables in a temporary folder, not in the current one."""
    with TemporaryDirectory() as folder:
        set_hypothesis_home_dir(folder)
        try:
            yield
        finally:
            set_hypothesis_home_dir(None)
