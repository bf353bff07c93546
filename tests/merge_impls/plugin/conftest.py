"""Fixtures that install the example backend and its mutants, once for all tests."""

import pytest

from .installing import environment, install


@pytest.fixture(scope="session")
def example(tmp_path_factory):
    """The environment of a shell in which the example backend is installed."""
    return environment(install("examples/example_backend", tmp_path_factory.mktemp("example")))


@pytest.fixture(scope="session")
def mutants(example, tmp_path_factory):
    """The environment of a shell in which the example backend and its mutants are installed."""
    site = install("mutants", tmp_path_factory.mktemp("mutants"))
    return environment(site, example["PYTHONPATH"])
