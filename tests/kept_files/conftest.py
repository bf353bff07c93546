"""The fixtures of ``tests/bench``: data sets, a model and studies."""

from tests.bench.conftest import few_scenes, random_model, street, tiny_model

__all__ = ["few_scenes", "random_model", "street", "tiny_model"]
