"""A fixture: the workers of comparisons start fast."""

import pytest


@pytest.fixture(autouse=True, scope="module")
def fast_workers(forked_workers):
    """Tests of these modules start many workers."""
