"""What all explorers share: one module, a picture to fall back on, a fixed repr.

An explorer is an anywidget: its view and its numbers are computed in the page, by plain
JavaScript that tests compare with PyTorch.  Its traits are its state, in Python and in
the page alike.  Book: preface, "Notation"; chapters 2, 4, 5 and 6 use them.
"""

import base64
import io
import math

import anywidget
import matplotlib as mpl
import traitlets
from matplotlib.figure import Figure

from capsnet_tutorial.explorers.bundle.joining import module, style
from capsnet_tutorial.plots.style import STYLE

UNDATED = {"Date": None, "Creator": None}


def code(name: str) -> tuple[str, str]:
    """Module and style of the explorer in a folder: `_esm, _css = code("squash")`."""
    return module(name), style(name)


class Number(traitlets.Float):
    """A number that a page can show: finite, and within its bounds."""

    def validate(self, obj, value):
        number = super().validate(obj, value)
        if not math.isfinite(number):  # comparisons with bounds let NaN pass
            self.error(obj, value)
        return number


class Whole(traitlets.Int):
    """A whole number; True and False are none, though Python counts with them."""

    def validate(self, obj, value):
        if isinstance(value, bool):
            self.error(obj, value)
        return super().validate(obj, value)


class Explorer(anywidget.AnyWidget):
    """A figure that a reader can change, with a picture where it cannot live.

    A subclass has `_esm, _css = code(name)`, its traits, `picture` and `__repr__`.

    Attributes:
        link: the state as a short text, as it stands in the book's addresses.  Setting
            it sets the state; a text that cannot be read gives the first view.
        first: the link of the first view, to which "Reset" returns.
        note: what the reader should know about the last link, or empty.
    """

    link = traitlets.Unicode().tag(sync=True)
    first = traitlets.Unicode().tag(sync=True)
    note = traitlets.Unicode().tag(sync=True)

    _ipython_display_ = None  # of ipywidgets 7; it would leave the picture out

    def __init__(self, **traits):
        super().__init__(**{name: _plain(value) for name, value in traits.items()})

    def picture(self) -> Figure:
        """The present state as a picture: for paper, and without JavaScript."""
        raise NotImplementedError

    def __repr__(self) -> str:
        """The state as a sentence, with no address: nbval compares it."""
        raise NotImplementedError

    def _repr_mimebundle_(self, **_) -> dict:
        bundle = super()._repr_mimebundle_()
        data = bundle[0] if isinstance(bundle, tuple) else bundle
        return {**data, **_saved(self.picture()), "text/plain": repr(self)}


def _plain(value):
    """Tensors and arrays as the lists that traits and pages hold."""
    return value.tolist() if hasattr(value, "tolist") else value


def _saved(figure: Figure) -> dict[str, str]:
    """A figure as the two kinds of picture that a notebook stores."""
    files = {kind: io.BytesIO() for kind in ("svg", "png")}
    with mpl.rc_context(STYLE):
        for kind, file in files.items():
            metadata = UNDATED if kind == "svg" else None
            figure.savefig(file, format=kind, bbox_inches="tight", metadata=metadata)
    return {
        "image/svg+xml": files["svg"].getvalue().decode(),
        "image/png": base64.b64encode(files["png"].getvalue()).decode(),
    }
