"""Changes of a study from the command line: further methods, settings, a sweep, a selection, and limits."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

from bench.digests import json_digest
from bench.methods.all_methods import closest_and_known, find_method, methods_by_name
from bench.methods.method import LABEL_SIGN, shown_name
from bench.pipeline.config import PLAIN
from bench.runner import study_file
from bench.runner.study import Study, Variant
from bench.runner.study_file import StudyError, entries_of_studies
from bench.runner.study_selection import select
from merge_impls.backend import BackendUnavailable

LONGEST_NAME = 80
"""The most characters of the name of a report's folder that say what was changed."""

Sweep = Mapping[str, Sequence[Any]]
"""The values of each entry of the pipeline's configuration that rows combine."""


@dataclass(frozen=True)
class StudyChanges:
    """What the options of ``python -m bench run`` change in a study.

    backends: names of methods, or "module:object" or "LABEL=module:object", that are measured too.
    settings: "KEY=VALUE[,VALUE...]" for entries of the study or of the pipeline's configuration.
    only, skip: patterns; see ``study_selection``.
    rounds, timeout, memory, baseline: replace those of the study; None for no change. The baseline is
        measured too. It does not change which results are compared.
    """

    backends: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    rounds: int | None = None
    timeout: float | None = None
    memory: float | None = None
    baseline: str | None = None

    @property
    def named_methods(self) -> tuple[str, ...]:
        """The methods that the options name. They are measured whatever is selected."""
        return self.backends if self.baseline is None else (*self.backends, self.baseline)

    @property
    def shown_methods(self) -> tuple[str, ...]:
        """The names of ``named_methods`` in tables."""
        return tuple(map(shown_name, self.named_methods))


def read_changed_study(name: str, dataset: str | None, changes: StudyChanges) -> Study:
    """Read a study by its name or from a TOML file, and change it.

    Raises ``StudyError`` or ``ConfigError``, which name what is unknown and what is closest to it.
    """
    entries, sweep = _parse_settings(changes.settings)
    study = study_file.read_study(name, dataset, entries)
    if sweep:
        study = _with_sweep(study, sweep)
    for backend in changes.backends:
        study = _with_method(study, backend)
        if study.field_study and not find_method(backend).find_instances:
            study = replace(study, field_study=_with_method(study.field_study, backend))
    if changes.baseline is not None:
        study = _with_baseline(study, _name_of_label(study, changes.baseline))
    study = select(study, changes.only, changes.skip, changes.named_methods)
    limits = {name: getattr(changes, name) for name in ("rounds", "timeout", "memory")}
    limits = {name: value for name, value in limits.items() if value is not None}
    if changes.rounds == 0 and (study.is_of_fields or study.field_study):
        raise StudyError(
            f"study {study.name} measures times of generated graphs, which --rounds 0 leaves out; "
            "give 1 or more"
        )
    if changes.rounds == 0 and changes.baseline is not None:
        raise StudyError(
            f"--baseline {changes.baseline} divides times, which --rounds 0 leaves out; leave one out"
        )
    beside = study.field_study and replace(study.field_study, **limits)
    return replace(study, field_study=beside, **limits)


def _parse_settings(settings: Sequence[str]) -> tuple[dict[str, Any], dict[str, list[Any]]]:
    """The entries of the study's TOML, and the values of each entry of the pipeline's configuration."""
    of_studies, of_pipeline = entries_of_studies(), list(PLAIN.entries())
    entries: dict[str, Any] = {}
    sweep: dict[str, list[Any]] = {}
    for setting in settings:
        key, equals, text = setting.partition("=")
        if not equals or not text:
            raise StudyError(f"--set {setting!r}: write KEY=VALUE, or KEY=VALUE,VALUE for a sweep")
        values = [_parse_value(part) for part in _split_at_commas(text)]
        if key in of_pipeline:
            sweep.setdefault(key, []).extend(_values_of_pipeline_entry(key, values))
        elif key in of_studies:
            entries[key] = _value_of_entry(key, values, is_list=of_studies[key])
        else:
            known = [*of_studies, *of_pipeline]
            raise StudyError(f"--set {key!r} is unknown; {closest_and_known(key, known)}")
    return entries, sweep


def _values_of_pipeline_entry(key: str, values: Sequence[Any]) -> list[Any]:
    """The values of an entry of the pipeline's configuration.

    The word "model" stands for the model's value, if the entry has such a default.
    """
    has_model_value = PLAIN.entries()[key] is None
    return [None if value == "model" and has_model_value else value for value in values]


def _split_at_commas(text: str) -> list[str]:
    """Split a text at the commas that are in no brackets."""
    parts, depth = [""], 0
    for character in text:
        depth += (character == "[") - (character == "]")
        if character == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += character
    return parts


def _parse_value(text: str) -> Any:
    """The value of a text in TOML; a text that is not TOML stands for itself."""
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text.strip()


def _value_of_entry(key: str, values: list[Any], is_list: bool) -> Any:
    if is_list:
        return values[0] if len(values) == 1 and isinstance(values[0], list) else values
    if len(values) > 1:
        raise StudyError(
            f"--set {key} takes one value; only entries of the pipeline make a sweep: "
            f"{', '.join(PLAIN.entries())}"
        )
    return values[0]


def _with_sweep(study: Study, sweep: Sweep) -> Study:
    """The study with each variant repeated for all combinations of the values. Few values add no rows."""
    if study.is_of_fields:
        raise StudyError(f"study {study.name} has no pipeline, so {', '.join(sweep)} has no effect")
    combinations = [dict(zip(sweep, values, strict=True)) for values in product(*sweep.values())]
    if len(combinations) == 1:
        study = replace(study, strategy=study.strategy.replace(**combinations[0]))
        if not study.variants:
            return study
    declared = study.variants or (Variant("", study.strategy),)
    named = len(combinations) > 1
    return replace(
        study,
        variants=tuple(
            _changed_variant(variant, values, named)
            for values in combinations
            for variant in declared
        ),
    )


def _changed_variant(variant: Variant, values: Mapping[str, Any], named: bool) -> Variant:
    """The variant with other values. With another strategy it is no row of the paper any more."""
    strategy = variant.strategy.replace(**values)
    added = [f"{key}={value}" for key, value in values.items()] if named else []

    def renamed(name: str) -> str:
        return ", ".join(filter(None, [name, *added]))

    return replace(
        variant,
        name=renamed(variant.name),
        against=None if variant.against is None else renamed(variant.against),
        strategy=strategy,
        paper=variant.paper if strategy == variant.strategy else None,
        own_linkage=variant.own_linkage or "linkage" in values,
        declared_name=variant.name if named else "",
    )


def _with_method(study: Study, name: str, option: str = "--backend") -> Study:
    """The study with one more method, which ``option`` names.

    Raises ``StudyError`` for an unknown name, and ``BackendUnavailable`` if "module:object" does not load.
    """
    _check_label(study, name, option)
    method = find_method(name)
    if not (method.linkages or method.find_instances):
        kind = BackendUnavailable if ":" in name else StudyError
        raise kind(f"{option} {name}: {method.reason}")
    if name in (study.reference, *study.backends, *study.third_party, *study.scored_alone):
        return study
    if method.find_instances:
        return replace(study, scored_alone=(*study.scored_alone, name))
    linkages = [linkage for linkage in study.linkages if linkage in method.linkages]
    if not linkages:
        raise StudyError(
            f"{option} {name} merges with linkage {' or '.join(method.linkages)} alone, study {study.name} "
            f"with {' and '.join(study.linkages)}; add --set linkages={method.linkages[0]}"
        )
    if study.is_of_fields and not method.exact_linkages:
        return replace(study, third_party=(*study.third_party, name))
    return replace(study, backends=(*study.backends, name))


def _check_label(study: Study, name: str, option: str) -> None:
    """Raise ``StudyError`` if the label in ``name`` is not a word, or is the name of another method."""
    label, sign, _ = name.partition(LABEL_SIGN)
    if not sign:
        return
    if not re.fullmatch(r"[A-Za-z0-9._-]+", label):
        raise StudyError(
            f"{option} {name}: write LABEL=module:object; a label has letters, digits, '.', '_' and '-'"
        )
    named = [*study.backends, *study.third_party, *study.scored_alone, study.reference]
    others = {shown_name(each) for each in named if each != name}
    if label in {*others, *methods_by_name()}:
        raise StudyError(f"{option} {name}: another method is named {label}; take another label")


def _name_of_label(study: Study, name: str) -> str:
    """The name of the backend of the study that has the label ``name``; ``name`` if there is none."""
    return next((each for each in study.backends if shown_name(each) == name), name)


def _with_baseline(study: Study, name: str) -> Study:
    """The study whose times are divided by those of a method, which is measured too; also its fields."""
    if find_method(name).find_instances:
        raise StudyError(f"--baseline {name}: is scored but not timed; name a backend")
    if name not in study.timed_methods:
        study = _with_method(study, name, "--baseline")
    beside = study.field_study and _with_baseline(study.field_study, name)
    return replace(study, baseline=name, field_study=beside)


def name_of_report(changes: StudyChanges, limit: int | None) -> str:
    """The name of the folder of a report. A changed study does not replace the report of the whole study."""
    named = {
        "with": changes.backends,
        "set": changes.settings,
        "only": changes.only,
        "skip": changes.skip,
        "rounds": (changes.rounds,),
        "timeout": (changes.timeout,),
        "memory": (changes.memory,),
        "baseline": (changes.baseline,),
        "limit": (limit,),
    }
    parts = [
        f"{name}-{value}"
        for name, values in named.items()
        for value in values
        if value not in (None, "")
    ]
    name = re.sub(r"[^A-Za-z0-9=._-]+", "-", "-".join(["report", *parts]))
    if len(name) <= LONGEST_NAME:
        return name
    return f"{name[:LONGEST_NAME]}-{json_digest(parts)[:8]}"
