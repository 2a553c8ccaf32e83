"""Procedure 1.  Axis sizes are distinct primes: a swapped axis cannot pass."""

import math

import pytest
import reference
import torch
from hypothesis import given
from hypothesis import strategies as st

from capsnet_tutorial import DynamicRouter, squash

B, I, J, E = 2, 7, 3, 5  # noqa: E741  (the axis key's letters)


def random_votes(b=B, i=I, j=J, e=E, scale=1.0):
    return scale * torch.randn(b, i, j, e, dtype=torch.float64)


def last_step(votes, n_iters=3):
    *_, last = DynamicRouter(n_iters).steps(votes)
    return last


@given(
    st.integers(1, 5),
    st.integers(1, 4),
    st.integers(1, 4),
    st.integers(1, 4),
    st.integers(0, 99),
)
def test_matches_plain_loops(n_iters, i, j, e, seed):
    torch.manual_seed(seed)
    votes = random_votes(B, i, j, e)
    last = last_step(votes, n_iters)
    for b in range(B):
        expected = reference.route(votes[b].tolist(), n_iters)
        for ours, theirs in zip(
            (last.coupling, last.pose, last.agreement), expected, strict=True
        ):
            torch.testing.assert_close(
                ours[b], torch.tensor(theirs, dtype=torch.float64)
            )


@pytest.mark.parametrize("n_iters", [1, 2, 3])
def test_bias_of_the_authors_code_is_added_in_every_iteration(n_iters):
    votes, bias = random_votes(), torch.randn(J, E, dtype=torch.float64)
    *_, last = DynamicRouter(n_iters).steps(votes, bias)
    for b in range(B):
        _, pose, _ = reference.route(votes[b].tolist(), n_iters, bias.tolist())
        torch.testing.assert_close(
            last.pose[b], torch.tensor(pose, dtype=torch.float64)
        )
    torch.testing.assert_close(DynamicRouter(n_iters)(votes, bias), last.pose)


def test_two_children_worked_by_hand():
    """Parent 0 hears the same vote twice, parent 1 two opposite ones."""
    votes = torch.tensor([[[[1.0, 0.0], [0.0, 1.0]], [[1.0, 0.0], [0.0, -1.0]]]])
    first, second = DynamicRouter(2).steps(votes)
    torch.testing.assert_close(first.coupling, torch.full((1, 2, 2), 0.5))
    torch.testing.assert_close(first.pose, torch.tensor([[[0.5, 0.0], [0.0, 0.0]]]))
    torch.testing.assert_close(
        first.agreement, torch.tensor([[[0.5, 0.0], [0.5, 0.0]]])
    )
    share = math.exp(0.5) / (math.exp(0.5) + 1)  # the softmax of (0.5, 0)
    torch.testing.assert_close(second.coupling[0, 0], torch.tensor([share, 1 - share]))
    length = (2 * share) ** 2 / (1 + (2 * share) ** 2)
    torch.testing.assert_close(second.pose[0, 0], torch.tensor([length, 0.0]))


def test_forward_returns_the_last_pose():
    votes = random_votes()
    assert torch.equal(DynamicRouter(3)(votes), last_step(votes).pose)


def test_there_is_one_step_per_iteration():
    assert [len(list(DynamicRouter(r).steps(random_votes()))) for r in (1, 2, 5)] == [
        1,
        2,
        5,
    ]


def test_each_child_splits_one_vote_among_its_parents():
    seen = 0
    for step in DynamicRouter(4).steps(random_votes(scale=5)):
        torch.testing.assert_close(
            step.coupling.sum(dim=2), torch.ones(B, I, dtype=torch.float64)
        )
        assert not torch.allclose(
            step.coupling.sum(dim=1), torch.ones(B, J, dtype=torch.float64)
        )
        seen += 1
    assert seen == 4


def test_one_iteration_weighs_all_votes_alike():
    votes = random_votes()
    torch.testing.assert_close(DynamicRouter(1)(votes), squash(votes.sum(dim=1) / J))


def test_order_of_the_children_does_not_matter():
    votes, order = random_votes(), torch.randperm(I)
    torch.testing.assert_close(DynamicRouter()(votes[:, order]), DynamicRouter()(votes))


def test_permuted_parents_permute_the_poses():
    router, votes, order = DynamicRouter(), random_votes(), torch.tensor([2, 0, 1])
    torch.testing.assert_close(router(votes[:, :, order]), router(votes)[:, order])


def test_rotated_votes_rotate_the_poses():
    votes = random_votes()
    rotation, _ = torch.linalg.qr(torch.randn(E, E, dtype=torch.float64))
    torch.testing.assert_close(
        DynamicRouter()(votes @ rotation), DynamicRouter()(votes) @ rotation
    )


def test_examples_do_not_mix():
    votes = random_votes(b=5)
    alone = torch.cat([DynamicRouter()(one) for one in votes.split(1)])
    torch.testing.assert_close(DynamicRouter()(votes), alone)


def test_a_second_call_starts_from_zero_again():
    router, votes = DynamicRouter(), random_votes()
    assert torch.equal(router(votes), router(votes))
    assert not router.state_dict()


def test_agreeing_votes_win_and_keep_winning():
    """All children agree about parent 0 and scatter about the others."""
    votes = random_votes(i=11)
    votes[:, :, 0] = votes[:, :1, 0]
    couplings = [
        step.coupling[:, :, 0].mean().item() for step in DynamicRouter(5).steps(votes)
    ]
    assert couplings[0] == pytest.approx(1 / J)
    assert couplings == sorted(couplings)
    assert couplings[-1] > couplings[0] + 0.1


def test_gradients_reach_every_iteration():
    steps = list(DynamicRouter(3).steps(random_votes().requires_grad_()))
    reached = 0
    for step in steps[:-1]:
        (gradient,) = torch.autograd.grad(
            steps[-1].pose.sum(), step.agreement, retain_graph=True, allow_unused=True
        )
        assert gradient is not None
        assert gradient.abs().max() > 0
        reached += 1
    assert reached == 2


def test_gradient_matches_finite_differences():
    votes = random_votes(b=1, i=3, j=2, e=2).requires_grad_()
    assert torch.autograd.gradcheck(DynamicRouter(3), votes)


def test_zero_votes_have_finite_gradients():
    votes = torch.zeros(B, I, J, E, requires_grad=True)
    pose = DynamicRouter()(votes)
    pose.sum().backward()
    assert (pose == 0).all()
    assert votes.grad.isfinite().all()


@pytest.mark.parametrize("b", [0, 1])
def test_batches_of_none_and_one(b):
    assert DynamicRouter()(random_votes(b=b)).shape == (b, J, E)


@pytest.mark.usefixtures("as_users_run_it")
@pytest.mark.parametrize(
    ("n_iters", "error"),
    [(0, ValueError), (-1, ValueError), (2.0, TypeError), ("3", TypeError)],
)
def test_wrong_iterations_are_named(n_iters, error):
    with pytest.raises(error, match=f"n_iters is {n_iters!r}; pass"):
        DynamicRouter(n_iters)


@pytest.mark.usefixtures("as_users_run_it")
def test_wrong_votes_are_named():
    with pytest.raises(ValueError, match=r"\(7, 3, 5\); pass four axes"):
        DynamicRouter()(torch.randn(I, J, E))
    with pytest.raises(TypeError, match="int64; pass floating point"):
        DynamicRouter()(torch.ones(B, I, J, E, dtype=torch.int64))
