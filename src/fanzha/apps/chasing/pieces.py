"""Finished pieces of a long evaluation on disk: whoever runs it again with the same folder goes on where it stood."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from fanzha.apps.chasing.fates import Cause, Fate


def kept_piece(folder: Path, name: str) -> list[Fate] | None:
    """The fates of a piece, None where it is not finished."""
    place = folder / f"{name}.json"
    if not place.exists():
        return None
    told = json.loads(place.read_text("utf-8"))
    return [Fate(**{**each, "away_fen": {Cause(why): fen for why, fen in each["away_fen"].items()}}) for each in told]


def keep_piece(folder: Path, name: str, fates: Sequence[Fate]) -> None:
    """A finished piece, whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    half = folder / f"{name}.part"
    half.write_text(json.dumps([asdict(each) for each in fates]), "utf-8")
    half.rename(folder / f"{name}.json")
