"""The simulation of a class on many machines: nothing is lost, nothing comes for free."""

from __future__ import annotations

import math
import random

import pytest

from bench.fleet import Fleet, drawn, simulate

MEASURED_S = (11.5, 19.3, 24.0, 60.25)


@pytest.mark.parametrize("seed", range(30))
@pytest.mark.parametrize("fails_every_s", [100.0, 1000.0, math.inf])
def test_every_submission_ends_exactly_once(fails_every_s: float, seed: int) -> None:
    service_s = drawn(MEASURED_S, 200, seed)
    fleet = Fleet(nodes=5, workers=2, fails_every_s=fails_every_s, repair_s=50)
    outcome = simulate(service_s, fleet, seed)
    assert list(outcome.ended) == [1] * 200
    assert outcome.lost == 0
    assert outcome.useful_s == sum(service_s)
    assert (outcome.retries > 0) == (outcome.wasted_s > 0)
    assert outcome.retries == 0 or fails_every_s < math.inf
    spent_s = outcome.useful_s + outcome.wasted_s
    assert spent_s <= fleet.nodes * fleet.workers * outcome.makespan_s * (1 + 1e-9)


@pytest.mark.parametrize("seed", range(200))
def test_failures_never_shorten(seed: int) -> None:
    chance = random.Random(seed)
    service_s = [chance.uniform(1, 100) for _ in range(chance.randint(1, 60))]
    nodes, workers = chance.randint(1, 6), chance.randint(1, 3)
    without = simulate(service_s, Fleet(nodes, workers))
    for fails_every_s in (2000, 500, 150):
        fleet = Fleet(nodes, workers, fails_every_s, repair_s=chance.choice((0.0, 5.0, 300.0)))
        assert simulate(service_s, fleet, seed).makespan_s >= without.makespan_s * (1 - 1e-12)


def test_more_failures_take_longer_in_the_mean() -> None:
    service_s = drawn(MEASURED_S, 300, 1)

    def mean_s(fails_every_s: float) -> float:
        fleet = Fleet(4, 2, fails_every_s, repair_s=120)
        return sum(simulate(service_s, fleet, seed).makespan_s for seed in range(20)) / 20

    assert mean_s(math.inf) < mean_s(2000) < mean_s(400) < mean_s(150)


def test_one_worker_without_failures_takes_the_sum() -> None:
    service_s = drawn(MEASURED_S, 50, 3)
    outcome = simulate(service_s, Fleet(1, 1))
    assert outcome.makespan_s == pytest.approx(sum(service_s))
    assert outcome.utilisation(Fleet(1, 1)) == pytest.approx(1)
    assert (outcome.retries, outcome.wasted_s) == (0, 0)


def test_a_failure_costs_what_was_begun_and_the_repair() -> None:
    fleet = Fleet(1, 1, fails_every_s=100, repair_s=7)
    outcome = simulate([60.0] * 20, fleet, seed=5)
    assert outcome.retries > 0
    assert outcome.makespan_s == pytest.approx(20 * 60 + outcome.wasted_s + 7 * outcome.retries)


def test_the_same_seed_gives_the_same() -> None:
    fleet = Fleet(3, 2, 200, 30)
    assert drawn(MEASURED_S, 9, 4) == drawn(MEASURED_S, 9, 4)
    assert simulate([20.0] * 99, fleet, 4) == simulate([20.0] * 99, fleet, 4)
    assert simulate([20.0] * 99, fleet, 4) != simulate([20.0] * 99, fleet, 5)


@pytest.mark.parametrize("wrong", [{"nodes": 0}, {"workers": 0}, {"fails_every_s": 0}, {"repair_s": -1}])
def test_a_fleet_that_cannot_be_is_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="no such fleet"):
        Fleet(**{"nodes": 1, "workers": 1, **wrong})


@pytest.mark.parametrize("service_s", [[], [0.0], [5.0, -1.0]])
def test_no_time_is_refused(service_s: list[float]) -> None:
    with pytest.raises(ValueError, match="some time"):
        simulate(service_s, Fleet(1, 1))
