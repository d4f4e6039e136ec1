"""Files on their way in: streamed to disk under opaque names, taken over by an import or thrown away."""

from __future__ import annotations

import json
import shutil
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID, uuid4

import anyio

from fanzha.apps.web.views.imports import UploadedFile
from fanzha.kernel.errors import Invalid, NotFound

NAME_CHARS = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Uploads:
    """A folder with one folder a batch; a batch belongs to the person who opened it and the case it is for."""

    folder: Path
    file_bytes: int
    files: int

    def open(self, owner: str, case: str) -> str:
        """The id of a new, empty batch."""
        batch = str(uuid4())
        place = self.folder / batch
        place.mkdir(parents=True, mode=0o700)
        (place / "batch.json").write_text(json.dumps({"owner": owner, "case": case}), "utf-8")
        return batch

    async def receive(self, place: Path, name: str, chunks: AsyncIterator[bytes]) -> int:
        """Write one file as it arrives; how many bytes it had. Beyond the limit, `Invalid`, and nothing is left."""
        number = self._take_number(place)
        (place / f"{number}.name").write_text(clean_name(name), "utf-8")
        target, written = place / f"{number}.data", 0
        try:
            async with await anyio.open_file(target, "wb") as held:
                async for chunk in chunks:
                    written += len(chunk)
                    if written > self.file_bytes:
                        raise Invalid("web.file_too_large", limit_bytes=self.file_bytes)
                    await held.write(chunk)
        except BaseException:
            # Also when the browser goes away in the middle: half a file must never be imported.
            target.unlink(missing_ok=True)
            (place / f"{number}.name").unlink(missing_ok=True)
            raise
        return written

    def _take_number(self, place: Path) -> int:
        """A number of this file's own: two that come at once must not be written over each other."""
        for number in range(self.files):
            with suppress(FileExistsError):
                (place / f"{number}.name").touch(mode=0o600, exist_ok=False)
                return number
        raise Invalid("web.too_many_files", limit=self.files)

    def place(self, batch: str, owner: str, case: str) -> Path:
        """The folder of a batch; `NotFound` unless it is this person's and for this case."""
        try:
            found = self.folder / str(UUID(batch))
            known = json.loads((found / "batch.json").read_text("utf-8"))
        except (ValueError, OSError):
            raise NotFound("web.no_such_batch") from None
        if known != {"owner": owner, "case": case}:
            raise NotFound("web.no_such_batch")
        return found

    def received(self, place: Path) -> list[UploadedFile]:
        """The whole files of a batch in the order they came."""
        marks = sorted(place.glob("*.data"), key=lambda each: int(each.stem))
        return [
            UploadedFile(path=each, name=each.with_suffix(".name").read_text("utf-8"), bytes=each.stat().st_size)
            for each in marks
        ]

    def discard(self, place: Path) -> None:
        """Forget a batch and what is left of its files."""
        shutil.rmtree(place, ignore_errors=True)


def clean_name(given: str) -> str:
    """The name as its owner wrote it, without control characters, drive or folder steps; never empty."""
    plain = "".join(char for char in given.replace("\\", "/") if char.isprintable())[-NAME_CHARS:]
    parts = [part for part in plain.split("/") if part not in ("", ".", "..")]
    return "/".join(parts) or "file"
