"""Every setting of an installation, typed, with its default and the reason for it; read once at the edge."""

from __future__ import annotations

import os
from functools import cached_property
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

DEFAULT_DATABASE = "fanzha"


def _default_home() -> Path:
    """Where a service keeps its state: the system's place for root, the person's own place otherwise."""
    return Path("/var/lib/fanzha") if os.geteuid() == 0 else Path.home() / ".local" / "share" / "fanzha"


def _default_keys() -> Path:
    """Keys never lie below the data, so that a copied data folder opens nothing (house section 4)."""
    return Path("/etc/fanzha") if os.geteuid() == 0 else Path.home() / ".config" / "fanzha"


def _default_workers() -> int:
    """One a core, but two on small machines and four on large ones: an import keeps more than one core busy."""
    return min(4, max(2, os.cpu_count() or 2))


class Settings(BaseSettings):
    """What an operator may set, by an environment variable of the same name in capitals after `FANZHA_`."""

    model_config = SettingsConfigDict(env_prefix="FANZHA_", env_ignore_empty=True, extra="ignore", frozen=True)

    home: Path = Field(default_factory=_default_home)
    """The instance's data: database, ledger, originals. One folder, so that a backup is one folder."""

    keys: Path = Field(default_factory=_default_keys)
    """The master keys, outside `home`, so that data and its keys are never copied together by accident."""

    database_url: SecretStr = SecretStr("")
    """PostgreSQL 15+ as `fanzha_app`; empty starts the embedded server, so that nothing need be installed."""

    database_owner_url: SecretStr = SecretStr("")
    """The same database as `fanzha_owner`, for migrations only; an external database needs both."""

    database_backup_url: SecretStr = SecretStr("")
    """The same database as a role that reads every row (`BYPASSRLS`, `pg_read_all_data`), for backups of it only."""

    database_pool: int = Field(default=8, ge=1, le=90)
    """Connections a process keeps: web threads and workers of one process share them; the server allows 100."""

    lang: Literal["", "zh", "en"] = ""
    """The language of the command line and of pages before log-in; empty follows the machine's locale."""

    web_host: str = "127.0.0.1"
    """The console listens on this machine only, until an operator puts it behind TLS."""

    web_port: int = Field(default=8610, ge=0, le=65535)
    """The console's port; 0 takes a free one."""

    web_hosts: tuple[str, ...] = ()
    """Host names by which browsers may call the console besides `web_host` and localhost."""

    institution_calls: int = Field(default=50, ge=1, le=10_000)
    """Calls a second that a web process takes of one institution, ten times as many at once: a large bank answers a
    chase with a tenth of that, and one that repeats itself without end must not keep the others waiting."""

    session_minutes: int = Field(default=30, ge=1, le=1440)
    """A session ends after this long without a request: desks are left unattended."""

    session_hours: int = Field(default=12, ge=1, le=72)
    """A session ends after this long in any case: one shift."""

    lockout_failures: int = Field(default=5, ge=1, le=100)
    """Wrong passwords in a row before an account is locked for a while."""

    lockout_minutes: int = Field(default=15, ge=1, le=1440)
    """How long a lock lasts: long against guessing, short for a duty officer at night."""

    link_minutes: int = Field(default=60, ge=1, le=1440)
    """How long a one-time log-in link can be used: it is printed on a terminal and read at once."""

    password_days: int = Field(default=180, ge=1, le=3650)
    """A password must be changed after this many days, as police networks commonly demand."""

    short_workers: int = Field(default=1, ge=1, le=8)
    """Processes for later rounds, questions, answers; of several the greater half keeps free for next layers."""

    workers: int = Field(default_factory=_default_workers, ge=1, le=16)
    """Processes that do imports and other work side by side: two at least, so that nobody waits for one bad file."""

    large_imports: int = Field(default=1, ge=1, le=16)
    """How many of the workers take large imports, each of which may need 1 GB; the others stay free for small ones."""

    large_import_mib: int = Field(default=64, ge=1, le=16_384)
    """From here on (unpacked) an import is large: about 150,000 rows, which need some 300 MB."""

    file_seconds: int = Field(default=300, ge=1, le=86_400)
    """Reading one file may take so long: 8 million honest rows need half of it; a file made to be slow ends there."""

    import_seconds: int = Field(default=3600, ge=1, le=86_400)
    """All files of one import together may take so long to read."""

    order_rows: int = Field(default=500_000, ge=1, le=10_000_000)
    """Lines that institutions may tell about one order: years of a busy account; a flood of more stays sealed."""

    work_keep_days: int = Field(default=30, ge=1, le=3650)
    """Rows of work that are done or cancelled are forgotten after so many days, but for those a person dealt with."""

    law: Path | None = None
    """A folder of law packs of this instance's own (`cn/2026-12-01.toml`), which add to those of the program."""

    data: Path | None = None
    """Public data sets outside the repository, for evaluations; absent, what was not judged is printed."""

    debug: bool = False
    """Show tracebacks instead of a support number."""

    @cached_property
    def embedded(self) -> bool:
        """Whether the embedded PostgreSQL serves this instance."""
        return not self.database_url.get_secret_value()


def load_settings() -> Settings:
    """The settings of this process, from its environment."""
    return Settings()
