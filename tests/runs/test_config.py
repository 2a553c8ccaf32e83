"""Order, shifts and learning rate follow from the recipe and the position alone."""

import json
import math
from dataclasses import asdict, fields

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from capsnet_tutorial import CapsNet
from capsnet_tutorial.records import to_json
from capsnet_tutorial.runs.config import (
    TrainConfig,
    fast_precision,
    learning_rates,
    order_of,
    shifts_of,
    turns_of,
)

N = 53


def test_every_epoch_takes_each_example_once_in_an_order_of_its_own():
    orders = [order_of(TrainConfig(), epoch, N) for epoch in range(5)]
    for order in orders:
        assert order.sort().values.tolist() == list(range(N))
    assert len({tuple(order.tolist()) for order in orders}) == 5


def test_order_and_shifts_depend_on_seed_and_epoch_and_nothing_else():
    torch.manual_seed(1)
    first = order_of(TrainConfig(seed=3), 2, N), shifts_of(TrainConfig(seed=3), 2, N)
    torch.manual_seed(2)
    again = TrainConfig(seed=3, preset="tiny", lr=0.1, batch_size=7)
    assert torch.equal(order_of(again, 2, N), first[0])
    assert torch.equal(shifts_of(again, 2, N), first[1])
    assert not torch.equal(order_of(TrainConfig(seed=4), 2, N), first[0])
    assert not torch.equal(shifts_of(TrainConfig(seed=4), 2, N), first[1])


def test_turns_go_both_ways_and_depend_on_seed_and_epoch_alone():
    config = TrainConfig(max_turn=30.0, seed=3)
    turns = turns_of(config, 2, 2000)
    assert -30 <= turns.min() < -29 < 29 < turns.max() <= 30
    assert abs(turns.mean()) < 1.5
    assert torch.equal(turns, turns_of(config, 2, 2000))
    assert not torch.equal(turns, turns_of(config, 3, 2000))
    assert turns_of(TrainConfig(), 0, N).count_nonzero() == 0


@pytest.mark.parametrize("max_shift", [0, 1, 2])
def test_shifts_take_every_value_down_and_right_by_themselves(max_shift):
    down, right = shifts_of(TrainConfig(max_shift=max_shift), 0, 2000)
    pairs = set(zip(down.tolist(), right.tolist(), strict=True))
    values = range(-max_shift, max_shift + 1)
    assert pairs == {(y, x) for y in values for x in values}


def test_all_shifts_moves_each_example_every_way_once_in_25_epochs():
    config = TrainConfig(all_shifts=True)
    for cycle in range(2):
        moves = torch.stack(
            [shifts_of(config, 25 * cycle + epoch, N) for epoch in range(25)]
        )
        for example in range(N):
            assert len({tuple(move) for move in moves[:, :, example].tolist()}) == 25
    assert not torch.equal(shifts_of(config, 0, N), shifts_of(config, 25, N))


def rates(config, n_steps):
    optimizer = torch.optim.Adam([torch.nn.Parameter(torch.zeros(1))], lr=config.lr)
    schedule = learning_rates(config, optimizer, n_steps)
    for _ in range(n_steps - 1):
        yield optimizer.param_groups[0]["lr"]
        optimizer.step()
        schedule.step()
    yield optimizer.param_groups[0]["lr"]


def test_exponential_rate_falls_by_4_percent_in_2000_steps_without_stairs():
    seen = list(rates(TrainConfig(), 2001))
    assert seen[0] == 0.001
    assert seen[1000] == pytest.approx(0.001 * math.sqrt(0.96))
    assert seen[2000] == pytest.approx(0.00096)


def test_exponential_rate_has_the_floor_of_the_authors_code():
    assert list(rates(TrainConfig(lr=1.0001e-6), 20))[-1] == pytest.approx(1e-6)


def test_one_cycle_rises_to_the_highest_rate_and_falls_to_almost_nothing():
    seen = list(rates(TrainConfig(schedule="one-cycle", lr=0.002), 100))
    assert max(seen) == pytest.approx(0.002)
    assert seen.index(max(seen)) == 29
    assert seen[0] == pytest.approx(0.002 / 25)
    assert seen[-1] < 1e-8


def test_switches_of_the_authors_code_reach_the_network():
    config = TrainConfig(preset="tiny", primary_scale=True, class_bias=True)
    network = CapsNet(config.model_config())
    assert network.primary_caps.scale == 1 / 8
    assert network.class_caps.bias.shape == (10, 16)
    plain = CapsNet(TrainConfig(preset="tiny").model_config())
    assert plain.primary_caps.scale == 1
    assert plain.class_caps.bias is None


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"preset": "huge"}, "preset is 'huge'; pass one of paper, small, tiny"),
        ({"data": "auto"}, "data is 'auto'; pass one of full, mini"),
        ({"split": "test"}, "split is 'test'; pass one of train, trainval"),
        ({"schedule": "stairs"}, "schedule is 'stairs'"),
        ({"precision": "half"}, "precision is 'half'"),
        ({"epochs": 0}, "epochs is 0; pass a whole number from 1 to 100,000"),
        ({"batch_size": 0}, "batch_size is 0"),
        ({"max_shift": -1}, "max_shift is -1; pass a whole number from 0"),
        ({"seed": -1}, "seed is -1"),
        ({"lr": 0.0}, "lr is 0.0; pass a number from 1e-12"),
        ({"lr": float("nan")}, "lr is nan; pass a number"),
        ({"lr": float("inf")}, "lr is inf; pass a number"),
        ({"lr": "fast"}, "lr is 'fast'; pass a number"),
        (
            {"reconstruction_weight": -1.0},
            "reconstruction_weight is -1.0; pass a number",
        ),
        ({"epochs": 1.5}, "epochs is 1.5; pass a whole number"),
        ({"epochs": True}, "epochs is True; pass a whole number"),
        ({"epochs": 10**400}, "pass a whole number from 1 to 100,000"),
        ({"max_shift": 15}, "max_shift is 15; pass at most half of an image, 14"),
        ({"max_turn": math.inf}, "max_turn is inf; pass a number from 0 to 180"),
        ({"max_turn": -1.0}, "max_turn is -1.0; pass a number from 0 to 180"),
        ({"all_shifts": "no"}, "all_shifts is 'no'; pass a bool"),
    ],
)
def test_a_wrong_recipe_says_what_to_pass(as_users_run_it, wrong, message):
    with pytest.raises(ValueError, match=message):
        TrainConfig(**wrong)


ANY = st.one_of(
    st.integers(),
    st.floats(),
    st.text(max_size=3),
    st.booleans(),
    st.none(),
    st.lists(st.integers(), max_size=2),
)


@pytest.mark.parametrize("name", [field.name for field in fields(TrainConfig)])
@given(value=ANY)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_value_is_taken_as_it_is_or_refused_with_a_sentence(
    as_users_run_it, record_property, name, value
):
    record_property("trials", 1)
    try:
        config = TrainConfig(**{name: value})
    except ValueError as error:
        assert str(error).startswith("TrainConfig: ")  # noqa: PT017
        return
    kept = getattr(config, name)
    assert kept == (tuple(value) if isinstance(value, list) else value)
    assert TrainConfig(**json.loads(to_json(asdict(config)))) == config


def test_numbers_of_numpy_are_kept_as_plain_ones(as_users_run_it):
    config = TrainConfig(epochs=np.int64(3), lr=np.float32(0.5))
    assert (type(config.epochs), type(config.lr)) == (int, float)


def test_a_rate_below_the_floor_is_not_raised_to_it():
    assert list(rates(TrainConfig(lr=1e-9), 20))[-1] == pytest.approx(1e-9)


def test_half_precision_only_where_the_processor_has_it(monkeypatch):
    for has_it, expected in ((True, "bfloat16"), (False, "float32")):
        capabilities = {"amx_bf16": has_it}
        monkeypatch.setattr(
            torch.cpu, "get_capabilities", lambda c=capabilities: c, raising=False
        )
        assert fast_precision(cpu=True) == expected
