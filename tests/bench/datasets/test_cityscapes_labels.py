from cityscapesscripts.helpers.labels import labels

from bench.datasets.cityscapes_labels import CLASS_IDS, CLASS_NAMES, LABELS, SUPER_CLASSES


def test_every_label_agrees_with_cityscapes():
    theirs = {
        label.name: (label.id, label.ignoreInEval, label.hasInstances, label.color)
        for label in labels
        if label.id >= 0
    }
    ours = {
        name: (label.id, label.ignored, label.has_instances, label.colour)
        for name, label in LABELS.items()
    }
    assert ours == theirs


def test_the_classes_are_those_whose_instances_cityscapes_evaluates():
    evaluated = [label for label in labels if label.hasInstances and not label.ignoreInEval]
    assert list(CLASS_NAMES) == [label.name for label in evaluated]
    assert list(CLASS_IDS) == [label.id for label in evaluated]


def test_every_class_is_in_one_super_class():
    assert sorted(name for group in SUPER_CLASSES for name in group) == sorted(CLASS_NAMES)
