"""`python -m examples.make_first_case` writes the files of `first_case/`, the same bytes each time."""

from __future__ import annotations

from pathlib import Path

from examples.first_case_files import files
from examples.first_case_story import books, story

FOLDER = Path(__file__).parent / "first_case"


def main() -> None:
    """Write every file of the example."""
    FOLDER.mkdir(exist_ok=True)
    for name, content in files(books(story())).items():
        (FOLDER / name).write_bytes(content)


if __name__ == "__main__":
    main()
