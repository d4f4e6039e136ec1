"""What every bench and evaluation prints: one object of named results, each beside its baseline and its aim."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One measured number; smaller is better unless `aim_op` says `>=`. A ratio above 1 means ours is better."""

    name: str
    value: float
    unit: str
    baseline: float | None = None
    baseline_name: str | None = None
    aim: float | None = None
    aim_op: str = "<="

    def as_json(self) -> dict[str, object]:
        """The result with its ratio and whether the aim holds."""
        return {
            "name": self.name,
            "value": round(self.value, 4),
            "unit": self.unit,
            "baseline": None if self.baseline is None else round(self.baseline, 4),
            "baseline_name": self.baseline_name,
            "ratio": self._ratio(),
            "aim": self.aim,
            "aim_op": None if self.aim is None else self.aim_op,
            "holds": self._holds(),
        }

    def _ratio(self) -> float | None:
        if not self.baseline or not self.value:
            return None
        better = self.value / self.baseline if self.aim_op == ">=" else self.baseline / self.value
        return round(better, 3)

    def _holds(self) -> bool | None:
        if self.aim is None:
            return None
        return self.value >= self.aim if self.aim_op == ">=" else self.value <= self.aim


def report(
    name: str, settings: Mapping[str, object], results: Sequence[Result], uses: Sequence[str]
) -> dict[str, object]:
    """The whole object of one bench; `uses` are the packages whose versions matter."""
    return {
        "name": name,
        "machine": {
            "cpus": os.cpu_count(),
            "processor": _processor(),
            "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
            "load_1m": round(os.getloadavg()[0], 2),
        },
        "versions": {"python": platform.python_version(), **{each: version(each) for each in uses}},
        "settings": dict(settings),
        "results": [each.as_json() for each in results],
    }


def _processor() -> str:
    try:
        told = Path("/proc/cpuinfo").read_text("ascii", "replace").splitlines()
        return next(line.partition(":")[2].strip() for line in told if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor()
