"""Random examples through hypothesis, the same ones for a seed, and nothing left on disk."""

from collections.abc import Callable
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.configuration import set_hypothesis_home_dir
from hypothesis.strategies import SearchStrategy


class Stop(BaseException):
    """Leaves hypothesis at the first exception of a body.

    Not an ``Exception``, because those hypothesis takes for its own: it runs the example again and
    calls a body flaky that does not fail twice, which a backend with a race does not.
    """

    def __init__(self, cause: Exception) -> None:
        super().__init__(cause)
        self.cause = cause


def for_each_example(
    strategy: SearchStrategy, body: Callable[[Any], None], count: int, seeded_by: str
) -> None:
    """Call ``body`` with ``count`` examples, fewer if there are not as many.

    Raises what the body raises at the first example for which it does; making that one smaller is
    not hypothesis' task here, because problems have a smaller form of their own.
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
    def run(example: Any) -> None:
        try:
            body(example)
        except Exception as error:
            raise Stop(error) from error

    with TemporaryDirectory() as folder:
        # hypothesis keeps tables that it computes; they would land in the caller's folder.
        set_hypothesis_home_dir(folder)
        try:
            run()
        except Stop as stop:
            raise stop.cause from None
        finally:
            set_hypothesis_home_dir(None)
