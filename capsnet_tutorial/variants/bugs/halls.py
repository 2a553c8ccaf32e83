"""The exhibits, room by room, and where each was seen.

What was seen is what stood in the repositories on the dates given; several have been
mended since, or answered their readers.  Every program here trains, and names more than
98 of 100 MNIST digits rightly by its own account: that is why the bugs live.
"""

from capsnet_tutorial.variants.bugs import plants
from capsnet_tutorial.variants.bugs.exhibit import Exhibit, Seen

PROGRAMS_READ = 21  # programs with dynamic routing, in whole; the five documents aside

CEDRICKCHEE = ("cedrickchee/capsule-net-pytorch", "2019-10-29")
CEZANNEC = ("cezannec/capsule_net_pytorch", "2020-05-15")
DANIELHAVIR = ("danielhavir/capsule-network", "2018-05-06")
GRAM_AI = ("gram-ai/capsule-networks", "2018-11-09")
HIGGSFIELD = ("higgsfield/Capsule-Network-Tutorial", "2017-12-27")
HULA_AI = ("hula-ai/capsule_network_dynamic_routing", "2020-05-19")
JINDONGWANG = ("jindongwang/Pytorch-CapsuleNet", "2021-06-24")
LABML = ("labmlai/annotated_deep_learning_paper_implementations", "2025-08-21")
LIDQ92 = ("lidq92/pytorch-capsule-networks", "2018-05-01")
MOTOKIMURA = ("motokimura/capsnet_pytorch", "2019-08-28")
ADAMBIELSKI = ("adambielski/CapsNet-pytorch", "2019-08-13")
AGERON = ("ageron/handson-ml", "2026-05-20")
KERAS = ("keras-team/keras, examples/cifar10_cnn_capsule.py", "removed since")
LAUBONGHAUDOI = ("laubonghaudoi/CapsNet_guide_PyTorch", "2020-01-15")
NATUROMICS = ("naturomics/CapsNet-Tensorflow", "2018-09-14")
THESCINDER = ("theScinder/capsule_networks_rotated_MNIST", "2019-04-18")
TIMOMERNICK = ("timomernick/pytorch-capsule", "2017-11-08")
XIFENG = ("XifengGuo/CapsNet-Pytorch", "2017-11-30")
DOCUMENT_000 = ("document 000 of chapter 11", "no date")
DOCUMENT_001 = ("document 001 of chapter 11", "no date")


def _seen(*places: tuple) -> tuple[Seen, ...]:
    """From ((program, date), place, thread or nothing)."""
    return tuple(Seen(*program, *rest) for program, *rest in places)


EXHIBITS: dict[str, Exhibit] = {
    "view-mixes-pixels": Exhibit(
        title="Capsules made of pixels",
        room="capsules",
        symptom="nothing: it learns, and counts as well as others",
        cause="memory order is channel, row, column: 8 neighbours are 8 pixels of one "
        "channel",
        wrong="maps.view(b, -1, 8)",
        right='rearrange(maps, "b (t d) h w -> b (t h w) d", d=8)',
        seen=_seen(
            (XIFENG, "capsulelayers.py:104", "issue 2, the author agrees; it stayed"),
            (DANIELHAVIR, "capsules.py:45", "issue 4"),
            (LIDQ92, "capsules.py:48"),
            (JINDONGWANG, "capsnet.py:33", "issue 21"),
            (HIGGSFIELD, "cell 3", "issues 4, 13, 18"),
        ),
        plant=plants.view_mixes_pixels,
    ),
    "squash-wrong-axis": Exhibit(
        title="Squashed across the capsules",
        room="capsules",
        symptom="every capsule below is short: 0.08 on the average, if there are 1152",
        cause="the length is measured along the 1152 capsules, not along the 8 numbers "
        "of each",
        wrong="squash(capsules, dim=1)  # (b, 1152, 8)",
        right="squash(capsules, dim=-1)",
        seen=_seen(
            (CEDRICKCHEE, "capsule_layer.py:165", "issue 6, closed as no issue"),
            (TIMOMERNICK, ""),
            (DOCUMENT_001, "line 392: over the ten classes"),
        ),
        plant=plants.squash_wrong_axis,
    ),
    "batchnorm-train-mode": Exhibit(
        title="BatchNorm that still learns in the test",
        room="capsules",
        symptom="counts change with the batch size of the test, and with its order",
        cause="nobody calls model.eval(), so each image is measured by its neighbours",
        wrong="predict(model, images)",
        right="model.eval(); predict(model, images)",
        seen=_seen((THESCINDER, "capsule_network.py, in batches of 8")),
        plant=plants.batchnorm_train_mode,
    ),
    "softmax-over-children": Exhibit(
        title="Children compete, parents do not",
        room="routing",
        symptom="loss leaves 0.81 slowly, for capsules start dead; or as fast as ever, "
        "if the matrices are ten times too large",
        cause="the softmax runs over the 1152 children, and a parent gets 1/1152",
        wrong="logits.softmax(dim=1)  # (b, i, j)",
        right="logits.softmax(dim=2)",
        seen=_seen(
            (GRAM_AI, "capsule_network.py:69", "issue 10"),
            (THESCINDER, "capsule_network.py:81"),
            (HIGGSFIELD, "cell 4: no dim given", "issue 7"),
            (JINDONGWANG, "capsnet.py:66", "issue 8, closed"),
            (LABML, "capsule_networks/__init__.py:93"),
            (TIMOMERNICK, "capsule_layer.py:102", "issues 7 and 12"),
            (CEZANNEC, "ipynb:412", "issue 1, closed"),
        ),
        plant=plants.softmax_over_children,
    ),
    "shared-logits": Exhibit(
        title="One routing for the whole batch",
        room="routing",
        symptom="the answer for an image changes with the images beside it; worse with "
        "one image at a time",
        cause="agreements are averaged over the batch before they are added",
        wrong="logits = logits + agreement.mean(dim=0)",
        right="logits = logits + agreement",
        seen=_seen(
            (JINDONGWANG, "capsnet.py:60"),
            (HIGGSFIELD, "cell 4"),
            (CEDRICKCHEE, "capsule_layer.py:94"),
            (MOTOKIMURA, "digit_caps.py:68"),
            (TIMOMERNICK, ""),
        ),
        plant=plants.shared_logits,
    ),
    "logits-per-feature": Exhibit(
        title="Every number is routed by itself",
        room="routing",
        symptom="nothing",
        cause="the product of vote and pose is not summed, so a logit is kept for each "
        "of the 16 numbers",
        wrong="logits = logits + votes * pose",
        right="logits = logits + (votes * pose).sum(dim=-1)",
        seen=_seen((DOCUMENT_001, "lines 74, 85 and 100")),
        plant=plants.logits_per_feature,
    ),
    "logits-replaced": Exhibit(
        title="The last agreement, not the sum",
        room="routing",
        symptom="nothing with three iterations; couplings do not settle with many",
        cause="logits are overwritten",
        wrong="logits = agreement",
        right="logits = logits + agreement",
        seen=_seen((KERAS, "the routing loop")),
        plant=plants.logits_replaced,
    ),
    "squash-per-number": Exhibit(
        title="Squash, number by number",
        room="routing",
        symptom="lengths above 1",
        cause="the axis that is summed has one entry: each number is squashed alone",
        wrong="squash(total[..., None])",
        right="squash(total)",
        seen=_seen(
            (JINDONGWANG, "capsnet.py:78", "issue 21, open"),
            (HIGGSFIELD, "cell 4"),
        ),
        plant=plants.squash_per_number,
    ),
    "norm-nan": Exhibit(
        title="Not a number, at zero",
        room="routing",
        symptom="nothing for hours, then NaN; or NaN at once with a blank image",
        cause="a zero vector is divided by its length; the slope of a root at 0 is "
        "infinite",
        wrong="n2 / (1 + n2) * s / n2.sqrt()",
        right="s * (n / (1 + n**2))",
        seen=_seen(
            (GRAM_AI, "capsule_network.py:61"),
            (JINDONGWANG, "capsnet.py:39", "issues 7 and 13"),
            (HIGGSFIELD, "cell 4"),
            (CEZANNEC, ""),
            (TIMOMERNICK, ""),
            (MOTOKIMURA, ""),
            (ADAMBIELSKI, ""),
            (LAUBONGHAUDOI, ""),
            (CEDRICKCHEE, ""),
            (("Sarasra/models, research/capsules", "2018-01-30"), "layers.py:47"),
        ),
        plant=plants.norm_nan,
    ),
    "weights-too-large": Exhibit(
        title="Full from the start",
        room="routing",
        symptom="loss begins near 3, and may stay at 3.645: all ten capsules are full",
        cause="matrices of sd 1, as programs have them that divide by 1152",
        wrong="W = torch.randn(...)",
        right="W = 0.1 * torch.randn(...)",
        seen=_seen((LAUBONGHAUDOI, "", "issue 2: stuck at 3.644"), (CEDRICKCHEE, "")),
        plant=plants.weights_too_large,
    ),
    "weights-too-small": Exhibit(
        title="Dead for the first while",
        room="routing",
        symptom="loss stands at 0.81 for the first steps",
        cause="matrices of sd 0.01: capsules start 0.0003 long, where squash has "
        "hardly a slope",
        wrong="W = 0.01 * torch.randn(...)",
        right="W = 0.1 * torch.randn(...)",
        seen=_seen((XIFENG, ""), (DANIELHAVIR, ""), (HULA_AI, "")),
        plant=plants.weights_too_small,
    ),
    "softmax-on-lengths": Exhibit(
        title="Lengths that add up to one",
        room="loss",
        symptom="loss never falls below 0.446, and no length above 0.24",
        cause="a softmax of numbers below 1 is nearly flat, and m+ = 0.9 out of reach",
        wrong="margin_loss(lengths.softmax(dim=-1), present)",
        right="margin_loss(lengths, present)",
        seen=_seen(
            (GRAM_AI, "capsule_network.py:108", "issue 6"),
            (THESCINDER, "capsule_network.py:124"),
            (DOCUMENT_001, "lines 38, 147 and 239"),
            (DOCUMENT_000, "line 84: cross-entropy on lengths"),
        ),
        plant=plants.softmax_on_lengths,
    ),
    "missing-square": Exhibit(
        title="A margin loss without its squares",
        room="loss",
        symptom="loss begins at 0.9, not at 0.81",
        cause="the hinge stands alone",
        wrong="relu(0.9 - lengths)",
        right="relu(0.9 - lengths) ** 2",
        seen=_seen(
            (LABML, "capsule_networks/__init__.py:181"),
            (JINDONGWANG, "capsnet.py:145", "issue 20"),
            (HIGGSFIELD, "cell 6", "issue 1"),
            (CEZANNEC, "CapsuleLoss"),
        ),
        plant=plants.missing_square,
    ),
    "mean-reconstruction": Exhibit(
        title="A decoder that hardly counts",
        room="loss",
        symptom="reconstructions stay blurred for longer",
        cause="0.0005 is the weight of a sum over 784 pixels; a mean is 784 times less",
        wrong="0.0005 * mse_loss(reconstruction, images)",
        right="0.0005 * ((reconstruction - images) ** 2).sum() / b",
        seen=_seen(
            (LABML, "mnist.py:134"),
            (JINDONGWANG, "capsnet.py:155"),
            (HIGGSFIELD, "cell 6"),
            (AGERON, "extra_capsnets.ipynb:1835"),
            (ADAMBIELSKI, "net.py:233"),
            (HULA_AI, "capsnet.py:135"),
        ),
        plant=plants.mean_reconstruction,
        decodes=True,
    ),
    "masked-by-prediction": Exhibit(
        title="The decoder learns from guesses",
        room="loss",
        symptom="nothing; in the first steps, wrong capsules learn to draw",
        cause="in training, the decoder sees the longest capsule, not the true one",
        wrong="mask = lengths.argmax(dim=-1)",
        right="mask = labels  # in training",
        seen=_seen(
            (LABML, "mnist.py:83"),
            (JINDONGWANG, "capsnet.py:101"),
            (HIGGSFIELD, "cell 5"),
            (CEDRICKCHEE, ""),
            (DANIELHAVIR, "model.py:42"),
            (LIDQ92, ""),
            (MOTOKIMURA, ""),
            (CEZANNEC, ""),
        ),
        plant=plants.masked_by_prediction,
        decodes=True,
    ),
    "normalised-target": Exhibit(
        title="A sigmoid that should draw 2.8",
        room="loss",
        symptom="the reconstruction loss stays high; strokes are all white",
        cause="pixels were normalised, to −0.42 … 2.82, and a sigmoid ends at 0 and 1",
        wrong="Normalize((0.1307,), (0.3081,))  # and the same images as target",
        right="pixels from 0 to 1",
        seen=_seen(
            (LABML, "helpers/datasets.py:63"),
            (JINDONGWANG, ""),
            (HIGGSFIELD, ""),
            (CEDRICKCHEE, ""),
            (DANIELHAVIR, ""),
            (LIDQ92, ""),
            (MOTOKIMURA, "main.py:80"),
        ),
        plant=plants.normalised_target,
        decodes=True,
    ),
    "one-shift-a-batch": Exhibit(
        title="A batch that moves as one",
        room="protocol",
        symptom="nothing",
        cause="the shift is drawn once, and all images of the batch take it",
        wrong="dx, dy = randint(-2, 3, (2,))",
        right="dx, dy = randint(-2, 3, (2, b))",
        seen=_seen((GRAM_AI, ""), (THESCINDER, "")),
    ),
    "augmented-test": Exhibit(
        title="Test digits that were moved",
        room="protocol",
        symptom="counts differ from one evaluation to the next",
        cause="one transform for both loaders",
        wrong="MNIST(train=False, transform=augment)",
        right="MNIST(train=False, transform=ToTensor())",
        seen=_seen(
            (GRAM_AI, "capsule_network.py:187"),
            (DANIELHAVIR, "main.py:61"),
            (LIDQ92, "main.py:35"),
        ),
    ),
    "best-epoch": Exhibit(
        title="The best of all epochs",
        room="protocol",
        symptom="a number that no later run reaches",
        cause="the epoch to report is chosen on the digits that it is reported for",
        wrong="best = max(best, test_accuracy)",
        right="report the last epoch, or choose on digits held out from training",
        seen=_seen(
            (GRAM_AI, "the best of 443 epochs"),
            (XIFENG, "capsulenet.py:175"),
            (NATUROMICS, "the README has the peak of its own log"),
            (ADAMBIELSKI, "net.py:219: the schedule follows the test loss"),
        ),
    ),
    "last-batch": Exhibit(
        title="The last batch weighs too much, or nothing",
        room="protocol",
        symptom="an accuracy that no whole number of digits gives",
        cause="means of batches are averaged, though the last batch is smaller",
        wrong="mean([accuracy(batch) for batch in loader])",
        right="count what is wrong, and divide once",
        seen=_seen((NATUROMICS, "4,992 of the 5,000 digits held out")),
    ),
    "stale-predictions": Exhibit(
        title="Yesterday's answers",
        room="protocol",
        symptom="predictions that have nothing to do with the pictures beside them",
        cause="a variable of the loop before is printed",
        wrong="print(pred_prob.argmax(dim=-1))",
        right="print(model(shown).lengths.argmax(dim=-1))",
        seen=_seen(
            (
                THESCINDER,
                "capsule_network.py:369: nine zero one two three four five six are "
                "the last labels of MNIST",
            )
        ),
    ),
}
