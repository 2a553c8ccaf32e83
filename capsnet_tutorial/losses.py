r"""Losses: a present class should be long, an absent one short, and the image rebuilt.

Source: [S17] arXiv:1710.09829, Eq. 4 (margin loss) and section 4.1 (reconstruction).
Book: chapter 5 (book/05_margin.ipynb).

Axis key: b examples, j classes, c h w channels, height and width of the image.
[S17] -> here:  |v_k| -> lengths,  T_k -> present,  m+ -> m_pos,  m- -> m_neg,
                lambda -> down_weight.
"""

import torch
from jaxtyping import Bool, Float, Integer
from torch import Tensor
from torch.nn import functional as F

RECONSTRUCTION_WEIGHT = 0.0005
"""Weight of the SUM of squared pixel errors ([S17], section 4.1).

For 28 x 28 pixels this equals 0.392 times the mean squared error.  Weighing the mean
with 0.0005, as many ports do, makes the reconstruction 784 times too weak."""


def present_classes(
    labels: Integer[Tensor, " b"] | Bool[Tensor, "b j"], n_classes: int
) -> Bool[Tensor, "b j"]:
    """T of Eq. 4 from one integer label per example: True where the class is present.

    Several classes may be present in an example: flags of classes stay as they are.

    Raises:
        TypeError: if the labels are neither integers nor flags.
        ValueError: if they are not one per example, or one is outside [0, n_classes).

    >>> present_classes(torch.tensor([2, 0]), n_classes=3)
    tensor([[False, False,  True],
            [ True, False, False]])
    """
    labels = torch.as_tensor(labels)
    if labels.dtype == torch.bool and labels.ndim == 2:
        if labels.shape[1] != n_classes:
            raise ValueError(
                f"present_classes: flags have shape {tuple(labels.shape)}; pass "
                f"{n_classes} per example, one for each class"
            )
        return labels
    if labels.is_floating_point() or labels.is_complex() or labels.dtype == torch.bool:
        raise TypeError(f"present_classes: labels are {labels.dtype}; pass integers")
    if labels.ndim != 1:
        raise ValueError(
            f"present_classes: labels have shape {tuple(labels.shape)}; "
            "pass one per example"
        )
    wrong = labels[(labels < 0) | (labels >= n_classes)]
    if len(wrong):
        raise ValueError(
            f"present_classes: label {wrong[0].item()} is not one of the {n_classes} "
            f"classes; pass labels from 0 to {n_classes - 1}"
        )
    return F.one_hot(labels.long(), n_classes).bool()


def margin_loss(
    lengths: Float[Tensor, "b j"],
    present: Bool[Tensor, "b j"],
    *,
    m_pos: float = 0.9,
    m_neg: float = 0.1,
    down_weight: float = 0.5,
) -> Float[Tensor, ""]:
    r"""Sum over classes, mean over the batch, of ([S17], Eq. 4)

        T_j max(0, m_pos - |v_j|)^2  +  down_weight (1 - T_j) max(0, |v_j| - m_neg)^2

    One term per class and no softmax, so two digits can be present at once.

    Args:
        lengths: |v_j|, in [0, 1).
        present: T_j; from integer labels, `present_classes(labels, n_classes)`.
        m_pos, m_neg, down_weight: m+, m- and lambda of Eq. 4, with its values.

    Returns:
        A scalar, in squared length units: 0 once every class is past its margin, and
        0 for an empty batch.

    Raises:
        TypeError: if `lengths` are not floating point or `present` is not boolean.
        ValueError: if they are not both (b, j): they would broadcast to a wrong loss.

    Note:
        Stuck at 0.81 = 0.9^2, every capsule is dead; stuck at 3.645 = 9 * 0.5 * 0.9^2,
        all ten are saturated.  The authors' code takes half of this and the mean over
        classes: 1/20 of it, so there the reconstruction weighs 20 times more.

    >>> margin_loss(torch.tensor([[0.8, 0.3]]), torch.tensor([[True, False]]))
    tensor(0.0300)
    """
    if not lengths.is_floating_point():
        raise TypeError(
            f"margin_loss: lengths are {lengths.dtype}; pass floating point"
        )
    if present.dtype != torch.bool:
        raise TypeError(
            f"margin_loss: present is {present.dtype}; pass one True or False per "
            "class, for example present_classes(labels, n_classes)"
        )
    if lengths.ndim != 2 or lengths.shape != present.shape:
        raise ValueError(
            f"margin_loss: lengths {tuple(lengths.shape)} and present "
            f"{tuple(present.shape)} differ; pass both as (examples, classes), "
            "one flag per class"
        )
    too_short = (m_pos - lengths).clamp(min=0) ** 2
    too_long = (lengths - m_neg).clamp(min=0) ** 2
    per_class = torch.where(present, too_short, down_weight * too_long)
    return per_class.sum() / max(len(lengths), 1)


def reconstruction_loss(
    reconstruction: Float[Tensor, "b c h w"], images: Float[Tensor, "b c h w"]
) -> Float[Tensor, ""]:
    """Squared error, SUMMED over the pixels of an image, mean over the batch.

    Multiply by `RECONSTRUCTION_WEIGHT` to add it to the margin loss.

    Args:
        reconstruction: what the decoder drew, in [0, 1].
        images: what it should have drawn, in [0, 1].

    Returns:
        A scalar, in squared pixel units; 0 for an empty batch.

    Raises:
        ValueError: if the two shapes differ.

    >>> reconstruction_loss(torch.zeros(2, 1, 28, 28), torch.ones(2, 1, 28, 28))
    tensor(784.)
    """
    if reconstruction.shape != images.shape:
        raise ValueError(
            f"reconstruction_loss: reconstruction {tuple(reconstruction.shape)} and "
            f"images {tuple(images.shape)} differ; pass both as "
            "(examples, channels, height, width)"
        )
    return ((reconstruction - images) ** 2).sum() / max(len(images), 1)
