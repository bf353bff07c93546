"""Mutants that are right only at times, or that crash, hang or change their input."""

import ctypes
import os
import random
import sys
import time
from concurrent.futures import ThreadPoolExecutor

from example_backend.merge import Merge, merge

from mutants import mutant


def first_thread_wins(problem, threads=1):
    """Each thread finds the heaviest edge of its share; of equally heavy ones the first wins."""
    with ThreadPoolExecutor(threads) as pool:
        return SharedSearch(problem, threads, pool).run()


class SharedSearch(Merge):
    """Right with one thread."""

    def __init__(self, problem, threads, pool):
        super().__init__(problem)
        self.threads, self.pool = threads, pool

    def heaviest(self):
        candidates = list(self.best.values())
        shares = [candidates[thread :: self.threads] for thread in range(self.threads)]
        found = self.pool.map(max, filter(None, shares))
        return max(found, key=lambda candidate: candidate.rank[0])


@mutant
class unsteady(Merge):
    """Of equally heavy edges a random one goes first."""

    def rank(self, weight, a, b):
        return weight, random.random()


_problem = None


def global_problem(problem):
    """The problem is kept in a global variable, which another thread may overwrite."""
    global _problem
    _problem = problem
    time.sleep(0.001)
    return merge(_problem)


@mutant
class keeps_history(Merge):
    """The history begins with that of the problems before."""

    kept = []

    def __init__(self, problem):
        super().__init__(problem)
        self.history = self.kept


def modifies_input(problem):
    """The merge is right; afterwards the first affinity is another."""
    result = merge(problem)
    if problem.affinities.size:
        ctypes.c_uint16.from_address(problem.affinities.ctypes.data).value ^= 1
    return result


def refuses_3d(problem):
    """Grids of three axes are declared, but not implemented."""
    if len(problem.shape) == 3:
        raise NotImplementedError("three axes")
    return merge(problem)


@mutant
class crashes(Merge):
    """Under "weighted", two equally heavy edges that become one crash the process."""

    def joined(self, one, other):
        if self.problem.linkage == "weighted" and one.weight == other.weight:
            os.abort()
        return super().joined(one, other)


@mutant
class leaves(Merge):
    """Under "weighted", two equally heavy edges that become one end the process with exit code 0."""

    def joined(self, one, other):
        if self.problem.linkage == "weighted" and one.weight == other.weight:
            sys.exit(0)
        return super().joined(one, other)


@mutant
class hangs(Merge):
    """An edge that weighs exactly the threshold makes the merge hang."""

    def reaches(self, weight, threshold):
        while weight == threshold:
            time.sleep(1)
        return weight > threshold
