"""Break the code in many ways, one at a time, and see that a test fails each time.

    python tests/mutants.py        all, two at a time; exit code 1 if one survives
    python tests/mutants.py 3 14   these two, with what the tests print

A mutant is one piece of the package, changed.  Those marked with a name are bugs of
public programs, all of which report 98 % or more on MNIST.  A mutant that survives
means that a test is missing.
"""

import contextlib
import functools
import importlib
import multiprocessing
import os
import shutil
import sys
import tempfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TESTS = {  # and the modules whose mutants meet this test first
    "squash": ["squash.py"],
    "routing": ["routing.py"],
    "losses": ["losses.py"],
    "fast": ["fast.py"],
    "convolution": ["convolution.py"],
    "layers": ["layers.py"],
    "capsnet": ["capsnet.py"],
    "training": ["training.py"],
    "drawings": ["drawings.py"],
    "encoding": ["encoding.py"],
    "explorer_assets": [],
    "explorer_maths": ["explorers/capsules.js"],
    "explorer_network": [
        "explorers/network.js",
        "explorers/parts.py",
        "explorers/tensors.js",
        "explorers/weights.py",
    ],
    "explorer_pad": ["explorers/pad.js", "explorers/strokes.js"],
    "explorers_code": ["explorers/link.js", "explorers/joining.py"],
    "explorers_squash": [
        "explorers/squash_maths.js",
        "explorers/squash.py",
        "explorers/base.py",
    ],
    "explorers_routing": [
        "explorers/votes.js",
        "explorers/planes.js",
        "explorers/routing.py",
    ],
    "explorers_margin": ["explorers/margin_maths.js", "explorers/margin.py"],
    "explorer_digits": [
        "explorers/voters.js",
        "explorers/digit_look.js",
        "explorers/digit_routing.py",
    ],
    "explorers_playground": [
        "explorers/playground_maths.js",
        "explorers/playground.py",
    ],
}

MUTANTS = {
    "squash.py": [  # (text that occurs once, what it becomes, why or who)
        ("vector_norm(s, dim=-1, keepdim=True, dtype=wide)", "vector_norm(s[..., None], dim=-1)", "jindongwang, higgsfield: each number by itself"),
        ("(s, dim=-1, keep", "(s, dim=0, keep", "along another axis"),
        ("(s * (norm / (1 + norm**2)))", "(s / norm * norm**2 / (1 + norm**2))", "gram-ai and eight more: NaN at zero"),
        ("(norm / (1 + norm**2))", "(norm / (0.5 + norm**2))", "old Keras example: 0.5 for 1"),
        ("(norm / (1 + norm**2))", "(norm / (1 + norm))", "square forgotten"),
        ("(norm / (1 + norm**2))", "(1 / (1 + norm))", "another curve"),
        ("(s * (norm", "(s * ((norm + 1e-3)", "an epsilon that moves zero's gradient"),
        (".to(s.dtype)", "", "half precision does not come back"),
        ("torch.promote_types(s.dtype, torch.float32)", "s.dtype", "lengths in half precision"),
        ("if not s.is_floating_point()", "if False", "no check"),
        ("if s.ndim == 0", "if False", "no check"),
    ],
    "routing.py": [
        ("softmax(dim=-1)", "softmax(dim=1)", "labml, gram-ai, jindongwang: over the children"),
        ("logits = logits + agreement", "logits = logits + agreement.mean(dim=0, keepdim=True)", "cedrickchee, motokimura: one routing for the batch"),
        ("logits = logits + agreement", "logits = agreement", "old Keras example: replaced, not added"),
        ("logits = logits + agreement", "logits = logits + agreement.detach()", "XifengGuo-PyTorch, naturomics: gradient cut"),
        ("logits = logits + agreement", "logits = logits - agreement", "disagreement wins"),
        ("logits = logits + agreement", "pass", "no routing"),
        ("range(self.n_iters)", "range(self.n_iters - 1)", "one iteration too few"),
        ("range(self.n_iters)", "range(2)", "ageron, theScinder: always two"),
        ("pose = squash(", "pose = (", "no squash"),
        ('"b i j, b i j e -> b j e")\n', '"b i j, b i j e -> b j e") / votes.shape[1]\n', "mean for sum"),
        ("einsum(votes, pose,", "einsum(votes, pose / pose.norm(dim=-1, keepdim=True),", "cosine for dot product"),
        ("votes.new_zeros(votes.shape[:3])", "torch.randn(votes.shape[:3]).to(votes)", "random start"),
        ("squash(total + bias)", "squash(total)", "the authors' bias ignored"),
        ("*_, last = self", "last, *_ = self", "the first pose for the last"),
        ("if n_iters < 1", "if n_iters < 0", "no check"),
        ("if not isinstance(n_iters, int)", "if False", "no check"),
        ("if votes.ndim != 4", "if False", "no check"),
        ("if not votes.is_floating_point()", "if False", "no check"),
    ],
    "losses.py": [
        ("(m_pos - lengths).clamp(min=0) ** 2", "(m_pos - lengths).clamp(min=0)", "labml, higgsfield, cezannec: no square"),
        ("(lengths - m_neg).clamp(min=0) ** 2", "(lengths - m_neg).clamp(min=0)", "labml, higgsfield, cezannec: no square"),
        ("    too_short = ", "    lengths = lengths.softmax(dim=-1)\n    too_short = ", "gram-ai, theScinder: softmax on lengths"),
        ("per_class.sum() / max(len(lengths), 1)", "per_class.mean()", "adambielski: mean over classes"),
        ("per_class.sum() / max(len(lengths), 1)", "per_class.sum()", "sum over the batch"),
        ("per_class.sum() / max(len(lengths), 1)", "0.5 * per_class.sum() / max(len(lengths), 1)", "the authors' code: half"),
        ("max(len(lengths), 1)", "len(lengths)", "NaN for an empty batch"),
        ("max(len(images), 1)", "len(images)", "NaN for an empty batch"),
        ("((reconstruction - images) ** 2).sum() / max(len(images), 1)", "((reconstruction - images) ** 2).mean()", "labml, ageron, hula-ai: mean over pixels"),
        ("((reconstruction - images) ** 2)", "(reconstruction - images).abs()", "absolute for squared error"),
        ("RECONSTRUCTION_WEIGHT = 0.0005", "RECONSTRUCTION_WEIGHT = 0.01", "the authors' code: 20 times"),
        ("torch.where(present, too_short, down", "torch.where(~present, too_short, down", "present for absent"),
        ("down_weight * too_long", "too_long", "no lambda"),
        ("(m_pos - lengths).clamp(min=0)", "(m_pos - lengths)", "no margin"),
        ("(lengths - m_neg).clamp(min=0)", "(lengths - m_neg)", "no margin"),
        ("m_pos: float = 0.9", "m_pos: float = 0.8", "another margin"),
        ("m_neg: float = 0.1", "m_neg: float = 0.2", "another margin"),
        ("down_weight: float = 0.5", "down_weight: float = 1.0", "another lambda"),
        ("labels >= n_classes", "labels > n_classes", "label 10 of 10 passes"),
        ("(labels < 0) | ", "", "label -1 passes"),
        ("if present.dtype != torch.bool", "if False", "no check"),
        ("lengths.ndim != 2 or lengths.shape != present.shape", "False", "no check: broadcasts"),
        ("lengths.ndim != 2 or ", "", "no check of the axes"),
        ("if not lengths.is_floating_point()", "if False", "no check"),
        ("labels.is_floating_point() or ", "", "no check"),
        (" or labels.dtype == torch.bool", "", "no check"),
        ("if labels.ndim != 1", "if False", "no check"),
        ("if reconstruction.shape != images.shape", "if False", "no check: broadcasts"),
    ],
    "convolution.py": [
        ("if self.fast:", "if False:", "never fast"),
        ("out_channels, kernel_size, stride)\n", "out_channels, kernel_size)\n", "no stride"),
        ("-width % stride, 0, -height % stride", "0, 0, 0", "kernels of whole squares only"),
        ("-width % stride, 0, -height % stride", "-height % stride, 0, -width % stride", "rows for columns"),
        ("F.pad(pixels, (0, columns, 0, rows))", "pixels", "pixels that no patch reaches"),
        ("F.pad(pixels, (0, columns, 0, rows))", "F.pad(pixels, (columns, 0, rows, 0))", "at the wrong end"),
        ("y : y + end : stride", "y : y + end", "no stride over rows"),
        ("weight.shape[3], stride)", "weight.shape[3], 1)", "no stride over columns"),
        ("-> (b h w) (x c)", "-> (b h w) (c x)", "another order"),
        ("grad.sum(dim=(0, 2, 3)) if needs_bias", "grad.sum(dim=(0, 2, 3)) * 0 if needs_bias", "the bias does not learn"),
    ],
    "fast.py": [
        (" * matrices.element_size()", "", "parts too large"),
        ("max(1, AT_ONCE // products)", "AT_ONCE // products", "parts of nothing"),
        ("below / len(matrices)", "below / below.shape[2]", "couplings over the children"),
        ("below / len(matrices)", "below", "first couplings of 1"),
        ("+ bias)\n    logits", ")\n    logits", "no bias in the first iteration"),
        ("squash(total + bias)", "squash(total)", "no bias in the others"),
        ("range(n_iters - 1)", "range(n_iters)", "one iteration too many"),
        ("range(n_iters - 1)", "range(2)", "always three"),
        ("logits = logits + (expected", "logits = (expected", "replaced, not added"),
        ("logits.softmax(dim=0)", "logits.softmax(dim=-1)", "over the children"),
        ("logits.softmax(dim=0)", "logits.detach().softmax(dim=0)", "gradient cut"),
        ("(expected * below).sum(dim=2)", "(expected * below).sum(dim=2).detach()", "gradient cut"),
    ],
    "layers.py": [
        ("if self.fast:\n            self._check(poses)", "if self.fast:", "no check"),
        ("if self.fast:\n            self._check(poses)", "if False:", "never fast"),
        ('rearrange(maps, "b (t d) h w -> b (t h w) d", d=self.pose_dim)', "maps.reshape(len(maps), -1, self.pose_dim)", "XifengGuo-PyTorch, higgsfield, danielhavir: view"),
        ("squash(rearrange(maps,", "squash(rearrange(maps.relu(),", "naturomics, ageron: ReLU before squash"),
        ("return squash(rearrange(maps, ", "return (lambda p: squash(p.mT).mT)(rearrange(maps, ", "timomernick, cedrickchee: squash over 1152"),
        ("return squash(rearrange(maps, ", "return (rearrange(maps, ", "seed of 2021: primary capsules not squashed"),
        ('"b (t d) h w -> b (t h w) d"', '"b (t d) h w -> b (h w t) d"', "another order than documented"),
        ('"b (t d) h w -> b (t h w) d"', '"b (d t) h w -> b (t h w) d"', "another grouping than documented"),
        ('"b (t d) h w -> b (t h w) d"', '"b (t d) h w -> b (t w h) d"', "transposed places"),
        ("n_types * pose_dim, kernel_size, stride)", "n_types * pose_dim, kernel_size)", "no stride"),
        ("sd = 0.1 * (n_classes / 10) * math.sqrt(1152 / n_children)", "sd = 1.0", "gram-ai, labml, higgsfield: saturated"),
        ("sd = 0.1 * (n_classes / 10) * math.sqrt(1152 / n_children)", "sd = 0.01", "XifengGuo-PyTorch, danielhavir: nearly dead"),
        ("sd = 0.1 * (n_classes / 10) * math.sqrt(1152 / n_children)", "sd = 0.1", "the same for every size"),
        ("einsum(poses, self.weight,", "einsum(poses, self.weight[:1].expand_as(self.weight),", "old Keras example: one W for all"),
        ("einsum(poses, self.weight,", "einsum(poses, self.weight.detach(),", "W does not learn"),
        ("self.router = DynamicRouter(n_iters)", "self.router = DynamicRouter(3)", "XifengGuo-PyTorch: iterations ignored"),
        ("self.router(self.votes(poses), bias)", "squash(self.votes(poses).mean(dim=1))", "no routing"),
        ("features = self.scale * features", "pass", "the authors' scale ignored"),
        ("(n_classes, pose_dim), 0.1", "(n_classes, pose_dim), 0.0", "the authors' bias from another start"),
        ('masked = pose * rearrange(present, "b j -> b j 1")', "masked = pose", "no mask"),
        ('masked = pose * rearrange(present, "b j -> b j 1")', 'masked = pose * rearrange(~present, "b j -> b j 1")', "the others for the one"),
        ('rearrange(masked, "b j e -> b (j e)")', 'rearrange(masked.roll(1, 1), "b j e -> b (j e)") * 0 + masked.sum(1).repeat(1, pose.shape[1])', "16 inputs for 160: the class is lost"),
        ("last, nn.Sigmoid()", "last", "no sigmoid"),
        ("nn.Linear(n_in, n_out), nn.ReLU()", "nn.Linear(n_in, n_out), nn.Tanh()", "another activation"),
        ("pixels.unflatten(-1, self.image_shape)", "pixels.unflatten(-1, self.image_shape[:1] + self.image_shape[:0:-1]).mT", "columns for rows"),
        ("features.ndim != 4 or features.shape[1] != self.conv.in_channels", "False", "no check"),
        ("poses.ndim != 3 or poses.shape[1:] != (n_children, child_dim)", "False", "no check"),
        ("if present.dtype != torch.bool", "if False", "no check"),
        ("if pose.ndim != 3 or present.shape != pose.shape[:2]", "if False", "no check: broadcasts"),
    ],
    "capsnet.py": [
        ("if present is None:", "if True:", "labml, danielhavir, motokimura: masked by the prediction"),
        ("F.one_hot(lengths.argmax(dim=-1)", "F.one_hot(lengths.softmax(dim=0).argmax(dim=-1)", "jindongwang: softmax over the batch"),
        ("lengths = torch.linalg.vector_norm(pose, dim=-1)", "lengths = torch.linalg.vector_norm(pose, dim=-1).softmax(-1)", "gram-ai: softmax on lengths"),
        ("lengths = torch.linalg.vector_norm(pose, dim=-1)", "lengths = pose.square().sum(dim=-1)", "squared lengths"),
        ("F.relu(self.conv(images))", "self.conv(images)", "no ReLU"),
        ("pose = pose.to(images.dtype)", "pass", "lengths in half precision"),
        ("KERNEL_SIZE = 9", "KERNEL_SIZE = 7", "another kernel"),
        ("PRIMARY_STRIDE = 2", "PRIMARY_STRIDE = 3", "another stride"),
        ("if images.numel() and not", "if False and not", "danielhavir, labml: normalised images pass"),
        ("images.dtype != self.conv.weight.dtype", "False", "no check"),
        ("images.ndim != 4 or images.shape[1:] != expected", "False", "no check"),
        ("if present is not None and present.dtype", "if False and present.dtype", "no check"),
        ("if present is not None and present.shape", "if False and present.shape", "no check"),
    ],
    "training.py": [
        ("    optimizer.zero_grad()\n", "", "gradients of earlier batches stay"),
        ("model(images, present)", "model(images)", "labml, higgsfield: masked by the prediction"),
        ("+ reconstruction_weight * reconstruction", "", "decoder does not learn"),
        ("+ reconstruction_weight * reconstruction", "+ 0.0005 * reconstruction", "weight ignored"),
        ("    optimizer.step()\n", "", "nothing learns"),
        ("if not torch.nn.utils.get_total_norm(gradients).isfinite()", "if False", "NaN reaches the weights"),
        ("argmax(dim=-1) for batch", "argmin(dim=-1) for batch", "the shortest capsule wins"),
    ],
    "drawings.py": [
        ("if not (ink > 0).all()", "if not (ink > 0).any()", "one drawing without ink passes"),
        ("mean(right * up) / upright", "-mean(right * up) / upright", "leaning the other way"),
        (".clamp(min=1e-9)", "", "NaN for a single row"),
        ("- slant**2 * upright)", "- 0 * upright)", "the slant counts as width"),
        ("- slant**2 * upright)", "- slant * upright)", "square forgotten"),
        ("2 * ink / _outline", "ink / _outline", "half of the thickness"),
        ("return (images * values).sum(dim=(-2, -1)) / ink", "return (images * values).sum(dim=(-2, -1))", "darker ink measures more"),
        ("F.pad(images, (1, 1, 1, 1))", "images", "no outline at the border"),
        ("torch.hypot(across, down).sum", "(across.abs() + down.abs()).sum", "corners count more"),
        ("(down[..., 1:] + down[..., :-1]) / 2", "down[..., 1:]", "slope of two pixels"),
        ("[by_column, right * by_column, up * by_column]", "[by_column, up * by_column, right * by_column]", "another order than MOVES"),
        ("torch.hypot(by_row, by_column)", "by_row + by_column", "thickening is a shift"),
        ("torch.linalg.qr(moves.flatten(2).mT)", "(moves.flatten(2).mT, None)", "moves not at right angles"),
        ("/ flat.square().sum(dim=-1)", "/ flat.square().sum(dim=-1).sqrt()", "not a share"),
    ],
    "encoding.py": [
        ("(len(flat),), digit,", "(len(flat),), 0,", "always the first class"),
        ("range(-5, 6)", "range(-5, 5)", "no +0.25"),
        ("directions = torch.eye(pose.shape[-1])", "directions = 1 - torch.eye(pose.shape[-1])", "all but one number"),
        ("return high - low", "return low - high", "the wrong sign"),
        ("perturbed(pose, (-reach, reach)", "perturbed(pose, (-REACH, REACH)", "reach ignored"),
        ("perturbed(pose, (-reach, reach), directions)", "perturbed(pose, (-reach, reach))", "directions ignored"),
        ("effects**2 / (effects**2).sum(dim=0)", "effects.abs() / effects.abs().sum(dim=0)", "no squares: depends on the axes"),
        ("(effects**2).sum(dim=0)", "(effects**2).sum(dim=1, keepdim=True)", "over properties"),
        ("2 * REACH * torch.linalg.pinv(effects)", "torch.linalg.pinv(effects)", "in rows for spreads"),
        ("torch.linalg.pinv(effects)", "(effects / effects.square().sum(dim=0)).T", "steepest, not alone"),
        ("q * r.diagonal().sign()", "q", "QR prefers some directions"),
        ("new_values - _with_one", "values - _with_one", "scored on the digits it learned from"),
        ("F.pad(pose, (0, 1), value=1.0)", "F.pad(pose, (0, 1))", "no constant"),
    ],
    "explorers/capsules.js": [
        ("length / (1 + length * length)", "length / (1 + length)", "square forgotten"),
        ("(x * Math.abs(x))", "(x * x)", "the bug loses its sign"),
        ("Math.exp(b - largest)", "Math.exp(b)", "overflow"),
        ('axis === "parents"', 'axis !== "parents"', "axes swapped"),
        ("const start = bias ?? ", "const start = ", "no bias"),
        ("(logits[i][j] += x)", "(logits[i][j] = x)", "replaced, not added"),
        ("Math.log2(p)", "Math.log(p)", "not bits"),
        ("(p > 0 ? sum", "(true ? sum", "NaN where a share is zero"),
        ("lengths[j] && (c", "(c", "NaN where a sum is zero"),
        ("weights = coupling.map(() => 1)) {", "_, weights = coupling.map(() => 1)) {", "weights ignored"),
        ("there ? 1 : downWeight", "1", "absent classes weigh as much"),
        ("[over, Math.sign(over)]", "[over, 1]", "pushes past the margin"),
        ("slopes.map(through)", "slopes", "gradient not through the softmax"),
        ("(there ? 1 : 0) / count", "there ? 1 : 0", "the label is not shared"),
    ],
    "explorers/tensors.js": [
        ("(h & 0x8000) << 16", "0", "no signs"),
        ("2 ** 112", "2 ** 111", "half of each number"),
        ("header.format !== FORMAT", "false", "no check"),
        ("block.byteLength !== header.bytes", "false", "no check"),
        ("buffer.slice(byteOffset, byteOffset + header.bytes)", "buffer.slice(0, header.bytes)", "a view that starts later"),
        ("Math.min(n + 3, columns - 1)", "n + 3", "over the edge of a row"),
        ("row * stride + y", "row + y", "no stride"),
        ("m * size + start", "m * size", "always the first class"),
    ],
    "explorers/network.js": [
        ("x > 0 ? x : 0", "x", "no ReLU"),
        ("matrix[m * e + n]", "matrix[n * d + m]", "matrices transposed"),
        (" * config.primary_scale", "", "not the authors' scale"),
        ("config.class_bias ?", "false ?", "not the authors' bias"),
        ("(type * d + k) * places + place", "(k * config.primary_types + type) * places + place", "channels read as (d t)"),
        ("children[i].set(squash(child))", "children[i].set(child)", "primary capsules not squashed"),
        ("iterations = config.n_iters", "iterations = 3", "always three"),
        ("layer <= hidden", "layer < hidden", "a layer too few"),
        ("image.length !== product(shape)", "false", "no check"),
        ("(share * ink[k]) / total", "share / window.length", "spread over paper, too"),
        ("background += share", "background += 0", "what has no ink is lost"),
        ("STRIDE * (Math.floor", "(Math.floor", "windows too near to each other"),
    ],
    "explorers/pad.js": [
        ("pen / 2 + 0.5", "pen + 0.5", "diameter for radius"),
        ("Math.min(1, Math.max(0, share))", "share", "lines without ends"),
        (" - pen - 1) / longer", ") / longer", "ink larger than in MNIST"),
        ("2 * m - mass[axis]", "m", "not the mass in the middle"),
        ("Math.min(size - 0.5 - half, ", "Math.min(size, ", "ink leaves the frame"),
        ("Math.max(half - 0.5, ", "Math.max(-size, ", "ink leaves the frame"),
        ("dark >= 0.5", "dark > 0", "half covered pixels are no ink"),
        ("[middle + cos * x - sin * y, middle + sin * x + cos * y]", "[middle + cos * x + sin * y, middle - sin * x + cos * y]", "clockwise"),
        ("Math.cos(turn) / scale", "Math.cos(turn) * scale", "smaller for larger"),
        ("Math.min(1, x + other[k])", "x + other[k]", "not clipped"),
        ("(1 - across) * pixel(left, y)", "pixel(left, y)", "not between pixels"),
    ],
    "explorers/strokes.js": [
        ("bytes.length > MOST_BYTES", "false", "texts of any length"),
        ("count === 0 || ", "", "strokes of nothing"),
        ("numbers.length < 2 * count", "false", "a text cut off"),
        ("text.length % 4 === 1", "false", "an error for a broken link"),
        ("Math.min(255, Math.max(0, Math.round(x)))", "Math.round(x)", "points beside the pad"),
        ('text.replaceAll("-", "+")', "text", "plus and minus"),
        ("far[farthest] <= tolerance", "far[farthest] <= 2", "never coarser"),
    ],
    "explorers/parts.py": [
        ("sorted(tensors.items())", "tensors.items()", "any order"),
        ('entry["dtype"] != "F16"', "False", "no check"),
        ("zlib.adler32(block)", "zlib.crc32(block)", "another checksum"),
    ],
    "explorers/weights.py": [
        ("model.class_caps.router.n_iters", "model.config.n_iters", "not what the model does"),
        ("size > LARGEST", "False", "no check"),
        ("found != fits", "False", "no check"),
        ("not half.isfinite().all()", "False", "no check"),
        ("not isinstance(model, CapsNet)", "False", "no check"),
    ],
    "explorers/squash_maths.js": [
        ("(n * n) / (1 + n * n);", "n / (1 + n);", "another curve"),
        ("(2 * n) / (1 + n * n) ** 2", "(2 * n) / (1 + n * n)", "another slope"),
        ("squashedLength(n) * (x / n)", "n * (x / (1 + n * n))", "no NaN, as if it were printed so"),
        ("[Math.cos(degrees * TURN), Math.sin(degrees * TURN)]", "[Math.sin(degrees * TURN), Math.cos(degrees * TURN)]", "angles from the other axis"),
        ("x + other[d]", "x - other[d]", "the second vote subtracted"),
        ("squashEachNumber(total) : null", "squash(total) : null", "the bug does not show"),
        ("squashEachNumber(total) : null", "squashEachNumber(s) : null", "the bug forgets the second vote"),
    ],
    "explorers/squash.py": [
        ("s + torch.stack([angle.cos(), angle.sin()])", "s + torch.stack([angle.sin(), angle.cos()])", "angles from the other axis"),
        (".deg2rad()", "", "degrees for radians"),
        ("squash(self.total).norm()", "squash(self.total)[0]", "one number for the length"),
    ],
    "explorers/votes.js": [
        ("[length * Math.cos(turn * DEGREE), length * Math.sin(turn * DEGREE)]", "[length * Math.sin(turn * DEGREE), length * Math.cos(turn * DEGREE)]", "angles from the other axis"),
        ('axis === "parents" ? right', 'axis !== "parents" ? right', "right and wrong exchanged"),
        ("route(votes, iterations).at(-1)", "route(votes, iterations)[0]", "the first iteration for the last"),
        ("attribution(votes, used)", "attribution(votes, right)", "shares of what is not drawn"),
        ("n === i ?", "n !== i ?", "all other votes change"),
        ("m === j ? whole(turn + by) : turn", "whole(turn + by)", "both parents turn"),
        ("m === j ? whole(turn + by) : turn", "m === j ? whole(turn + by * m) : turn", "A does not turn"),
        ("stray[children.length]", "stray[0]", "always the same child joins"),
        ("[[40, 1.01], row[1]]", "[row[0], [130, 1.01]]", "B is helped"),
        ('long === "100" ? ""', 'long !== "100" ? ""', "lengths left out"),
        ('rest.length ? "" : turn', "turn", "what follows is ignored"),
        ("list.length > MOST", "false", "any number of children"),
        ("way * between(at[a], at[b])", "between(at[a], at[b])", "the fan is folded"),
        ("Math.abs(p[1] - q[1]) < gap", "true", "marks that are far apart are moved"),
        ("whole360(to - from + 180) - 180", "to - from", "the long way round"),
    ],
    "explorers/planes.js": [
        ("Math.min(norm(point), limit)", "norm(point)", "votes of any length"),
        ("Math.abs(length - mark) < 0.06", "false", "1 is hard to hit"),
    ],
    "explorers/routing.py": [
        ("torch.stack([turn.cos(), turn.sin()], dim=-1)", "torch.stack([turn.sin(), turn.cos()], dim=-1)", "angles from the other axis"),
        ("turn = turn.deg2rad()", "pass", "degrees for radians"),
        ("length[..., None] * ", "", "lengths ignored"),
        ("torch.atan2(votes[..., 1], votes[..., 0])", "torch.atan2(votes[..., 0], votes[..., 1])", "angles from the other axis"),
        ("DynamicRouter(self.iterations)", "DynamicRouter(3)", "always three"),
        ("votes.shape[1:] != (2, 2)", "False", "no check"),
        ("1 <= len(votes) <= MOST", "len(votes) <= MOST", "no children"),
        ("if not (length <= 2).all()", "if (length > 2).any()", "NaN passes"),
        ("1 + long", "1", "long votes are cut"),
        ("model=model, **traits", "**traits", "the model is lost"),
    ],
    "explorers/margin_maths.js": [
        ("mPos: 0.9, mNeg: 0.1", "mPos: 0.9, mNeg: 0.2", "another margin"),
        ("downWeight, bug: BUGS[bug]", "bug: BUGS[bug]", "always half the price"),
        ("{ ...MARGINS, downWeight })", "{ ...MARGINS, downWeight, bug: BUGS[bug] })", "the right loss has the bug"),
        ("Math.max(-slope, 0)", "Math.max(slope, 0)", "pull is push"),
        ("Math.max(slope, 0)", "slope", "push without its own"),
        ('bug === "softmax" ? shares : lengths', "lengths", "what the bug sees does not show"),
        ("/ gradients.length", "", "a sum for the mean"),
        ("x - STEP *", "x + STEP *", "up the slope"),
        ("clamp(x - STEP * slopes[j])", "x - STEP * slopes[j]", "longer than 1"),
        ("{ ...MARGINS, ...options }", "{ ...MARGINS }", "no options"),
    ],
    "explorers/margin.py": [
        ("down_weight=self.down_weight", "down_weight=0.5", "always half the price"),
        ("len(values) != 10 or ", "", "any number of classes"),
        ("0 <= x <= 1", "x <= 1", "lengths below zero"),
        ('" and ".join', '", ".join', "another sentence"),
    ],
    "explorers/voters.js": [
        ("attribution(votes, step)", "step.coupling", "couplings for shares"),
        ("meanEntropy(step.coupling, loud)", "step.entropy", "silent capsules count as much"),
        ("step.sum.map(norm)", "step.lengths", "after squash"),
        ("sums[i % places]", "sums[Math.floor(i / 8) % places]", "places before types"),
        ("n * STRIDE", "n", "windows one pixel apart"),
        ("dark / channels", "dark", "the sum of the channels"),
        ("RUBBER = 2.5", "RUBBER = 2", "a smaller eraser"),
        ("at < rest.length", "at < size", "the first channel alone is rubbed out"),
        ("row = 1; row < height", "row = 0; row < height", "other pieces"),
        ("lengths[j] - without[pass][j]", "without[pass][j] - lengths[j]", "for is against"),
        ("Math.max(counts[k], 1)", "1", "no mean"),
    ],
    "explorers/digit_look.js": [
        ("traits.iterations - 1", "net.config.n_iters - 1", "always three passes"),
        ("n !== null && n < count", "n !== null", "a class that is not there"),
        ("type === Math.floor(i / places)", "type === i % types", "types last"),
        ("i % places === place", "Math.floor(i / types) === place", "places first"),
        ("typed(i) ? share : 0", "share", "the map has all types"),
        ("spots.length ? rest(digit, spots) : whole(digit, [])", "whole(digit, [])", "the network does not run again"),
        ("sum - map[k]", "sum + map[k]", "the map says the contrary"),
        ("now.before[j] - intact.before[j]", "now.lengths[j] - intact.lengths[j]", "after squash"),
        ("/ rows.length", "", "sums of couplings"),
        ("spot < size", "true", "spots outside the image"),
    ],
    "explorers/digit_routing.py": [
        ("[self.iterations - 1].coupling", "[0].coupling", "always the first pass"),
        ('"i j, i j e -> j e") + self._bias()', '"i j, i j e -> j e")', "no bias"),
        ("total / total.norm(dim=-1, keepdim=True)", "total", "shares of |s| squared"),
        ("<= RUBBER**2", "<= 4", "a smaller eraser"),
        ("pixels[:, under]", "pixels[0, under]", "the first channel alone is rubbed out"),
        ("if image.shape != shape", "if False", "no check"),
        ("if not (image.min() >= 0", "if False and not (image.min() >= 0", "no check"),
        ("elif shape != (1, 28, 28)", "elif False", "no check"),
    ],
    "explorers/playground_maths.js": [
        ("if (strokes.length) layers.push", "if (!layers.length) layers.push", "no stroke on a digit"),
        ("overlay(one, other)", "other", "the upper digit alone"),
        ("Math.round(255 * x)", "255 * x", "cut, not rounded"),
        ("lengths[b] - lengths[a]", "lengths[a] - lengths[b]", "the shortest first"),
        ("pen, centred: false", "pen, centred: true", "a tiny drawing is ink"),
        ("own ? drawn : FEWEST", "drawn", "a stored digit has no strokes"),
        ("if (lengths[first] < SURE)", "if (false)", "always sure"),
        ("layers > 1) return two ?", "layers > 1) return true ?", "always two"),
        ("x + change[n] * spread[n]", "x + change[n]", "spreads forgotten"),
        ("b.effect - a.effect", "a.n - b.n", "not by effect"),
        ("k * 360) / POINTS - 180", "k * 360) / POINTS", "the compass begins elsewhere"),
        ("lengths[first] < SURE ? null : first", "first", "unsure is read as something"),
        ("runs.length > 1 && runs[0]", "false && runs[0]", "a stretch ends at -180"),
        ("360 - is - unsure", "360 - is", "unsure is wrong"),
    ],
    "explorers/playground.py": [
        ("traitlets.CBytes()", "traitlets.Bytes()", "a page sends a memoryview"),
        ("view(SHAPE) / 255", "view(SHAPE)", "bytes for pixels"),
        ("not self.strokes and self.second is None", "True", "the stored digit alone"),
        ("model.config.image_shape != SHAPE", "False", "no check"),
        ('== 1 else "strokes"', '== 0 else "strokes"', "1 strokes"),
    ],
    "explorers/link.js": [
        ("Math.min(Math.max(x, low), high)", "x", "what lies beyond is written"),
        ("x >= low && x <= high", "x <= high", "below the range"),
        ("x >= low && x <= high", "x >= low", "above the range"),
        ("n === undefined || list.length === n", "true", "lists of any length"),
        ("words.includes(text)", "true", "any word"),
        ("Object.hasOwn(kinds, name) ? kinds[name].read(value)", "name in kinds ? kinds[name].read(value)", "constructor is no trait"),
        ("version !== VERSION", "false", "any version"),
        ("Math.round(", "Math.floor(", "cut, not rounded"),
        ('x === null ? "-"', '!x ? "-"', "no is not nothing"),
    ],
    "explorers/joining.py": [
        ("text if last else re.sub", "re.sub", "no export at all"),
        ("_colours('dark')", "_colours('light')", "one theme"),
        ('if re.search(r"^import\\b", text, re.MULTILINE)', "if False", "no check"),
    ],
    "explorers/base.py": [
        ("value.tolist() if", "value if", "tensors in traits"),
        ('"text/plain": repr(self)', '"text/plain": ""', "no sentence"),
        ("**_saved(self.picture()), ", "", "no picture"),
        ("_ipython_display_ = None", "", "no picture in Colab"),
    ],
}  # fmt: skip


NEAREST, OTHERS, ALL = slice(1), slice(1, None), slice(None)  # tests, nearest first


def how_far(test: str, file: str) -> tuple[bool, bool]:
    """Sorts the tests that probably kill a mutant of this file to the front."""
    other_part = test.startswith("explorer") != file.startswith("explorers/")
    return file not in TESTS[test], other_part


def run(number: int, tests: slice = NEAREST, quiet: bool = True) -> int:
    """Run the tests on a copy of the package with one change; return pytest's exit code."""
    file, (text, becomes, _) = EVERY[number]
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "capsnet_tutorial"
        shutil.copytree(ROOT / "capsnet_tutorial", copy)
        (Path(folder) / "data").symlink_to(ROOT / "data")
        before = (copy / file).read_text(encoding="utf-8")
        if before.count(text) != 1:
            raise ValueError(
                f"mutant {number}: {file} has {text!r} {before.count(text)} times"
            )
        (copy / file).write_text(before.replace(text, becomes), encoding="utf-8")
        sys.path.insert(0, folder)
        names = sorted(TESTS, key=lambda test: how_far(test, file))[tests]
        paths = [f"{ROOT}/tests/test_{name}.py" for name in names]
        options = ["-x", "-q", "-p", "no:cacheprovider", "--deselect", COMPILED]
        options += ["-W", "ignore::pytest.PytestAssertRewriteWarning"]  # for SLOW
        with contextlib.ExitStack() as stack:
            if quiet:
                null = stack.enter_context(open(os.devnull, "w"))
                stack.enter_context(contextlib.redirect_stdout(null))
                stack.enter_context(contextlib.redirect_stderr(null))
            return int(pytest.main([*options, *paths]))


SLOW = [
    "accelerate",
    "anywidget",
    "hypothesis",
    "matplotlib.figure",
    "nbval.plugin",
    "torch._dynamo",
    "torchvision",
]
EVERY = [(file, mutant) for file, mutants in MUTANTS.items() for mutant in mutants]
COMPILED = (
    "tests/test_capsnet.py::test_compiles_to_one_graph_with_equal_results"  # slow
)


def main() -> int:
    os.chdir(ROOT)
    if sys.argv[1:]:
        return max(run(int(number), ALL, quiet=False) == 0 for number in sys.argv[1:])
    left = range(len(EVERY))
    with multiprocessing.get_context("fork").Pool(2, maxtasksperchild=1) as pool:
        for tests in (NEAREST, OTHERS):
            codes = pool.imap(functools.partial(run, tests=tests), left)
            left = [n for n, code in zip(left, codes, strict=True) if not told(n, code)]
    for number in left:
        print(f"{number:3} SURVIVED  {' '.join(EVERY[number][1])}")
    print(f"{len(EVERY) - len(left)} of {len(EVERY)} killed")
    return int(bool(left))


def told(number: int, code: int) -> bool:
    """Say it if a mutant is killed; a run that did not come to its end kills none."""
    file, (_, _, why) = EVERY[number]
    if code == pytest.ExitCode.TESTS_FAILED:
        print(f"{number:3} killed {file:30} {why}", flush=True)
    elif code != pytest.ExitCode.OK:
        print(f"{number:3} pytest stopped with {code}: {file}, {why}", flush=True)
    return code == pytest.ExitCode.TESTS_FAILED


if __name__ == "__main__":
    for module in SLOW:  # once, before the forks
        importlib.import_module(module)

    sys.exit(main())
