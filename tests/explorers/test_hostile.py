"""Hostile links and traits: taken, or refused with an error; nothing in between."""

import math
import random

import pytest
import traitlets
from node import EXPLORERS, run

from capsnet_tutorial import load_pretrained
from capsnet_tutorial.explorers import (
    DigitRoutingExplorer,
    MarginExplorer,
    Playground,
    ReshapeExplorer,
    RoutingExplorer,
    SquashExplorer,
    SwapExplorer,
)
from capsnet_tutorial.explorers.bundle.weights import pack

NAMES = sorted(path.parent.name for path in EXPLORERS.glob("*/traits.js"))
CLASSES = [
    DigitRoutingExplorer,
    MarginExplorer,
    Playground,
    ReshapeExplorer,
    RoutingExplorer,
    SquashExplorer,
    SwapExplorer,
]
WIDGET = {"layout", "tabbable", "tooltip"}
TIMES = [20, pytest.param(400, marks=pytest.mark.long)]
LINKS = [200, pytest.param(2000, marks=pytest.mark.long)]
NUMBERS = [
    math.nan,
    math.inf,
    -math.inf,
    -1,
    0,
    1,
    2,
    10,
    21,
    99,
    1e30,
    10**40,
    -0.0,
    0.5,
]
ODD = [None, True, "x", "", b"", b"123", [], [[]], {}, ["x"], [[1, 2]], [[[1, 2]]]]


def hostile(chance):
    if chance.random() < 0.5:
        return chance.choice(NUMBERS)
    if chance.random() < 0.5:
        return chance.choice(ODD)
    return [chance.choice(NUMBERS) for _ in range(chance.choice((1, 2, 10, 16)))]


@pytest.mark.parametrize("times", TIMES)
@pytest.mark.parametrize("explorer", CLASSES, ids=lambda one: one.__name__)
def test_a_trait_is_refused_or_can_be_shown(explorer, times, record_property):
    record_property("trials", times)
    chance, shown = random.Random(times), explorer()
    names = sorted(shown.trait_names(sync=True))
    names = [name for name in names if not name.startswith("_")]
    ours = {"link", "first", "note", "weights", "header", "block", "example", "spread"}
    names = [
        name for name in names if name not in ours | {"layout", "tabbable", "tooltip"}
    ]
    refused = 0
    for _ in range(times):
        name, value = chance.choice(names), hostile(chance)
        before = repr(shown)
        try:
            setattr(shown, name, value)
        except traitlets.TraitError:
            refused += 1
            assert repr(shown) == before
        assert "nan" not in repr(shown), (name, value)
        assert "inf" not in repr(shown), (name, value)
    assert refused > times // 4


NO_NUMBERS = [
    (SquashExplorer, "s", [math.nan, 0.0]),
    (SquashExplorer, "second", math.inf),
    (MarginExplorer, "down_weight", math.nan),
    (RoutingExplorer, "arrows", [[[math.nan, 1.0], [0.0, 1.0]]]),
    (ReshapeExplorer, "step", math.nan),
    (Playground, "angle", math.nan),
    (Playground, "digit", True),
    (DigitRoutingExplorer, "digit", True),
    (DigitRoutingExplorer, "iterations", True),
]


@pytest.mark.parametrize(("explorer", "name", "value"), NO_NUMBERS)
def test_what_is_no_number_is_refused(explorer, name, value):
    with pytest.raises(traitlets.TraitError):
        explorer(**{name: value})


# The link of the first view, spoiled: a piece of it left out, doubled or replaced.
SPOIL = """
let seed = given.seed;
const random = () => (seed = (seed * 48271) % 2147483647) / 2147483647;
const choose = (list) => list[Math.floor(random() * list.length)];
const pieces = ["~", ":", ",", ".", "-", "", "1", "7", "0", "999999999", "1e9", "NaN",
  "__proto__", "constructor:1", "%00", "<b>", "é", " ", ...Object.keys(link)];
const numbers = ["0", "1", "2", "9", "10", "21", "99", "360", "20000", "999999999"];
let taken = 0;
for (let n = 0; n < given.times; n++) {
  const key = choose(Object.keys(link));
  let text = codec.encode({ [key]: link[key] }, given.traits);
  if (random() < 0.5)  // other numbers, or another text
    text = "1~" + text.slice(2).replace(/\\d+/g, () => choose(numbers));
  else for (let k = Math.floor(3 * random()); k >= 0; k--) {
    const at = Math.floor(random() * (text.length + 1));
    text = text.slice(0, at) + choose(pieces) + text.slice(at + choose([0, 1, 1, 2]));
  }
  let traits;
  try {
    traits = codec.decode(link, text);
  } catch (error) {
    if (!(error instanceof RangeError)) throw new Error(`${text}: ${error}`);
    continue;
  }
  taken++;
  const said = (value) => JSON.stringify(value, (key, x) => {
    if (typeof x === "number" && !Number.isFinite(x)) throw new Error(`${text}: ${x}`);
    return x;
  });
  for (const [key, value] of Object.entries(traits)) {
    const again = link[key].read(link[key].write(value));
    if (said(again) !== said(value)) throw new Error(`${text}: ${key} does not return`);
  }
}
return taken;
"""


@pytest.mark.parametrize("times", LINKS)
@pytest.mark.parametrize("name", NAMES)
def test_a_link_is_refused_or_comes_back_as_it_is(name, times, record_property):
    record_property("trials", times)
    codec = f'const codec = await import("{(EXPLORERS / "kit/link.js").as_uri()}");'
    explorer = next(one for one in CLASSES if module_of(one) == name)()
    kept = {key: value for key, value in explorer.get_state().items() if plain(value)}
    taken = run(
        f"{name}/traits.js", codec + SPOIL, times=times, seed=times, traits=kept
    )
    assert times // 50 < taken < times - times // 50


def module_of(explorer):
    return explorer.__module__.rpartition(".")[2]


def plain(value):
    return isinstance(value, int | float | str | list | None)


def test_bounds_of_a_link_are_those_of_the_network():
    header, _ = pack(load_pretrained("tiny"))
    shipped, read = run(
        "model/trained.js", "return [SHIPPED, sizesOf(given.header)];", header=header
    )
    assert shipped == read
    assert read["places"] * read["types"] == 288


def bounded(explorer):
    """Name, least and most of each trait that has both."""
    for name, trait in explorer.class_traits(sync=True).items():
        least, most = (getattr(trait, bound, None) for bound in ("min", "max"))
        if least is not None and most is not None:
            yield name, least, most


@pytest.mark.parametrize("name", NAMES)
def test_a_link_has_the_bounds_of_its_trait(name):
    """The bound comes back as it is, and what lies beyond it as the bound."""
    explorer = next(one for one in CLASSES if module_of(one) == name)
    bounds = list(bounded(explorer))
    wrong = run(
        f"{name}/traits.js",
        """
        return given.bounds.filter(([name, least, most]) => {
          const { read, write } = link[name];
          const ends = [[least, 1], [most, -1]];
          return !ends.every(([end, inwards]) =>
            read(write(end)) === end && write(end) === write(end - inwards));
        });
        """,
        bounds=bounds,
    )
    assert wrong == []
    assert bounds
