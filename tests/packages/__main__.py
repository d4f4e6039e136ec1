"""python -m tests.packages make SEED FOLDER [nasty|clean] | score FOLDER MOVEMENTS.json QUALITY.json"""

import json
import sys
from pathlib import Path

from tests.packages import answers, package, scorer, truth


def main(arguments: list[str]) -> int:
    """Make a package, or score the two answers of the tool on one."""
    match arguments:
        case ["make", seed, folder, *dirt]:
            chosen = {"nasty": package.NASTY, "clean": package.CLEAN}.get("".join(dirt))
            package.make_package(int(seed), dirt=chosen).save(Path(folder))
        case ["score", folder, movements, quality]:
            known = truth.load(Path(folder) / "truth.json")
            paths = answers.Paths(known=known.files)
            told = answers.movements(json.loads(Path(movements).read_text(encoding="utf-8")), paths)
            counted = answers.files(json.loads(Path(quality).read_text(encoding="utf-8")), paths)
            print(scorer.judge(known, told, counted).text())
        case _:
            print(__doc__)
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
