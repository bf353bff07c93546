"""The glossary of an HTML page explains each known word that the page has, and no other."""

import re

import pytest

from bench.report.pages.glossary import WORDS, words_in


def names_in(text):
    return [word.name for word in words_in(text)]


def test_only_words_that_occur_are_explained():
    assert names_in("") == []
    assert names_in("AP50 of `heap` on crops") == ["AP50", "heap", "crops"]
    assert "c" not in names_in("r_c, a C compiler") and "c" in names_in("`c` (2 threads)")


def test_the_version_of_a_library_is_not_the_backend():
    assert names_in("python 3.11.7, numba 0.68.1") == [] and names_in("`numba`") == ["numba"]


def test_model_scenes_and_the_images_are_two_words():
    assert names_in("model scenes") == ["model scenes"]
    assert names_in("32 images of scenes val") == ["scenes"]


@pytest.mark.parametrize("word", WORDS, ids=lambda word: word.name)
def test_a_meaning_is_one_sentence(word):
    assert re.fullmatch(r"[A-Z0-9][^!?]*\.", word.meaning)
    assert not re.search(r"\. [A-Z]", word.meaning.replace("et al. ", ""))


def test_every_word_is_explained_once():
    assert len({word.name for word in WORDS}) == len(WORDS)
