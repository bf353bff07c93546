"""The schedule of a training: the output stride and the learning rate of each step."""

import numpy as np

from models.training.schedule_and_optimizer import Phase, Schedule


def test_phases_follow_each_other_at_their_strides():
    schedule = Schedule((Phase(3, 16), Phase(2, 8)), learning_rate=1.0, weight_decay=0, warmup=2)
    assert schedule.steps == 5
    assert [schedule.output_stride_at(step) for step in range(6)] == [16, 16, 16, 8, 8, 8]


def test_strides_of_a_phase_alternate_and_the_last_one_remains():
    schedule = Schedule((Phase(2, 16), Phase(5, (16, 8))), 1.0, weight_decay=0, warmup=2)
    strides = [schedule.output_stride_at(step) for step in range(9)]
    assert strides == [16, 16, 16, 8, 16, 8, 16, 8, 8]


def test_the_learning_rate_rises_then_falls_and_stays_positive():
    schedule = Schedule((Phase(60, 16), Phase(40, 8)), 2e-3, weight_decay=0, warmup=10)
    rates = [schedule.learning_rate_at(step) for step in range(100)]
    top = int(np.argmax(rates))
    assert 8 <= top <= 10 and rates[top] <= 2e-3
    assert all(np.diff(rates[: top + 1]) > 0) and all(np.diff(rates[top:]) < 0)
    assert rates[-1] > 0
