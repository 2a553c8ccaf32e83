"""Programs by others, as one meets them: thirty-six with one bug each, twelve right.

They were written before `capsnet_tutorial.checks`, from the shapes of public programs,
and in their many manners: classes and functions, loops and einsum, channels last, five
axes, classes first, TorchScript.  Each stands alone, as a file that someone pastes.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn


@dataclass
class Stranger:
    make: Callable[[], Any]
    kind: str  # network, squash, router, primary, margin_loss or reconstruction_loss
    bug: str | None  # the exhibit, or None if it is right
    images: tuple[int, ...] = (1, 28, 28)  # what a network takes, without the batch


STRANGERS: dict[str, Stranger] = {}


def stranger(kind, bug=None, **more):
    def note(thing):
        is_class = isinstance(thing, type)
        make = thing if is_class else (lambda: thing)
        STRANGERS[thing.__name__] = Stranger(make, kind, bug, **more)
        return thing

    return note


# ---------------------------------------------------------------- loops and 5-D tensors


@stranger("network", "softmax-over-children")
class FiveAxes(nn.Module):
    """Everything unsqueezed, as in 2017."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 16, 9)
        self.capsules = nn.ModuleList(nn.Conv2d(16, 4, 9, stride=2) for _ in range(8))
        self.W = nn.Parameter(torch.randn(1, 144, 10, 16, 8))

    def squash(self, x, dim=-1):
        n2 = (x**2).sum(dim, keepdim=True)
        return n2 / (1 + n2) * x / torch.sqrt(n2 + 1e-9)

    def forward(self, x):
        x = F.relu(self.conv1(x))
        u = torch.stack([c(x).view(x.size(0), -1) for c in self.capsules], dim=-1)
        u = self.squash(u)
        u = torch.stack([u] * 10, dim=2).unsqueeze(4)
        W = torch.cat([self.W] * x.size(0), dim=0)
        u_hat = torch.matmul(W, u)
        b_ij = torch.zeros(x.size(0), 144, 10, 1, 1)
        for it in range(3):
            c_ij = F.softmax(b_ij, dim=1)
            s_j = (c_ij * u_hat).sum(dim=1, keepdim=True)
            v_j = self.squash(s_j, dim=3)
            if it < 2:
                a = torch.matmul(u_hat.transpose(3, 4), torch.cat([v_j] * 144, dim=1))
                b_ij = b_ij + a
        return v_j.squeeze(1)


@stranger("network", "shared-logits")
class BatchMean(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 16, 9)
        self.capsules = nn.ModuleList(nn.Conv2d(16, 4, 9, stride=2) for _ in range(8))
        self.W = nn.Parameter(0.3 * torch.randn(1, 144, 10, 16, 8))

    def squash(self, x, dim=-1):
        n2 = (x**2).sum(dim, keepdim=True)
        return n2 / (1 + n2) * x / torch.sqrt(n2 + 1e-9)

    def forward(self, x):
        x = F.relu(self.conv1(x))
        u = torch.stack([c(x).view(x.size(0), -1) for c in self.capsules], dim=-1)
        u = self.squash(u)[:, :, None, :, None]
        u_hat = self.W @ u
        b_ij = torch.zeros(1, 144, 10, 1)
        for it in range(3):
            c_ij = F.softmax(b_ij, dim=2).unsqueeze(4)
            s_j = (c_ij * u_hat).sum(dim=1, keepdim=True)
            v_j = self.squash(s_j, dim=-2)
            if it < 2:
                a_ij = (u_hat * v_j).sum(dim=3)
                b_ij = b_ij + a_ij.mean(dim=0, keepdim=True)
        return (v_j**2).sum(dim=(1, 3, 4)).sqrt()


@stranger("network", "squash-per-number")
class LastAxisIsOne(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 16, 9)
        self.conv2 = nn.Conv2d(16, 32, 9, 2)
        self.W = nn.Parameter(torch.randn(144, 10, 16, 8) * 0.5)

    @staticmethod
    def squash(t):
        sq = (t**2).sum(-1, keepdim=True)
        return sq * t / ((1.0 + sq) * (sq + 1e-8).sqrt())

    def forward(self, img):
        n = img.shape[0]
        t = self.conv2(torch.relu(self.conv1(img)))
        t = t.view(n, 8, 144).permute(0, 2, 1)
        u = self.squash(t)
        hat = self.W[None] @ u[:, :, None, :, None]
        logits = torch.zeros(n, 144, 10, 1, 1)
        for r in range(3):
            s = (logits.softmax(2) * hat).sum(1, keepdim=True)  # n 1 10 16 1
            v = self.squash(s)
            logits = logits + (hat * v).sum(3, keepdim=True)
        return v.squeeze(1).squeeze(-1)


# ---------------------------------------------------------------- the `view` family


@stranger("network", "view-mixes-pixels")
class PrimaryView(nn.Module):
    def __init__(self, routings=3):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 24, kernel_size=9)
        self.conv2 = nn.Conv2d(24, 32, kernel_size=9, stride=2)
        self.weight = nn.Parameter(0.3 * torch.randn(10, 144, 16, 8))
        self.routings = routings

    def forward(self, x):
        out = self.conv2(F.relu(self.conv1(x)))
        out = out.view(x.size(0), -1, 8)
        norm = out.norm(dim=-1, keepdim=True)
        out = norm**2 / (1 + norm**2) / (norm + 1e-8) * out
        x_hat = torch.squeeze(self.weight @ out[:, None, :, :, None], dim=-1)
        x_hat_detached = x_hat.detach()
        b = torch.zeros(x.size(0), 10, 144)
        for i in range(self.routings):
            c = F.softmax(b, dim=1)
            if i == self.routings - 1:
                outputs = self.sq((c[..., None] * x_hat).sum(dim=-2, keepdim=True))
            else:
                outputs = self.sq((c[..., None] * x_hat_detached).sum(-2, keepdim=True))
                b = b + (outputs * x_hat_detached).sum(dim=-1)
        outputs = outputs.squeeze(-2)
        return outputs.norm(dim=-1)

    def sq(self, v):
        norm = v.norm(dim=-1, keepdim=True)
        return norm**2 / (1 + norm**2) / (norm + 1e-8) * v


@stranger("primary", "view-mixes-pixels")
class PrimaryCapsLayer(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(20, 48, 5, 2)

    def forward(self, x):
        y = self.conv(x)
        y = y.contiguous().view(y.shape[0], -1, 6)
        n2 = y.pow(2).sum(2, keepdim=True)
        return y * n2.sqrt() / (1 + n2)


@stranger("primary", "view-mixes-pixels")
class EightConvsConcatenated(nn.Module):
    """Eight convolutions, put one after the other, and read eight at a time."""

    def __init__(self):
        super().__init__()
        self.units = nn.ModuleList([nn.Conv2d(20, 6, 5, 2) for _ in range(8)])

    def forward(self, x):
        u = torch.cat([unit(x).flatten(1) for unit in self.units], dim=1)
        u = u.reshape(len(x), -1, 8)
        n = torch.linalg.norm(u, dim=-1, keepdim=True)
        return u * n / (1 + n * n)


@stranger("network", "view-mixes-pixels")
class Sequentialist(nn.Module):
    """The reshape hides in an nn.Unflatten."""

    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, 16, 9),
            nn.ReLU(),
            nn.Conv2d(16, 32, 9, 2),
            nn.Flatten(),
            nn.Unflatten(1, (144, 8)),
        )
        self.votes = nn.Parameter(torch.randn(144, 8, 10, 12) / 4)

    def forward(self, x):
        u = shrink(self.features(x))
        hat = torch.einsum("bid,idjk->bijk", u, self.votes)
        b = hat.new_zeros(hat.shape[:-1])
        for _ in range(2):
            v = shrink(torch.einsum("bij,bijk->bjk", b.softmax(-1), hat))
            b = b + torch.einsum("bijk,bjk->bij", hat, v)
        return shrink(torch.einsum("bij,bijk->bjk", b.softmax(-1), hat))


def shrink(x):
    n = x.norm(dim=-1, keepdim=True)
    return x * n / (1 + n**2)


# ---------------------------------------------------------------- einsum, short


@stranger("network", "softmax-over-children")
class ShortNet(nn.Module):
    def __init__(self, n_class=7):
        super().__init__()
        self.a = nn.Conv2d(3, 16, 5)
        self.b = nn.Conv2d(16, 24, 5, 2)
        self.w = nn.Parameter(torch.randn(432, n_class, 8, 10))

    def forward(self, x):
        y = self.b(self.a(x).relu())
        y = shrink(y.unflatten(1, (3, 8)).permute(0, 1, 3, 4, 2).flatten(1, 3))
        u = torch.einsum("bnd,njde->bnje", y, self.w)
        l = torch.zeros(u.shape[:3])
        for _ in range(3):
            c = nn.functional.softmax(l, 1)
            v = shrink((c.unsqueeze(-1) * u).sum(1))
            l = l + (u * v.unsqueeze(1)).sum(-1)
        return v.norm(dim=-1), v


STRANGERS["ShortNet"].images = (3, 32, 32)


@stranger("network", "logits-per-feature")
class NoSum(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Conv2d(1, 16, 9)
        self.b = nn.Conv2d(16, 32, 9, 2)
        self.w = nn.Parameter(torch.randn(144, 10, 8, 16) / 2)

    def forward(self, x):
        y = self.b(self.a(x).relu())
        y = shrink(y.unflatten(1, (4, 8)).permute(0, 1, 3, 4, 2).flatten(1, 3))
        u = torch.einsum("bnd,njde->bnje", y, self.w)
        l = torch.zeros_like(u)
        for _ in range(3):
            c = l.softmax(2)
            v = shrink((c * u).sum(1))
            l = l + u * v[:, None]
        return v.norm(dim=-1)


@stranger("network", "logits-replaced")
class Overwritten(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Conv2d(1, 16, 9)
        self.b = nn.Conv2d(16, 32, 9, 2)
        self.w = nn.Parameter(torch.randn(144, 10, 8, 16) / 2)

    def routing(self, u):
        logits = torch.zeros(u.shape[:3], dtype=u.dtype, device=u.device)
        for i in range(4):
            c = logits.softmax(-1)
            v = shrink(torch.einsum("bij,bije->bje", c, u))
            logits = torch.einsum("bije,bje->bij", u, v)
        return v

    def forward(self, x):
        y = self.b(self.a(x).relu())
        y = shrink(y.unflatten(1, (4, 8)).permute(0, 1, 3, 4, 2).flatten(1, 3))
        return self.routing(torch.einsum("bnd,njde->bnje", y, self.w))


@stranger("network", "weights-too-large")
class Saturated(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Conv2d(1, 64, 9)
        self.b = nn.Conv2d(64, 128, 9, 2)
        self.w = nn.Parameter(torch.randn(576, 10, 8, 16) * 2)

    def forward(self, x):
        y = self.b(self.a(x).relu())
        y = shrink(y.unflatten(1, (16, 8)).permute(0, 1, 3, 4, 2).flatten(1, 3))
        u = torch.einsum("bnd,njde->bnje", y, self.w)
        l = torch.zeros(u.shape[:3])
        for _ in range(3):
            v = shrink(torch.einsum("bij,bije->bje", l.softmax(-1), u))
            l = l + torch.einsum("bije,bje->bij", u, v)
        return v.norm(dim=-1)


@stranger("network", "weights-too-small")
class Dead(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Conv2d(1, 64, 9)
        self.b = nn.Conv2d(64, 128, 9, 2)
        self.w = nn.Parameter(torch.empty(576, 10, 8, 16).normal_(std=0.002))

    def forward(self, x):
        y = self.b(self.a(x).relu())
        y = shrink(y.unflatten(1, (16, 8)).permute(0, 1, 3, 4, 2).flatten(1, 3))
        u = torch.einsum("bnd,njde->bnje", y, self.w)
        l = torch.zeros(u.shape[:3])
        for _ in range(3):
            v = shrink(torch.einsum("bij,bije->bje", l.softmax(-1), u))
            l = l + torch.einsum("bije,bje->bij", u, v)
        return v.norm(dim=-1)


# ---------------------------------------------------------------- channels last


@stranger("network", "softmax-on-lengths", images=(28, 28, 1))
class ChannelsLast(nn.Module):
    """From TensorFlow, image as (height, width, channels)."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 16, 9)
        self.prim = nn.Conv2d(16, 32, 9, 2)
        self.W = nn.Parameter(0.3 * torch.randn(1, 144, 10, 16, 8))

    def forward(self, inputs):
        x = inputs.permute(0, 3, 1, 2)
        x = F.relu(self.conv(x))
        x = self.prim(x).permute(0, 2, 3, 1)
        caps = x.reshape(-1, 144, 1, 8, 1)
        n2 = caps.square().sum(-2, keepdim=True)
        caps = n2 / (1 + n2) * caps / (n2 + 1e-7).sqrt()
        pred = self.W @ caps
        raw = torch.zeros(x.size(0), 144, 10, 1, 1)
        for _ in range(3):
            weight = raw.softmax(dim=2)
            s = (weight * pred).sum(dim=1, keepdim=True)
            n2 = s.square().sum(-2, keepdim=True)
            v = n2 / (1 + n2) * s / (n2 + 1e-7).sqrt()
            raw = raw + (pred * v).sum(-2, keepdim=True)
        length = (v.square().sum(-2) + 1e-7).sqrt()[:, 0, :, 0]
        return torch.softmax(length, -1)


@stranger("network", images=(28, 28, 1))
class ChannelsLastRight(ChannelsLast):
    def forward(self, inputs):
        x = inputs.permute(0, 3, 1, 2)
        x = F.relu(self.conv(x))
        x = self.prim(x).permute(0, 2, 3, 1)
        caps = x.reshape(-1, 144, 1, 8, 1)
        n2 = caps.square().sum(-2, keepdim=True)
        caps = n2 / (1 + n2) * caps / (n2 + 1e-7).sqrt()
        pred = self.W @ caps
        raw = torch.zeros(x.size(0), 144, 10, 1, 1)
        for _ in range(3):
            weight = raw.softmax(dim=2)
            s = (weight * pred).sum(dim=1, keepdim=True)
            n2 = s.square().sum(-2, keepdim=True)
            v = n2 / (1 + n2) * s / (n2 + 1e-7).sqrt()
            raw = raw + (pred * v).sum(-2, keepdim=True)
        return (v.square().sum(-2) + 1e-7).sqrt()[:, 0, :, 0]


# ---------------------------------------------------------------- modules in modules


class Squash(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.dim = dim

    def forward(self, x):
        n2 = x.pow(2).sum(self.dim, keepdim=True)
        return n2 / (1 + n2) * x * torch.rsqrt(n2 + 1e-8)


class PrimaryBlock(nn.Module):
    def __init__(self, ch, types, dim, axis=-1):
        super().__init__()
        self.conv = nn.Conv2d(ch, types * dim, 9, 2)
        self.types, self.dim, self.squash = types, dim, Squash(axis)

    def forward(self, x):
        x = self.conv(x)
        n, _, h, w = x.shape
        x = x.view(n, self.types, self.dim, h, w).permute(0, 1, 3, 4, 2).contiguous()
        return self.squash(x.view(n, -1, self.dim))


class RoutingBlock(nn.Module):
    def __init__(self, n_in, n_out, d_in, d_out, std=0.3, iters=3):
        super().__init__()
        self.W = nn.Parameter(std * torch.randn(n_out, n_in, d_in, d_out))
        self.squash, self.iters = Squash(-1), iters

    def forward(self, u):
        # classes first, as gram-ai's readers know it: (10, n, 144, 1, 16)
        priors = u[None, :, :, None, :] @ self.W[:, None, :, :, :]
        logits = torch.zeros(*priors.shape[:-1], 1)
        for i in range(self.iters):
            probs = F.softmax(logits, dim=0)
            outputs = self.squash((probs * priors).sum(dim=2, keepdim=True))
            if i != self.iters - 1:
                logits = logits + (priors * outputs).sum(dim=-1, keepdim=True)
        return outputs[:, :, 0, 0, :]


@stranger("network")
class ClassesFirst(nn.Module):
    """Right; its answer is (10, n, 16)."""

    def __init__(self, axis=-1):
        super().__init__()
        self.conv = nn.Conv2d(1, 16, 9)
        self.primary = PrimaryBlock(16, 4, 8, axis)
        self.digits = RoutingBlock(144, 10, 8, 16)

    def forward(self, x):
        return self.digits(self.primary(F.relu(self.conv(x))))


@stranger("network", "squash-wrong-axis")
class SquashedAcross(ClassesFirst):
    def __init__(self):
        super().__init__(axis=1)

    def forward(self, x):
        return super().forward(x).permute(1, 0, 2).norm(dim=-1)


@stranger("network", "softmax-on-lengths")
class SoftmaxAtTheEnd(ClassesFirst):
    def forward(self, x):
        out = super().forward(x).transpose(0, 1)
        classes = (out**2).sum(dim=-1) ** 0.5
        return F.softmax(classes, dim=-1)


@stranger("network", "batchnorm-train-mode")
class NormedInput(ClassesFirst):
    def __init__(self):
        super().__init__()
        self.bn = nn.BatchNorm2d(1)

    def forward(self, x):
        self.bn.train()
        return super().forward(self.bn(x)).norm(dim=-1).t()


@stranger("network")
class NormedRight(ClassesFirst):
    def __init__(self):
        super().__init__()
        self.bn = nn.BatchNorm2d(1)

    def forward(self, x):
        return super().forward(self.bn(x)).norm(dim=-1).t()


class DecodingNet(nn.Module):
    """Lengths and reconstruction; the label is optional."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 16, 9)
        self.primary = PrimaryBlock(16, 4, 8)
        self.digits = RoutingBlock(144, 10, 8, 16)
        self.decoder = nn.Sequential(
            nn.Linear(160, 64), nn.ReLU(), nn.Linear(64, 784), nn.Sigmoid()
        )

    def mask(self, caps, lengths, y):
        if y is None:
            y = torch.eye(10)[lengths.argmax(-1)]
        return caps * y[..., None]

    def forward(self, x, y=None):
        caps = self.digits(self.primary(F.relu(self.conv(x)))).transpose(0, 1)
        lengths = caps.norm(dim=-1)
        masked = self.mask(caps, lengths, y)
        return lengths, self.decoder(masked.flatten(1)).view(-1, 1, 28, 28)


@stranger("network")
class DecodingRight(DecodingNet):
    pass


@stranger("network", "masked-by-prediction")
class DecodingGuesses(DecodingNet):
    def mask(self, caps, lengths, y):
        index = lengths.max(dim=1)[1]
        mask = torch.eye(10).index_select(0, index)
        return caps * mask[:, :, None]


@stranger("network", "masked-by-prediction")
class LabelsIgnored(nn.Module):
    """Integer labels; a dictionary comes back."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(1, 16, 9)
        self.primary = PrimaryBlock(16, 4, 8)
        self.weight = nn.Parameter(0.3 * torch.randn(144, 10, 16, 8))
        self.fc1, self.fc2 = nn.Linear(160, 80), nn.Linear(80, 784)

    def forward(self, images, labels=None):
        u = self.primary(self.stem(images).relu())
        hat = torch.einsum("ijed,bid->bije", self.weight, u)
        b = torch.zeros(hat.shape[:3])
        for _ in range(3):
            v = shrink(torch.einsum("bij,bije->bje", torch.softmax(b, -1), hat))
            b = b + torch.einsum("bije,bje->bij", hat, v)
        lengths = v.norm(dim=-1)
        best = F.one_hot(lengths.argmax(1), 10).float()
        drawn = torch.sigmoid(
            self.fc2(F.relu(self.fc1((v * best[..., None]).flatten(1))))
        )
        return {
            "capsules": v,
            "probs": lengths,
            "reconstruction": drawn.view_as(images),
        }


@stranger("network")
class LabelsUsed(LabelsIgnored):
    def forward(self, images, labels=None):
        u = self.primary(self.stem(images).relu())
        hat = torch.einsum("ijed,bid->bije", self.weight, u)
        b = torch.zeros(hat.shape[:3])
        for _ in range(3):
            v = shrink(torch.einsum("bij,bije->bje", torch.softmax(b, -1), hat))
            b = b + torch.einsum("bije,bje->bij", hat, v)
        lengths = v.norm(dim=-1)
        shown = lengths.argmax(1) if labels is None else labels
        mask = F.one_hot(shown, 10).float()
        drawn = torch.sigmoid(
            self.fc2(F.relu(self.fc1((v * mask[..., None]).flatten(1))))
        )
        return {
            "capsules": v,
            "probs": lengths,
            "reconstruction": drawn.view_as(images),
        }


# ---------------------------------------------------------------- TorchScript, NaN


class Scripted(nn.Module):
    iters: int

    def __init__(self):
        super().__init__()
        self.iters = 3
        self.c1 = nn.Conv2d(1, 12, 9)
        self.c2 = nn.Conv2d(12, 32, 9, 2)
        self.W = nn.Parameter(torch.randn(10, 144, 8, 16) * 0.3)

    def safe_squash(self, s: Tensor) -> Tensor:
        n2 = torch.sum(s * s, dim=-1, keepdim=True)
        return (n2 / (1.0 + n2)) * (s / torch.sqrt(n2 + 1e-8))

    def forward(self, x: Tensor) -> Tensor:
        z = self.c2(torch.relu(self.c1(x)))
        z = z.reshape(z.size(0), 4, 8, 36).transpose(2, 3).reshape(z.size(0), 144, 8)
        u = self.safe_squash(z)
        votes = torch.einsum("bid,jide->bjie", u, self.W)
        logits = torch.zeros([z.size(0), 10, 144], dtype=z.dtype)
        v = torch.zeros([z.size(0), 10, 16], dtype=z.dtype)
        for _ in range(self.iters):
            c = torch.softmax(logits, 1)
            v = self.safe_squash(torch.sum(c.unsqueeze(-1) * votes, 2))
            logits = logits + torch.sum(votes * v.unsqueeze(2), -1)
        return v


STRANGERS["Scripted"] = Stranger(lambda: torch.jit.script(Scripted()), "network", None)


class ScriptedOverChildren(Scripted):
    def forward(self, x: Tensor) -> Tensor:
        z = self.c2(torch.relu(self.c1(x)))
        z = z.reshape(z.size(0), 4, 8, 36).transpose(2, 3).reshape(z.size(0), 144, 8)
        u = self.safe_squash(z)
        votes = torch.einsum("bid,jide->bjie", u, self.W)
        logits = torch.zeros([z.size(0), 10, 144], dtype=z.dtype)
        v = torch.zeros([z.size(0), 10, 16], dtype=z.dtype)
        for _ in range(self.iters):
            c = torch.softmax(logits, 2)
            v = self.safe_squash(torch.sum(c.unsqueeze(-1) * votes, 2))
            logits = logits + torch.sum(votes * v.unsqueeze(2), -1)
        return v


STRANGERS["ScriptedOverChildren"] = Stranger(
    lambda: torch.jit.script(ScriptedOverChildren()), "network", "softmax-over-children"
)


@stranger("network", "norm-nan")
class BlankImageKills(nn.Module):
    """No bias anywhere, and a plain division."""

    def __init__(self):
        super().__init__()
        self.c1 = nn.Conv2d(1, 12, 9, bias=False)
        self.c2 = nn.Conv2d(12, 32, 9, 2, bias=False)
        self.W = nn.Parameter(torch.randn(144, 10, 8, 16) * 0.3)

    def sq(self, s):
        n = s.norm(dim=-1, keepdim=True)
        return n**2 / (1 + n**2) * s / n

    def forward(self, x):
        z = self.c2(torch.relu(self.c1(x)))
        u = self.sq(z.reshape(len(z), 4, 8, 36).transpose(2, 3).reshape(len(z), 144, 8))
        votes = torch.einsum("bid,ijde->bije", u, self.W)
        logits = torch.zeros(votes.shape[:3])
        for _ in range(3):
            v = self.sq((logits.softmax(2)[..., None] * votes).sum(1))
            logits = logits + (votes * v[:, None]).sum(-1)
        return v


# ---------------------------------------------------------------- squash alone


@stranger("squash", "squash-per-number")
def squash_scalars(tensor):
    return tensor**2 / (1 + tensor**2) * tensor.sign()


@stranger("squash", "squash-wrong-axis")
def squash_first(x, dim=1):
    norm = torch.norm(x, p=2, dim=dim, keepdim=True)
    return (norm / (1 + norm**2)) * x


@stranger("squash", "norm-nan")
def squash_divides(x):
    length = x.norm(dim=-1, keepdim=True)
    return (length**2 / (1 + length**2)) * (x / length)


@stranger("squash", "norm-nan")
class SquashByRoot(nn.Module):
    def forward(self, v):
        n2 = torch.einsum("...d,...d->...", v, v).unsqueeze(-1)
        return v * torch.sqrt(n2) / (1 + n2)


@stranger("squash")
def squash_plain(x, eps=1e-8):
    n2 = torch.sum(torch.square(x), axis=-1, keepdim=True)
    return n2 / (1.0 + n2) * x / torch.sqrt(n2 + eps)


# ---------------------------------------------------------------- routers alone


@stranger("router", "softmax-over-children")
def route_by_loops(u_hat, r=3):
    """One example after the other: u_hat (n, children, parents, pose)."""
    out = []
    for votes in u_hat:
        b = torch.zeros(votes.shape[:2])
        for _ in range(r):
            c = torch.stack([F.softmax(b[:, j], dim=0) for j in range(b.shape[1])], 1)
            s = torch.stack(
                [(c[:, j, None] * votes[:, j]).sum(0) for j in range(b.shape[1])]
            )
            v = shrink(s)
            b = b + torch.stack([votes[:, j] @ v[j] for j in range(b.shape[1])], 1)
        out.append(v)
    return torch.stack(out)


@stranger("router", "logits-replaced")
def route_keras(u_hat, iters=3):
    b = torch.zeros_like(u_hat[..., 0])
    for i in range(iters):
        c = F.softmax(b, 2)
        o = shrink(torch.einsum("nij,nijk->njk", c, u_hat))
        if i < iters - 1:
            b = torch.einsum("njk,nijk->nij", o, u_hat)
    return o


@stranger("router", "shared-logits")
class RouterModule(nn.Module):
    def forward(self, votes):
        n, i, j, e = votes.shape
        b = torch.zeros(i, j)
        for _ in range(3):
            c = F.softmax(b, dim=-1)
            v = shrink((c[None, ..., None] * votes).sum(1))
            b = b + (votes * v[:, None]).sum(-1).sum(0)
        return v


@stranger("router", "logits-per-feature")
def route_elementwise(votes):
    logits = torch.zeros(votes.shape)
    for _ in range(3):
        v = shrink((F.softmax(logits, dim=2) * votes).sum(dim=1))
        logits = logits + votes * v.unsqueeze(1)
    return v


@stranger("router", "squash-per-number")
def route_scalars(votes):
    logits = torch.zeros(votes.shape[:3])
    for _ in range(3):
        v = (logits.softmax(-1)[..., None] * votes).sum(1)
        v = v * v.abs() / (1 + v**2)
        logits = logits + (votes * v[:, None]).sum(-1)
    return v


@stranger("router")
def route_by_loops_right(u_hat, r=3):
    out = []
    for votes in u_hat:
        b = torch.zeros(votes.shape[:2])
        for _ in range(r):
            c = torch.stack([F.softmax(row, dim=0) for row in b])
            v = shrink(torch.stack([c[:, j] @ votes[:, j] for j in range(b.shape[1])]))
            b = b + torch.stack([votes[:, j] @ v[j] for j in range(b.shape[1])], 1)
        out.append(v)
    return torch.stack(out)


# ---------------------------------------------------------------- losses


@stranger("margin_loss", "missing-square")
def capsule_loss(v_norm, one_hot, m=0.9, n=0.1, lam=0.5):
    L = one_hot * F.relu(m - v_norm) + lam * (1 - one_hot) * F.relu(v_norm - n)
    return L.sum(dim=1).mean()


@stranger("margin_loss", "missing-square")
class MarginModule(nn.Module):
    """From capsules and integer labels."""

    def forward(self, capsules, labels):
        lengths = capsules.norm(dim=-1)
        t = torch.zeros_like(lengths).scatter_(1, labels[:, None], 1.0)
        left = torch.clamp(0.9 - lengths, min=0.0)
        right = torch.clamp(lengths - 0.1, min=0.0)
        return torch.mean(torch.sum(t * left + 0.5 * (1.0 - t) * right, -1))


@stranger("margin_loss", "softmax-on-lengths")
def loss_of_softened(lengths, target):
    p = lengths.softmax(-1)
    return (
        (target * F.relu(0.9 - p) ** 2 + 0.5 * (1 - target) * F.relu(p - 0.1) ** 2)
        .sum(-1)
        .mean()
    )


@stranger("margin_loss")
def margin_right(y_true, y_pred):
    """Keras's order of arguments; the sum is over classes, the mean over examples."""
    L = y_true * torch.clamp(0.9 - y_pred, min=0) ** 2
    L = L + 0.5 * (1 - y_true) * torch.clamp(y_pred - 0.1, min=0) ** 2
    return L.sum(1).mean()


@stranger("reconstruction_loss", "mean-reconstruction")
def reconstruction(decoded, x):
    return 0.0005 * F.mse_loss(decoded.view(x.size(0), -1), x.view(x.size(0), -1))


@stranger("reconstruction_loss", "mean-reconstruction")
class ReconstructionModule(nn.Module):
    def __init__(self):
        super().__init__()
        self.mse = nn.MSELoss()

    def forward(self, images, drawn):
        return self.mse(drawn, images) * 5e-4


@stranger("reconstruction_loss", "normalised-target")
def against_normalised(decoded, x):
    x = (x - 0.1307) / 0.3081
    return 0.0005 * ((decoded - x) ** 2).sum() / x.shape[0]


@stranger("reconstruction_loss")
def by_392(recon, x):
    return 0.392 * nn.MSELoss()(recon, x)
