import numpy as np

from models.image_preprocessing import stretch_contrast


def test_stretching_makes_dark_and_bright_exposures_alike():
    picture = np.random.default_rng(0).random((64, 64, 3))
    dark, bright = ((picture * top).astype(np.uint8) for top in (60, 250))
    difference = stretch_contrast(dark).astype(int) - stretch_contrast(bright)
    assert abs(difference).max() <= 8
    assert stretch_contrast(dark).max() == 255 and stretch_contrast(dark).min() == 0


def test_stretching_keeps_the_ratio_of_colours():
    picture = np.zeros((8, 8, 3), np.uint8)
    picture[..., 0], picture[..., 1] = 100, 60
    assert stretch_contrast(picture)[0, 0].tolist() == [255, 153, 0]


def test_stretching_accepts_empty_and_one_colour_images():
    assert stretch_contrast(np.full((4, 4, 3), 90, np.uint8)).max() == 0
    assert stretch_contrast(np.zeros((0, 4, 3), np.uint8)).shape == (0, 4, 3)
