"""Draw card.png, the picture that other sites show beside a link to the book.

python tools/draw_card.py
"""

from pathlib import Path

import matplotlib.pyplot as plt

from capsnet_tutorial.explorers import Playground
from capsnet_tutorial.plots.style import PALETTE

FILE = Path(__file__).parents[1] / "book" / "_ext" / "capsbook" / "static" / "card.png"


def main() -> None:
    explorer = Playground()
    lengths = explorer.output.lengths[0].tolist()
    colour = PALETTE["light"]
    figure, (left, right) = plt.subplots(
        1, 2, figsize=(12, 6.3), dpi=100, width_ratios=(1, 1.4), facecolor="white"
    )
    figure.subplots_adjust(left=0.06, right=0.95, bottom=0.12, top=0.7, wspace=0.12)
    left.imshow(explorer.image[0], cmap="gray_r")
    left.axis("off")
    right.bar(range(10), lengths, color=colour["above"], width=0.55)
    right.set_xticks(range(10), [str(j) for j in range(10)], size=20)
    right.set_yticks([0.1, 0.9], ["0.1", "0.9"], size=16, color=colour["data"])
    right.set_ylim(0, 1)
    right.tick_params(length=0)
    right.spines[["top", "right", "left"]].set_visible(False)
    right.grid(axis="y", linestyle=":")
    figure.text(0.06, 0.87, "Capsule networks, step by step", size=38, weight="bold")
    line = "Draw a digit, and ten capsules answer. A book that runs."
    figure.text(0.06, 0.78, line, size=22, color=colour["data"])
    figure.savefig(FILE)


if __name__ == "__main__":
    main()
