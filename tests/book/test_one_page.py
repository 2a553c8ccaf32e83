"""The numbers of "On one page" are those of the network."""

from built import ROOT

from capsnet_tutorial import CapsNet

TEXT = (ROOT / "book" / "one_page.md").read_text(encoding="utf-8")


def size(*parts):
    return f"{sum(p.numel() for part in parts for p in part.parameters()):,}"


def test_numbers_of_the_network():
    net = CapsNet()
    rows = [line for line in TEXT.splitlines() if line.startswith("| ")]

    def row(name):
        (found,) = (line for line in rows if line.startswith(f"| {name}"))
        return [cell.strip() for cell in found.strip("|").split("|")]

    assert row("convolution")[-2:] == [f"{256 * 20 * 20:,}", size(net.conv)]
    assert row("primary capsules")[-2:] == [f"{1152 * 8:,}", size(net.primary_caps)]
    assert row("votes")[-2:] == [f"{1152 * 10 * 16:,}", size(net.class_caps)]
    assert row("decoder")[-2:] == ["784", size(net.decoder)]
    assert f"{size(net)} learned numbers" in TEXT
    bare = size(net.conv, net.primary_caps, net.class_caps)
    assert f"{bare} without the decoder" in TEXT


def test_numbers_of_a_log():
    assert "| margin loss 0.81 and" in TEXT
    assert 0.9**2 == 0.81 and round(9 * 0.5 * 0.9**2, 3) == 3.645  # noqa: PT018
    assert round(0.0005 * 784, 3) == 0.392
    assert "0.392" in TEXT
