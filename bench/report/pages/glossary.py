"""The words that an HTML page explains in one sentence each: only those that occur on the page."""

import re
from typing import NamedTuple


class Word(NamedTuple):
    """A word of reports: its name, the regular expression of its occurrences, and what it means."""

    name: str
    pattern: str
    meaning: str


WORDS = (
    Word(
        "the paper",
        r"\bthe paper\b",
        "Liu et al., “Affinity Derivation and Graph Merge for Instance Segmentation”, ECCV 2018.",
    ),
    Word(
        "AP",
        r"\bAP\b",
        "Average precision from 0 to 1, as the Cityscapes benchmark defines it: the mean over the classes "
        "and over the overlaps (IoU) 0.5, 0.55, ..., 0.95.",
    ),
    Word("AP50", r"\bAP50\b", "AP at the overlap (IoU) 0.5 alone."),
    Word(
        "IoU",
        r"\bIoU\b",
        "The overlap of two segments: their common pixels divided by the pixels of either.",
    ),
    Word(
        "affinity",
        r"\baffinit(y|ies)\b",
        "The probability that a pixel and one of its neighbours belong to the same object.",
    ),
    Word(
        "merge",
        r"\bmerges?\b",
        "The graph merge of the paper's Algorithm 1: it joins pixels to segments, heaviest edge first, down "
        "to a threshold.",
    ),
    Word(
        "stage",
        r"\bstages?\b",
        "A part of the merge that adds the edges of longer distances, with a threshold of its own.",
    ),
    Word(
        "vertices",
        r"\bvertices\b",
        "The parts of a graph that the merge joins: pixels, or windows of pixels after forced local merge.",
    ),
    Word(
        "edges",
        r"\bedges\b",
        "The pairs of vertices that have an affinity, at all distances of the offsets.",
    ),
    Word(
        "regions",
        r"\bregions\b",
        "The parts of an image that have a graph each: the whole image, or its regions of interest (RoIs).",
    ),
    Word(
        "linkage",
        r"\blinkage\b",
        "The rule for the weight of an edge after two segments were joined.",
    ),
    Word(
        "average",
        r"\baverage\b",
        "The linkage that takes the mean of all affinities between the pixels of two segments.",
    ),
    Word(
        "weighted",
        r"\bweighted\b",
        "The linkage that takes the mean of the weights of the two edges that become one.",
    ),
    Word("single", r"\bsingle linkage\b", "The linkage that takes the larger of the two weights."),
    Word(
        "backend",
        r"\bbackend\b",
        "An implementation of the merge; exact backends give the same result, bit for bit.",
    ),
    Word(
        "method",
        r"\bmethods?\b",
        "Anything that makes segments and is measured: a backend, the function of another library, or a "
        "simple way such as connected components.",
    ),
    Word(
        "networkx",
        r"\bnetworkx\b",
        "The backend that follows Algorithm 1 on a networkx graph, in Python: simple and slow.",
    ),
    Word(
        "heap",
        r"\bheap\b",
        "The backend that follows Algorithm 1 with a heap and a hash map, in C.",
    ),
    Word(
        "c", r"\bc\b", "The fast backend in C, which merges in another order with the same result."
    ),
    Word(
        "numba", r"\bnumba\b(?! \d)", "The algorithm of the backend c in Python, compiled by numba."
    ),
    Word(
        "reference",
        r"\breference\b",
        "The backend whose results those of all exact backends must equal, bit for bit; “compared, bit for "
        "bit, with” in the values of a row names it.",
    ),
    Word(
        "baseline",
        r"\bbaseline\b",
        "The backend whose time the speeds of all others are divided by.",
    ),
    Word(
        "maps",
        r"\bmaps\b",
        "Whole images: the merge of all pixels of an image, in contrast to crops.",
    ),
    Word(
        "crops",
        r"\bcrops\b",
        "One rectangle of each image, for a method that is slow on whole images; crops of 8x16 are 8 "
        "pixels high and 16 pixels wide.",
    ),
    Word(
        "cell",
        r"\bcells?\b",
        "One backend with one linkage on one set of images or graphs, in one row of a study with rows; a "
        "cell has one record.",
    ),
    Word(
        "record",
        r"\brecords?\b",
        "The measurements of one cell, as the file of a run contains them.",
    ),
    Word(
        "scenes",
        r"(?<!model )\bscenes\b",
        "Generated images of streets, whose annotation is exact.",
    ),
    Word(
        "model scenes",
        r"\bmodel scenes\b",
        "Two small networks that were trained on the generated images of streets.",
    ),
    Word(
        "truth",
        r"\btruth\b",
        "A method that reads the annotation in place of the networks' predictions; its AP is a ceiling.",
    ),
    Word(
        "PAR",
        r"\bPAR\b",
        "Pixel affinity refinement (section 4.2): affinities times class similarity.",
    ),
    Word(
        "RR",
        r"\bRR\b",
        "Resizing of regions of interest (section 4.3): low regions are enlarged for the networks.",
    ),
    Word(
        "FLM",
        r"\bFLM\b",
        "Forcing local merge (section 4.4): windows of m x m pixels are merged first; “FLM 2” has m = 2.",
    ),
    Word(
        "SCP",
        r"\bSCP\b",
        "Semantic class partition (section 4.5): each group of similar classes has its own regions.",
    ),
    Word(
        "SHF",
        r"\bSHF\b",
        "Semantic horizontal flip (section 5.3): the classes are means over the image and its mirror image.",
    ),
    Word(
        "IHF",
        r"\bIHF\b",
        "Instance horizontal flip (section 5.3): affinities are means over the image and its mirror image.",
    ),
    Word(
        "SCR",
        r"\bSCR\b",
        "Semantic class refinement (section 5.3): far affinities decide between motorcycle and bicycle.",
    ),
    Word(
        "strides",
        r"\bstrides?\b",
        "Output strides: the pixels of the image in each direction for one output of a network; that of the "
        "semantic network first, then that of the affinity network.",
    ),
    Word("bare", r"\bbare\b", "The row without any of the paper's strategies."),
    Word("r_c", r"\br_c\b", "A segment is an object if it has more than r_c pixels (section 3.4)."),
    Word(
        "field",
        r"\bfields?\b",
        "Generated affinities of a street without an image and without networks.",
    ),
    Word(
        "mild and strong noise",
        r"\b(mild|strong) noise\b",
        "Two qualities of generated affinities: strong noise stands for a worse network.",
    ),
    Word(
        "quartiles",
        r"\bquartiles\b",
        "The spread of the measurements: half of them lie between the two numbers.",
    ),
    Word(
        "95% interval",
        r"95%",
        "The uncertainty of a mean, of a ratio or of a change of AP, over the images or rounds alone and not "
        "over trainings of networks: 95% of redrawn sets of images or rounds give a value in it.",
    ),
    Word(
        "A/A",
        r"\bA/A\b",
        "A measurement of one backend against itself, in two processes.",
    ),
    Word(
        "noise floor",
        r"\bnoise floor\b",
        "The difference of time that an A/A measurement shows; smaller differences mean nothing.",
    ),
    Word("exact", r"\bexact\b", "An exact result equals that of the reference, bit for bit."),
    Word(
        "approximate",
        r"\bapproximate\b",
        "An approximate result may differ from that of the reference; a row with forced local merge (FLM) "
        "approximates an exact merge of all pixels without FLM.",
    ),
    Word(
        "adjusted Rand",
        r"\badjusted Rand\b",
        "The agreement of two segmentations over pairs of pixels: 1 for equal ones, about 0 by chance.",
    ),
    Word(
        "front",
        r"\bfront\b",
        "The methods that no other method beats in both AP and time (the Pareto front).",
    ),
)
"""All words that reports explain, in the order of a page."""


def words_in(text: str) -> list[Word]:
    """Those of ``WORDS`` that occur in ``text``."""
    return [word for word in WORDS if re.search(word.pattern, text)]
