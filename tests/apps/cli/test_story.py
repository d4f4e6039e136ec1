"""`fanzha story`: a house of its own, which is taken down however the story ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.simulation.institutions.live import until


def test_a_story_that_is_ended_leaves_neither_its_folder_nor_its_database() -> None:
    with TemporaryDirectory(prefix="fanzha-ended-") as folder:
        Path(folder).chmod(0o755)  # the database's own user must reach what lies in it
        command = [sys.executable, "-m", "fanzha", "story", "one-app"]
        story = subprocess.Popen(command, env={**os.environ, "TMPDIR": folder}, stdout=subprocess.DEVNULL)
        until(lambda: any(Path(folder).glob("fanzha-story-*/**/postmaster.pid")))
        story.send_signal(signal.SIGTERM)
        assert story.wait(60) == 128 + signal.SIGTERM
        assert list(Path(folder).iterdir()) == []
