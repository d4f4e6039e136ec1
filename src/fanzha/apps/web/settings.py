"""What the console is told when it is built."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from fanzha.i18n import Language


@dataclass(frozen=True, slots=True, kw_only=True)
class WebSettings:
    """Settings of the console; each has the reason for its default beside it.

    `uploads`: a folder on real disk (a temporary folder may be memory), emptied as imports take files over.
    """

    uploads: Path
    hosts: frozenset[str] = frozenset({"127.0.0.1", "localhost", "[::1]"})
    secure_cookies: bool = False  # true wherever TLS ends before us; a loopback has none
    language: Language = "zh"
    upload_bytes: int = 2 * 1024**3  # the file readers' own limit
    upload_files: int = 2_000  # a large case's package, dropped as a folder
    report_file_bytes: int = 1_000_000  # below what a page holds in memory; 500 rows with a paragraph each fit
    report_file_rows: int = 500  # taken while its page is waited for: 8 ms each on 2 quiet cores
    log_in_tries: int = 10  # a shared office address: more than one person's slips
    log_in_seconds: int = 6
    search_tries: int = 60  # fast fingers, not enumeration
    institution_calls: int = 50  # a second and institution
    export_rows: int = 1_000_000  # a spreadsheet's last row

    @property
    def session_cookie(self) -> str:
        """`__Host-` binds the cookie to this host, and browsers demand TLS for it."""
        return "__Host-fanzha" if self.secure_cookies else "fanzha"
