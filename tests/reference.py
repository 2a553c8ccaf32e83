"""The formulas of [S17] again, as loops over plain floats: slow, obvious, no tensors.

The tests compare the package with these; keep them free of torch and of numpy.
"""

import math


def squash(s):
    """Eq. 1, as printed in the paper, for one vector."""
    length = math.hypot(*s)
    if length == 0:
        return [0.0 for _ in s]
    return [length**2 / (1 + length**2) * x / length for x in s]


def softmax(logits):
    """Eq. 3 for one child."""
    total = sum(math.exp(b) for b in logits)
    return [math.exp(b) / total for b in logits]


def dot(u, v):
    return sum(x * y for x, y in zip(u, v, strict=True))


def route(votes, n_iters, bias=None):
    """Procedure 1 for one example, votes[i][j][e]: (coupling, pose, agreement).

    bias[j][e] is in the authors' code only.
    """
    children, parents = range(len(votes)), range(len(votes[0]))
    size = range(len(votes[0][0]))
    bias = bias or [[0.0 for _ in size] for _ in parents]
    logits = [[0.0 for _ in parents] for _ in children]
    for _ in range(n_iters):
        coupling = [softmax(logits[i]) for i in children]
        total = [
            [
                bias[j][e] + sum(coupling[i][j] * votes[i][j][e] for i in children)
                for e in size
            ]
            for j in parents
        ]
        pose = [squash(s) for s in total]
        agreement = [[dot(votes[i][j], pose[j]) for j in parents] for i in children]
        logits = [[logits[i][j] + agreement[i][j] for j in parents] for i in children]
    return coupling, pose, agreement


def vote(pose, matrix):
    """Eq. 2: W_ij u_i for one pair; matrix[d][e] has the child's numbers first."""
    return [
        sum(pose[d] * matrix[d][e] for d in range(len(pose)))
        for e in range(len(matrix[0]))
    ]


def margin_loss(lengths, present, m_pos=0.9, m_neg=0.1, down_weight=0.5):
    """Eq. 4 for one example, summed over the classes."""
    loss = 0.0
    for length, is_present in zip(lengths, present, strict=True):
        if is_present:
            loss += max(0.0, m_pos - length) ** 2
        else:
            loss += down_weight * max(0.0, length - m_neg) ** 2
    return loss


def convolve(image, kernel, bias, stride):
    """One map of a convolution without padding: image[c][h][w], kernel[c][y][x]."""
    size = len(kernel[0])
    rows = range(0, len(image[0]) - size + 1, stride)
    columns = range(0, len(image[0][0]) - size + 1, stride)
    return [
        [
            bias
            + sum(
                image[c][row + y][column + x] * kernel[c][y][x]
                for c in range(len(image))
                for y in range(size)
                for x in range(size)
            )
            for column in columns
        ]
        for row in rows
    ]
