"""Mutants that crash, hang, change their input, or are only sometimes wrong."""

import ctypes
import os
import random
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

from example_backend.merge import Merge, merge

from mutants import mutant


def first_thread_wins_ties(problem, threads=1):
    """Threads search for the heaviest edge; of equally heavy ones, that of the first thread merges."""
    with ThreadPoolExecutor(threads) as pool:
        return SharedSearch(problem, threads, pool).run()


class SharedSearch(Merge):
    """Each thread searches a part of the edges. With one thread the result is right."""

    def __init__(self, problem, threads, pool):
        super().__init__(problem)
        self.threads, self.pool = threads, pool

    def heaviest_edge(self):
        candidates = list(self.best_edges.values())
        shares = [candidates[thread :: self.threads] for thread in range(self.threads)]
        found = self.pool.map(max, filter(None, shares))
        return max(found, key=lambda candidate: candidate.rank[0])


@mutant
class breaks_ties_at_random(Merge):
    """Of equally heavy edges, a random one merges first."""

    def rank(self, weight, a, b):
        return weight, random.random()


_problem = None


def shares_problem_between_threads(problem):
    """The problem is stored in a global variable, which another thread may overwrite."""
    global _problem
    _problem = problem
    in_main_thread = threading.current_thread() is threading.main_thread()
    end = time.monotonic() + 1
    while not in_main_thread and _problem is problem and time.monotonic() < end:
        time.sleep(0.001)
    return merge(_problem)


@mutant
class keeps_history_of_earlier_problems(Merge):
    """The history begins with the merges of all problems before."""

    kept = []

    def __init__(self, problem):
        super().__init__(problem)
        self.history = self.kept


def modifies_input(problem):
    """The result is right, but the merge changes the first affinity of its input."""
    result = merge(problem)
    if problem.affinities.size:
        ctypes.c_uint16.from_address(problem.affinities.ctypes.data).value ^= 1
    return result


def refuses_3d(problem):
    """3-D grids are declared but not implemented."""
    if len(problem.shape) == 3:
        raise NotImplementedError("three axes")
    return merge(problem)


@mutant
class crashes_on_equal_weights(Merge):
    """With linkage "weighted", joining two equally heavy edges crashes the process."""

    def join_edges(self, one, other):
        if self.problem.linkage == "weighted" and one.weight == other.weight:
            os.abort()
        return super().join_edges(one, other)


@mutant
class exits_with_code_0(Merge):
    """With linkage "weighted", joining two equally heavy edges ends the process with exit code 0."""

    def join_edges(self, one, other):
        if self.problem.linkage == "weighted" and one.weight == other.weight:
            sys.exit(0)
        return super().join_edges(one, other)


@mutant
class hangs_at_threshold(Merge):
    """The merge hangs at an edge whose weight equals the threshold."""

    def reaches_threshold(self, weight, threshold):
        while weight == threshold:
            time.sleep(1)
        return weight > threshold
