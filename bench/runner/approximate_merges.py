"""Which records are of approximate merges, and which of methods that merge nothing."""

from bench.methods.method import unversioned_name
from bench.methods.sorting_floor import RADIX_SORT, SORT
from bench.runner.record import Record


def is_approximate_merge(record: Record) -> bool:
    """Whether a record is of a merge whose results may differ from those that the contract demands.

    Oracles and connected components, which have no times, are not approximate merges, and the sorting of all
    edges of a field is not one, because it merges nothing.
    """
    is_timed = any(image.seconds for image in record.images)
    merges = is_timed and not merges_nothing(record)
    return bool(record.computes) and (merges or record.state != "done")


def merges_nothing(record: Record) -> bool:
    """Whether a record is of a method of fields that makes no segments, such as the sorting of all edges.

    A field without edges shows this of no method, so there the sorts of this benchmark are known by name.
    """
    timed = [image for image in record.images if image.seconds]
    if not record.computes or not record.is_of_fields or any(image.merges for image in timed):
        return False
    is_sort = unversioned_name(record.cell.backend) in (SORT.name, RADIX_SORT.name)
    return any(image.edges or is_sort for image in timed)
