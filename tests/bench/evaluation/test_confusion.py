import numpy as np

from bench.evaluation.confusion import confusion_shares, count_confusion, suggest_super_classes
from bench.types import VOID_CLASS

TRUTH = np.array([[0, 1, 1, 1, VOID_CLASS], [2, 2, 3, 3, VOID_CLASS]], dtype=np.uint8)
FOUND = np.array([[0, 1, 1, 2, 3], [2, 2, 3, 0, 1]])


def test_the_confusion_counts_pixels_by_true_class_without_void():
    counts = count_confusion(TRUTH, FOUND, 4)
    expected = np.zeros((5, 5), dtype=int)
    expected[0, 0] = expected[1, 2] = expected[3, 3] = expected[3, 0] = 1
    expected[1, 1] = expected[2, 2] = 2
    assert counts.tolist() == expected.tolist()


def test_shares_are_relative_to_the_annotated_class():
    found = confusion_shares(count_confusion(TRUTH, FOUND, 4))
    assert found[1].tolist() == [0, 2 / 3, 1 / 3, 0, 0]
    assert np.isnan(found[4]).all(), "no pixel is annotated with this class"


def test_confused_classes_form_super_classes():
    confusion = np.diag([100, 100, 100, 100, 100])
    confusion[1, 2] = confusion[4, 2] = 5
    confusion[3, 0] = 50
    names = ["a", "b", "c", "d"]
    assert suggest_super_classes(confusion, names) == [("a", "b", "d"), ("c",)]
    assert suggest_super_classes(confusion, names, min_share=0.2) == [
        ("a",),
        ("b",),
        ("c",),
        ("d",),
    ]
