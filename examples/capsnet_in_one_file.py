"""Dynamic routing between capsules (Sabour, Frosst, Hinton 2017) in one file.

    python capsnet_in_one_file.py FOLDER        FOLDER has MNIST's four .gz files

Needs torch, nothing else.  The book explains each line: it is the same network.
"""

import gzip
import sys
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional as F

DEVICE = "cuda" if torch.cuda.is_available() else "cpu"


def squash(s):  # Eq. 1: the direction stays, the length becomes less than 1
    norm = torch.linalg.vector_norm(s, dim=-1, keepdim=True)
    return s * norm / (1 + norm**2)


def route(votes, n_iters=3):  # Procedure 1; votes (b i j e) -> poses (b j e)
    logits = torch.zeros_like(votes[..., 0])
    for n in range(n_iters):
        coupling = logits.softmax(dim=2)  # each child divides its vote
        pose = squash(torch.einsum("bij,bije->bje", coupling, votes))
        if n + 1 < n_iters:
            logits = logits + torch.einsum("bije,bje->bij", votes, pose)
    return pose


class CapsNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 256, 9)
        self.primary = nn.Conv2d(256, 32 * 8, 9, stride=2)
        self.matrices = nn.Parameter(0.1 * torch.randn(1152, 10, 8, 16))  # i j d e
        self.decoder = nn.Sequential(
            nn.Linear(160, 512), nn.ReLU(), nn.Linear(512, 1024), nn.ReLU(),
            nn.Linear(1024, 784), nn.Sigmoid(),
        )  # fmt: skip

    def forward(self, images, labels=None):
        maps = self.primary(self.conv(images).relu()).unflatten(1, (32, 8))
        poses = squash(maps.permute(0, 1, 3, 4, 2).flatten(1, 3))  # (b 1152 8)
        votes = torch.einsum("bid,ijde->bije", poses, self.matrices)
        pose = route(votes)
        lengths = torch.linalg.vector_norm(pose, dim=-1)
        shown = lengths.argmax(dim=1) if labels is None else labels
        masked = pose * F.one_hot(shown, 10)[..., None]  # the decoder sees one capsule
        return lengths, self.decoder(masked.flatten(1)).view_as(images)


def loss(lengths, drawn, images, labels):  # Eq. 4, and the reconstruction
    present = F.one_hot(labels, 10)
    up, down = (0.9 - lengths).relu() ** 2, (lengths - 0.1).relu() ** 2
    margin = (present * up + 0.5 * (1 - present) * down).sum(dim=1)
    error = ((drawn - images) ** 2).flatten(1).sum(dim=1)  # a sum, not a mean
    return (margin + 0.0005 * error).mean()


def read(folder, part):  # pixels from 0 to 1, and labels
    def numbers(name, header):
        packed = (Path(folder) / f"{part}-{name}-ubyte.gz").read_bytes()
        content = bytearray(gzip.decompress(packed))
        return torch.frombuffer(content, dtype=torch.uint8, offset=header)

    images = numbers("images-idx3", 16).view(-1, 1, 28, 28) / 255
    return images.to(DEVICE), numbers("labels-idx1", 8).long().to(DEVICE)


def shifted(images):  # each by up to two pixels, in training only
    wide = F.pad(images, (2, 2, 2, 2)).unfold(2, 28, 1).unfold(3, 28, 1)[:, 0]
    down, right = torch.randint(5, (2, len(images)), device=images.device)
    return wide[torch.arange(len(images)), down, right][:, None]


def main(folder, epochs=10):
    images, labels = read(folder, "train")
    net = CapsNet().to(DEVICE)
    optimizer = torch.optim.Adam(net.parameters())
    schedule = torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.9)
    for epoch in range(epochs):
        for batch in torch.randperm(len(images)).split(128):
            seen, names = shifted(images[batch]), labels[batch]
            optimizer.zero_grad()
            loss(*net(seen, names), seen, names).backward()
            optimizer.step()
        schedule.step()
        print(f"epoch {epoch + 1} of {epochs}", flush=True)
    with torch.no_grad():  # the test digits, once, when nothing is left to choose
        images, labels = read(folder, "t10k")
        right = [net(part)[0].argmax(dim=1) for part in images.split(250)]
    print(f"{(torch.cat(right) != labels).sum()} of {len(labels)} wrong")


if __name__ == "__main__":
    main(sys.argv[1])
