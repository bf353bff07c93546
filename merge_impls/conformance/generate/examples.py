"""Random examples drawn by hypothesis: the same ones for a seed, and no files left on disk."""

from collections.abc import Callable
from tempfile import TemporaryDirectory
from typing import TypeVar

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.configuration import set_hypothesis_home_dir
from hypothesis.strategies import SearchStrategy

T = TypeVar("T")


class Stop(BaseException):
    """Leaves hypothesis at the first exception of a body.

    Not an ``Exception``: hypothesis would run the example again and call the body flaky if it does not
    fail twice, as with a backend that has a race.
    """

    def __init__(self, cause: Exception) -> None:
        super().__init__(cause)
        self.cause = cause


def for_each_example(
    strategy: SearchStrategy[T], body: Callable[[T], None], count: int, seeded_by: str
) -> None:
    """Call ``body`` with ``count`` examples, fewer if there are not as many.

    Raises what the body raises at the first example that fails. Hypothesis does not shrink that
    example; ``conformance.shrink`` does it better.
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
            raise Stop(error) from error

    with TemporaryDirectory() as folder:
        # Hypothesis saves tables that it computes, by default in the current folder.
        set_hypothesis_home_dir(folder)
        try:
            run()
        except Stop as stop:
            raise stop.cause from None
        finally:
            set_hypothesis_home_dir(None)
