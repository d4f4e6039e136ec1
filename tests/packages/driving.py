"""Runs the real command line on a package and judges what it answers."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.packages import answers, scorer
from tests.packages.package import Package
from tests.packages.truth import Truth


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """An instance of the program with data of its own; `FANZHA_HOME` lies below folders open to others."""

    home: Path

    def run(self, *arguments: str, timeout_s: int = 600) -> subprocess.CompletedProcess[str]:
        """One command of `fanzha`."""
        environment = os.environ | {"FANZHA_HOME": str(self.home), "FANZHA_LANG": "en"}
        program = str(Path(sys.executable).with_name("fanzha"))
        return subprocess.run(
            [program, *arguments], capture_output=True, text=True, env=environment, timeout=timeout_s, check=False
        )

    def json(self, *arguments: str) -> Any:
        """The JSON that a command answers; a command that fails is a failed judgement."""
        done = self.run(*arguments, "--format", "json")
        assert done.returncode == 0, f"{arguments}: exit {done.returncode}\n{done.stderr[-2000:]}"
        return json.loads(done.stdout)

    def new_case(self, title: str) -> str:
        """Open a case and give its number."""
        opened = self.json("cases", "open", title)
        item = opened[0] if isinstance(opened, list) else opened
        return str(item.get("case") or item.get("number") or item.get("id"))


def judge_package(installation: Installation, package: Package, folder: Path) -> scorer.Score:
    """Import a package into a case of its own and score movements and row accounts."""
    package.save(folder)
    case = installation.new_case(f"seed {package.truth.seed}")
    files = sorted(str(path) for path in (folder / "files").iterdir())
    done = installation.run("statements", "import", *files, "--case", case)
    assert done.returncode in (0, 8), f"import: exit {done.returncode}\n{done.stderr[-4000:]}"
    return judge_case(installation, case, package.truth)


def judge_case(installation: Installation, case: str, truth: Truth) -> scorer.Score:
    """Score what a case that was already imported answers."""
    paths = answers.Paths(known=truth.files)
    movements = answers.movements(installation.json("statements", "movements", "--case", case), paths)
    counted = answers.files(installation.json("statements", "quality", "--case", case), paths)
    return scorer.judge(truth, movements, counted)
