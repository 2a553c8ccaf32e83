"""Ten digits as strokes on a pad of 256 x 256, drawn once, to test what reads them."""

import math


def arc(x, y, across, along, start, end):
    """Part of an ellipse; degrees, clockwise on the screen from the right."""
    steps = [start + (end - start) * n / 20 for n in range(21)]
    return [
        [x + across * math.cos(math.radians(a)), y + along * math.sin(math.radians(a))]
        for a in steps
    ]


DIGITS = [
    [arc(128, 128, 55, 85, -90, 270)],
    [[[140, 40], [120, 215]]],
    [[*arc(125, 85, 50, 45, 190, 390), [75, 210], [190, 205]]],
    [[*arc(120, 82, 50, 40, 200, 440), *arc(120, 168, 55, 46, 280, 510)]],
    [[[110, 45], [75, 140], [190, 135]], [[165, 60], [150, 220]]],
    [[[180, 45], [95, 45], [88, 115], *arc(118, 158, 60, 52, -110, 150)]],
    [[*arc(190, 130, 110, 100, 265, 190), *arc(125, 170, 48, 45, 180, 540)]],
    [[[70, 55], [185, 50], [120, 215]]],
    [[*arc(128, 85, 40, 42, 90, 450), *arc(128, 172, 48, 45, -90, 270)]],
    [[*arc(125, 90, 45, 45, 0, 360), [170, 90], [155, 215]]],
]
