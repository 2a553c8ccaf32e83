"""Small networks of every kind, with random weights, for tests of what runs them."""

import torch

from capsnet_tutorial import CapsNet, CapsNetConfig

PRIMES = CapsNetConfig(
    image_shape=(3, 23, 19),  # 4 x 2 capsules of each type
    n_classes=5,
    conv_channels=7,
    primary_types=3,
    primary_dim=11,
    class_dim=13,
    n_iters=2,
    decoder_hidden=(17, 29),
)
OTHERS = {
    "colour, primes": PRIMES,
    "one of each": CapsNetConfig(
        image_shape=(1, 17, 17), n_classes=1, conv_channels=1, primary_types=1,
        primary_dim=1, class_dim=1, n_iters=1, decoder_hidden=(1,),
    ),
    "switches of the authors' code": CapsNetConfig(
        image_shape=(1, 21, 28), n_classes=7, conv_channels=5, primary_types=3,
        primary_dim=2, class_dim=3, primary_scale=1 / 32, class_bias=True,
        decoder_hidden=(),
    ),
}  # fmt: skip


def halved(model):
    """The model that the page gets: every number rounded to half precision."""
    return model.half().float().eval().requires_grad_(False)


def random_model(config):
    model = CapsNet(config)
    for parameter in model.parameters():  # biases too: they start almost at zero
        spread = parameter.std(correction=0).item()
        torch.nn.init.normal_(parameter, std=2 * spread + 0.05)
    return halved(model)
