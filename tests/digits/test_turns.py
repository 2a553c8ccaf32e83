"""Each image is turned by its own angle, as torchvision turns one."""

import torch
from torchvision.transforms import InterpolationMode
from torchvision.transforms import functional as V

from capsnet_tutorial.digits import turn_images


def test_each_image_is_turned_as_torchvision_turns_it():
    images = torch.rand(5, 2, 28, 28)
    degrees = torch.tensor([0.0, 17.0, -90.0, 123.0, -3.5])
    found = turn_images(images, degrees)
    for one, image, angle in zip(found, images, degrees.tolist(), strict=True):
        expected = V.rotate(image, angle, InterpolationMode.BILINEAR)
        torch.testing.assert_close(one, expected, atol=1e-4, rtol=0)


def test_pixels_stay_between_0_and_1():
    found = turn_images(torch.ones(50, 1, 28, 28), torch.linspace(-180, 180, 50))
    assert found.min() >= 0
    assert found.max() <= 1
