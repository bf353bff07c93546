"""Select parts of a study: methods, linkages, rows of the table, and groups of graphs, by patterns.

A pattern such as ``c``, ``PAR*`` or ``hubs`` selects among the names of each kind. A kind in which no pattern
matches a name is left complete. A row that ``--set`` has renamed has its old name, too. References and the
baseline are always kept, because all results and times are compared with theirs, and so are the methods that
--backend names.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from itertools import product

from bench.methods.all_methods import closest_and_known
from bench.runner.study import Study, Variant
from bench.runner.study_file import StudyError
from merge_impls.text_formats import quoted_names

Keeps = Callable[..., bool]
"""Whether something with this name is selected. A row that a sweep has renamed has two names."""


def select(
    study: Study, only: Sequence[str], skip: Sequence[str], always: Sequence[str] = ()
) -> Study:
    """The study with the names that match ``only``, if any are given, and none that match ``skip``.

    Several patterns may stand in one text, separated by commas. always: methods that are kept.
    Raises ``StudyError`` for a pattern that matches no name, and if nothing is left.
    """
    kinds = _names_by_kind(study)
    known = list(dict.fromkeys(name for names in kinds.values() for name in names if name))
    only, skip = _split(only, known), _split(skip, known)
    for pattern in (*only, *skip):
        if not any(fnmatchcase(name, pattern) for name in known):
            raise StudyError(
                f"{pattern!r} matches nothing in study {study.name}: {closest_and_known(pattern, known)}"
            )
    kept = (*always, *filter(None, study.references))
    keeps = {kind: _selection(names, only, skip, kept) for kind, names in kinds.items()}
    selected = _selected_study(study, keeps)
    if study.field_study:
        selected = replace(selected, field_study=_selected_field_study(study.field_study, keeps))
    has_problems = selected.fields.groups if study.is_of_fields else selected.images
    if not (selected.linkages and has_problems and _has_methods(selected)):
        raise StudyError(f"nothing of study {study.name} is selected; it has {quoted_names(known)}")
    return selected


def _split(texts: Sequence[str], known: Sequence[str]) -> list[str]:
    """The patterns in texts. A text that matches a name is one pattern, because names may have commas."""
    patterns: list[str] = []
    for text in texts:
        is_pattern = any(fnmatchcase(name, text) for name in known)
        patterns += [text] if is_pattern else map(str.strip, text.split(","))
    return patterns


def _selected_field_study(study: Study, keeps: dict[str, Keeps]) -> Study | None:
    """What is selected of the fields beside images; None for nothing."""
    selected = _selected_study(study, keeps)
    has_methods = selected.backends or selected.third_party
    return selected if selected.fields.groups and selected.linkages and has_methods else None


def _names_by_kind(study: Study) -> dict[str, list[str]]:
    """The names of methods, linkages, rows and groups of graphs, those of fields beside images included."""
    names = _names_without_field_study(study)
    of_fields = _names_by_kind(study.field_study) if study.field_study else {}
    return {kind: [*each, *of_fields.get(kind, [])] for kind, each in names.items()}


def _names_without_field_study(study: Study) -> dict[str, list[str]]:
    third_party = [each.third_party for each in study.variants if each.third_party]
    methods = [
        study.reference,
        *study.backends,
        *study.third_party,
        *study.scored_alone,
        *third_party,
    ]
    return {
        "methods": methods,
        "linkages": list(study.linkages),
        "rows": [name for variant in study.variants for name in _names_of_row(variant)],
        "groups": list(study.fields.groups) if study.is_of_fields else [],
    }


def _selection(
    names: Sequence[str], only: Sequence[str], skip: Sequence[str], always: Sequence[str]
) -> Keeps:
    """The names of one kind that are selected."""
    wanted = [pattern for pattern in only if any(fnmatchcase(name, pattern) for name in names)]

    def matches(names: Sequence[str], patterns: Sequence[str]) -> bool:
        return any(fnmatchcase(*pair) for pair in product(names, patterns))

    def keeps(*names: str) -> bool:
        chosen = not wanted or matches(names, wanted)
        return names[0] in always or (chosen and not matches(names, skip))

    return keeps


def _selected_study(study: Study, keeps: dict[str, Keeps]) -> Study:
    method, linkage = keeps["methods"], keeps["linkages"]
    backends = tuple(filter(method, study.backends))
    source = study.source
    if study.is_of_fields:
        noises, families = (
            tuple(filter(keeps["groups"], names))
            for names in (study.fields.noises, study.fields.families)
        )
        source = replace(study.fields, noises=noises, families=families)
    measured = {study.reference, *backends, *filter(method, study.third_party)}
    return replace(
        study,
        source=source,
        backends=backends,
        linkages=tuple(filter(linkage, study.linkages)),
        third_party=tuple(filter(method, study.third_party)),
        scored_alone=tuple(filter(method, study.scored_alone)),
        scaled=tuple(name for name in study.scaled if name in backends),
        variants=tuple(
            each for each in study.variants if _keeps_variant(each, keeps, bool(backends))
        ),
        goals=tuple(
            goal
            for goal in study.goals
            if all(one.backend in measured and linkage(one.linkage) for one in goal.methods)
        ),
    )


def _keeps_variant(variant: Variant, keeps: dict[str, Keeps], has_backends: bool) -> bool:
    kept = keeps["rows"](*_names_of_row(variant))
    if variant.third_party:
        return kept and keeps["methods"](variant.third_party)
    return has_backends and kept


def _names_of_row(variant: Variant) -> list[str]:
    """The name of a row and, if a sweep has renamed it, the name in the study's TOML."""
    return list(filter(None, [variant.name, variant.declared_name])) or [""]


def _has_methods(study: Study) -> bool:
    return bool(study.backends or study.third_party or study.scored_alone or study.variants)
