"""The five documents, read again in numpy: their equations, and nothing of our code.

Each function takes weights as arrays by the names of the variant's state_dict, images
(b c h w) and, if gradients do not flow through early iterations, couplings to keep.
"""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view


def conv(x, kernel, bias, stride):
    """(b c h w) with a kernel (o c y x), without padding."""
    windows = sliding_window_view(x, kernel.shape[2:], axis=(2, 3))
    windows = windows[:, :, ::stride, ::stride]
    return np.einsum("bchwyx,ocyx->bohw", windows, kernel) + bias[:, None, None]


def relu(x):
    return np.maximum(x, 0)


def softmax(x, axis):
    weights = np.exp(x - x.max(axis=axis, keepdims=True))
    return weights / weights.sum(axis=axis, keepdims=True)


def length(x, axis=-1):
    return np.sqrt((x**2).sum(axis=axis))


def decode(w, pose, present):
    """(b j e) and flags (b j) to pixels (b, c * h * w)."""
    x = (pose * present[:, :, None]).reshape(len(pose), -1)
    for layer in (0, 2):
        x = relu(
            x @ w[f"decoder.net.{layer}.weight"].T + w[f"decoder.net.{layer}.bias"]
        )
    return 1 / (
        1 + np.exp(-(x @ w["decoder.net.4.weight"].T + w["decoder.net.4.bias"]))
    )


def reconstruction(w, pose, present, images):
    """0.0005 times the squared error, summed over pixels, mean over images."""
    drawn = decode(w, pose, present)
    return 0.0005 * ((drawn - images.reshape(len(images), -1)) ** 2).sum() / len(images)


def margins(lengths, present, power=2):
    short = np.maximum(0.9 - lengths, 0) ** power
    long = np.maximum(lengths - 0.1, 0) ** power
    return np.where(present, short, 0.5 * long).sum(axis=1).mean()


# ------------------------------------------------------------------ 000 and 002


def xifeng(w, images, dim_caps, routings=3, keep=None):
    """Lengths, poses and the couplings (b j i) of each iteration."""

    def squash(s):
        norm = length(s)[..., None]
        return norm**2 / (1 + norm**2) / (norm + 1e-8) * s

    x = relu(conv(images, w["conv1.weight"], w["conv1.bias"], 1))
    x = conv(x, w["primarycaps.conv2d.weight"], w["primarycaps.conv2d.bias"], 2)
    u = squash(x.reshape(len(x), -1, dim_caps))  # any neighbours in memory
    x_hat = np.einsum("jied,bid->bjie", w["digitcaps.weight"], u)
    logits, couplings = np.zeros(x_hat.shape[:3]), []
    for n in range(routings):
        c = softmax(logits, axis=1) if keep is None else keep[n]
        couplings.append(c)
        v = squash(np.einsum("bji,bjie->bje", c, x_hat))
        logits = logits + np.einsum("bje,bjie->bji", v, x_hat)
    return length(v), v, couplings


def xifeng_loss(w, images, present, dim_caps, keep=None):
    lengths, pose, _ = xifeng(w, images, dim_caps, keep=keep)
    return margins(lengths, present) + reconstruction(w, pose, present, images)


def classifier_loss(w, images, present, dim_caps, keep=None):
    lengths, _, _ = xifeng(w, images, dim_caps, keep=keep)
    shares = softmax(lengths, axis=1)
    return -np.log(shares[present]).mean()


# ------------------------------------------------------------------ 001


def tensorflow2(w, images, types, dim_caps, classes, rounds=3):
    """Lengths after the last softmax, and vij (b 16 10)."""
    nhwc = np.moveaxis(images, 1, -1)

    def conv2d(x, name, stride):
        kernel = np.transpose(w[f"{name}.kernel"], (3, 2, 0, 1))
        out = conv(np.moveaxis(x, -1, 1), kernel, w[f"{name}.bias"], stride)
        return np.moveaxis(out, 1, -1)

    out = relu(conv2d(nhwc, "conv1", 1))
    capsules = conv2d(out, "prim_cap.conv2", 2)
    b, h, wide, _ = capsules.shape
    capsules = capsules.reshape(b, h, wide, dim_caps, types)
    capsules = capsules.transpose(0, 4, 3, 1, 2)
    capsules = capsules.reshape(b, -1, 1, dim_caps, 1)
    ui = np.tile(capsules, (1, 1, classes, 1, 1))
    wij = np.tile(w["digit_cap.wij"], (b, 1, 1, 1, 1))
    bij = np.zeros((b, wij.shape[1], wij.shape[3], classes))
    for _ in range(rounds):
        c = softmax(bij, axis=3)
        uhat = np.matmul(wij, ui)[..., 0].transpose(0, 1, 3, 2)
        s = (c * uhat).sum(axis=1)
        l2 = np.linalg.norm(s, axis=2, keepdims=True)
        vij = l2 * s / (1 + l2**2)
        bij = bij + vij[:, None] * uhat
    return softmax(np.linalg.norm(vij, axis=1), axis=1), vij


def tensorflow2_loss(w, images, present, types, dim_caps):
    lengths, _ = tensorflow2(w, images, types, dim_caps, present.shape[1])
    return margins(lengths, present)


# ------------------------------------------------------------------ 003


def channels_as_capsules(x, dim_caps):
    """(b, t * d, h, w) to (b, t * h * w, d)."""
    b, maps, h, wide = x.shape
    x = x.reshape(b, maps // dim_caps, dim_caps, h, wide)
    return np.moveaxis(x, 2, -1).reshape(b, -1, dim_caps)


def labml(w, images, dim_caps, iterations=3):
    """Lengths and poses."""

    def squash(s, epsilon=1e-8):
        s2 = (s**2).sum(axis=-1, keepdims=True)
        return (s2 / (1 + s2)) * (s / np.sqrt(s2 + epsilon))

    x = relu(conv(images, w["conv1.weight"], w["conv1.bias"], 1))
    x = conv(x, w["conv2.weight"], w["conv2.bias"], 2)
    u = squash(channels_as_capsules(x, dim_caps))
    u_hat = np.einsum("ijnm,bin->bijm", w["router.weight"], u)
    logits = np.zeros(u_hat.shape[:3])
    for _ in range(iterations):
        c = softmax(logits, axis=1)
        v = squash(np.einsum("bij,bijm->bjm", c, u_hat))
        logits = logits + np.einsum("bjm,bijm->bij", v, u_hat)
    return length(v), v


def labml_loss(w, images, present, dim_caps):
    lengths, pose = labml(w, images, dim_caps)
    return margins(lengths, present, power=1) + reconstruction(w, pose, present, images)


# ------------------------------------------------------------------ 004


def rotated(w, images, dim_caps, iterations=2):
    """Lengths after the softmax, and poses; BatchNorm in training mode."""

    def squash(s):
        s2 = (s**2).sum(axis=-1, keepdims=True)
        return s2 / (1 + s2) * s / np.sqrt(s2)

    mean = images.mean(axis=(0, 2, 3), keepdims=True)
    variance = images.var(axis=(0, 2, 3), keepdims=True)
    x = (images - mean) / np.sqrt(variance + 1e-5)
    x = x * w["norm.weight"][:, None, None] + w["norm.bias"][:, None, None]
    x = relu(conv(x, w["conv1.weight"], w["conv1.bias"], 1))
    u = squash(
        channels_as_capsules(
            conv(x, w["primary.weight"], w["primary.bias"], 2), dim_caps
        )
    )
    priors = np.einsum("bid,jide->jbie", u, w["digits.route_weights"])
    logits = np.zeros(priors.shape[:3])
    for _ in range(iterations):
        probs = softmax(logits, axis=2)
        outputs = squash((probs[..., None] * priors).sum(axis=2))
        logits = logits + (priors * outputs[:, :, None]).sum(axis=-1)
    pose = outputs.transpose(1, 0, 2)
    return softmax(length(pose), axis=1), pose


def rotated_loss(w, images, present, dim_caps):
    lengths, pose = rotated(w, images, dim_caps)
    return margins(lengths, present) + reconstruction(w, pose, present, images)
