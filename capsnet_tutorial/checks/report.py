"""What a check says: findings, choices, and what it could not see."""

import json
import textwrap
from dataclasses import asdict, dataclass, field

from capsnet_tutorial.variants.bugs import EXHIBITS

PAGE = "book/12_museum.html"


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong."""

    exhibit: str  # a name in EXHIBITS
    expected: str
    came: str
    example: str  # the smallest input that shows it
    where: str = ""  # the likely line, or nothing

    @property
    def mend(self) -> str:
        return EXHIBITS[self.exhibit].right

    @property
    def page(self) -> str:
        return f"{PAGE}#{self.exhibit}"

    def lines(self) -> list[str]:
        told = {
            "expected": self.expected,
            "came": self.came,
            "shown by": self.example,
            "where": self.where,
            "mend": self.mend,
            "read": self.page,
        }
        head = f"✗ {self.exhibit}: {EXHIBITS[self.exhibit].cause}"
        return [*_wrapped(head), *_table(told)]


@dataclass
class Report:
    """The result of a check; `print` it, or ask `ok`.

    Attributes:
        findings: what is wrong.
        right: what was looked at and is right.
        choices: no bugs, but other than [S17]; name -> sentence.
        unchecked: what could not be seen; name -> why.
    """

    findings: list[Finding] = field(default_factory=list)
    right: list[str] = field(default_factory=list)
    choices: dict[str, str] = field(default_factory=dict)
    unchecked: dict[str, str] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """True if nothing wrong was found; that does not mean that all was seen."""
        return not self.findings

    @property
    def exhibits(self) -> list[str]:
        """The names of what is wrong."""
        return [finding.exhibit for finding in self.findings]

    def to_json(self) -> str:
        found = [
            {**asdict(one), "mend": one.mend, "page": one.page} for one in self.findings
        ]
        content = {"ok": self.ok, **asdict(self), "findings": found}
        return json.dumps(content, indent=2, ensure_ascii=False) + "\n"

    def add(self, other: "Report") -> None:
        """Take over what another check says."""
        known = set(self.exhibits)
        self.findings += [one for one in other.findings if one.exhibit not in known]
        self.right += [one for one in other.right if one not in self.right]
        self.choices |= other.choices
        self.unchecked |= other.unchecked

    def __str__(self) -> str:
        lines = []
        for finding in self.findings:
            lines += [*finding.lines(), ""]
        for name in self.right:
            lines += _wrapped(f"✓ {name}")
        for name, what in self.choices.items():
            lines += _wrapped(f"· {name}: {what}")
        for name, why in self.unchecked.items():
            lines += _wrapped(f"? {name}: not checked, because {why}")
        n = len(self.findings)
        lines += [
            "",
            f"{n} wrong, {len(self.right)} right, {len(self.choices)} other than "
            f"the paper, {len(self.unchecked)} not checked",
        ]
        return "\n".join(lines)

    def _repr_pretty_(self, printer, cycle) -> None:  # in a notebook
        printer.text(str(self))


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, 86, subsequent_indent="  ")


def _table(told: dict[str, str]) -> list[str]:
    lines = []
    for name, text in told.items():
        if text:
            lines += textwrap.wrap(
                text, 86, initial_indent=f"    {name:9} ", subsequent_indent=" " * 14
            )
    return lines
