"""A strategy of one's own: a function that changes each prediction before its graph is built."""

from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from typing import Any

import numpy as np

from bench.pipeline.config import ConfigError, PipelineConfig
from bench.pipeline.prediction import Prediction
from merge_impls.argument_checks import one_line_error_message

StrategyFunction = Callable[[Prediction, PipelineConfig], Prediction]
"""A function that returns a changed prediction of a region, or of a whole image."""

OFF = "off"
"""The value of ``own_strategy`` without a function."""


def apply_own_strategy(prediction: Prediction, config: PipelineConfig) -> Prediction:
    """The prediction that the function of ``config.own_strategy`` returns; without one, ``prediction``.

    The function is called with the prediction of a region, or of the whole image, and the configuration. It
    returns a ``Prediction`` with arrays of the same shapes and dtypes, and must not write to its argument.
    Raises ``ConfigError``, one line, for another result.
    """
    function = find_own_strategy(config)
    if function is None:
        return prediction
    changed = function(prediction, config)
    for part in ("affinity", "semantic"):
        before, after = getattr(prediction, part), getattr(changed, part, None)
        _check_changed_map(own_strategy_name(config), part, before, after)
    return replace(prediction, affinity=changed.affinity, semantic=changed.semantic)


def find_own_strategy(config: PipelineConfig) -> StrategyFunction | None:
    """The function of ``config.own_strategy``; None if the strategy is off.

    Raises ``ConfigError``, one line, if it cannot be imported or called.
    """
    chosen = config.own_strategy
    if not isinstance(chosen, str):
        return chosen
    if chosen == OFF:
        return None
    module, _, name = chosen.partition(":")
    try:
        found: StrategyFunction = getattr(import_module(module), name)
    except (Exception, SystemExit) as error:
        why = f"{type(error).__name__}: {one_line_error_message(error)}"
        raise ConfigError(
            f"strategy: own_strategy {chosen} does not load ({why}); write module:function, and start in "
            "the folder of the module"
        ) from None
    if not callable(found):
        raise ConfigError(f"strategy: own_strategy {chosen} is not a function; name a function")
    return found


def own_strategy_name(config: PipelineConfig) -> str:
    """The text "module:function" of ``config.own_strategy``."""
    chosen = config.own_strategy
    if isinstance(chosen, str):
        return chosen
    return f"{chosen.__module__}:{getattr(chosen, '__qualname__', type(chosen).__name__)}"


def _check_changed_map(name: str, part: str, before: np.ndarray, after: Any) -> None:
    """Raise ``ConfigError`` unless ``after`` is an array like ``before`` with values from 0 to 1.

    NaN is allowed where ``before`` is NaN: given maps lack the offsets that no stage uses.
    """
    if getattr(after, "shape", None) != before.shape or after.dtype != before.dtype:
        got = f"{getattr(after, 'dtype', type(after).__name__)} {getattr(after, 'shape', '')}"
        raise ConfigError(
            f"strategy: own_strategy {name} returned {part} {got.strip()}; return a Prediction with {part} "
            f"{before.dtype} {before.shape}"
        )
    if not ((after >= 0) & (after <= 1) | np.isnan(before)).all():
        raise ConfigError(
            f"strategy: own_strategy {name} returned {part} outside 0 to 1; clip it to this range"
        )
