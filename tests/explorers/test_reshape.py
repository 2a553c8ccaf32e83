"""The reshape explorer: its cells go where PyTorch sends them."""

import itertools

import pytest
import torch
from node import run

from capsnet_tutorial.explorers import ReshapeExplorer
from capsnet_tutorial.explorers.reshape import PROGRAMS, SIZES

VERSIONS = list(itertools.product(PROGRAMS, (False, True)))


def film(program, mended):
    body = "return film(given.program, given.mended)"
    return run("reshape/maths.js", body, program=program, mended=mended)


@pytest.mark.parametrize(("program", "mended"), VERSIONS)
def test_each_line_leaves_the_numbers_where_pytorch_does(program, mended):
    explorer = ReshapeExplorer(program=program, mended=mended)
    steps = film(program, mended)["steps"]
    for n, (step, x) in enumerate(zip(steps, explorer.tensors(), strict=True)):
        assert step["shape"] == list(x.shape[:-1])
        held = [cell.nonzero()[:, 0].tolist() for cell in x.flatten(0, -2)]
        assert [sorted(cell) for cell in step["holds"]] == held
        explorer.step = n
        assert step["whole"] == explorer.whole()


@pytest.mark.parametrize(("program", "mended"), VERSIONS)
def test_every_number_of_every_tensor_has_a_mark_that_came_from_it(program, mended):
    found = film(program, mended)
    for step in found["steps"]:
        assert sorted(set(step["at"])) == list(range(len(step["holds"])))
        for origin, index in zip(found["marks"], step["at"], strict=True):
            assert origin in step["holds"][index]


def test_no_mark_is_made_that_no_tensor_needs():
    for program, mended in VERSIONS:
        found = film(program, mended)
        assert len(found["marks"]) == max(len(s["holds"]) for s in found["steps"])


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ([[0], [1], [2]], True),
        ([[0, 3], [1, 4], [2, 5]], True),  # a sum over letters, alike in all
        ([[1], [0], [2]], False),  # another order
        ([[0], [1], [6]], False),  # number 3 of another place
        ([[0], [1], [5]], False),  # of another letter
    ],
)
def test_a_capsule_is_of_like_letters_at_one_place_in_order(cells, expected):
    kinds = [
        *({"letter": "a", "number": n, "place": 0} for n in (1, 2, 3)),
        *({"letter": "b", "number": n, "place": 0} for n in (1, 2, 3)),
        {"letter": "a", "number": 3, "place": 1},
    ]
    body = "return isCapsule(given.cells, given.kinds)"
    assert run("reshape/maths.js", body, cells=cells, kinds=kinds) == expected


def test_blocks_stand_apart():
    """Six rows of 2 x 2 beside one another: twelve cells, and five gaps of 0.45."""
    drawn = run("reshape/maths.js", "return layout({ shape: [6, 2, 2], lay: 'xyx' })")
    assert (drawn["width"], drawn["height"]) == pytest.approx((14.25, 2))


def test_only_the_mended_programs_make_capsules():
    for program, mended in VERSIONS:
        for step in film(program, mended)["steps"]:
            assert all(whole == mended for whole in step["whole"])
        assert any(step["whole"] for step in film(program, mended)["steps"])


def test_the_small_programs_do_what_the_large_ones_say():
    """The lines as PyTorch reads them, at the sizes that the documents write."""
    maps = torch.arange(256 * 36).reshape(1, 256, 6, 6)
    assert maps.view(1, -1, 8)[0, 0].tolist() == list(range(8))  # neighbours
    right = maps.unflatten(1, (32, 8)).permute(0, 1, 3, 4, 2).reshape(1, -1, 8)
    assert right[0, 0].tolist() == [36 * n for n in range(8)]  # one place of 8 maps
    for program in PROGRAMS.values():
        for line in (program["start"], *program["written"], *program["mended"]):
            assert len(line["lay"]) == line["real"].count(",") + 1


def test_its_kinds_are_those_of_its_order():
    for program, given in PROGRAMS.items():
        kinds = run("reshape/maths.js", "return origins(given.p)", p=program)
        axes = [SIZES[axis] for axis in given["order"]]
        for n, kind in enumerate(kinds):
            at = dict(
                zip(
                    given["order"],
                    torch.unravel_index(torch.tensor(n), axes),
                    strict=True,
                )
            )
            expected = ("ab"[at["t"]], at["d"] + 1, 2 * at["y"] + at["x"])
            assert (kind["letter"], kind["number"], kind["place"]) == expected


@pytest.mark.parametrize(("program", "mended"), VERSIONS)
def test_no_two_cells_lie_on_one_another(program, mended):
    body = "return film(given.p, given.m).steps.map(layout)"
    for drawn in run("reshape/maths.js", body, p=program, m=mended):
        spots = [(spot["x"], spot["y"]) for spot in drawn["spots"]]
        for (x, y), (p, q) in itertools.combinations(spots, 2):
            assert max(abs(x - p), abs(y - q)) > 1 - 1e-9
        assert max(x for x, _ in spots) + 1 == pytest.approx(drawn["width"])
        assert max(y for _, y in spots) + 1 == pytest.approx(drawn["height"])


def test_a_program_that_is_not_there_is_refused():
    with pytest.raises(Exception, match="view"):
        ReshapeExplorer(program="views")
