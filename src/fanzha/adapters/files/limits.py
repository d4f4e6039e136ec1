"""Every limit of reading files, named, with its reason; reaching one is reported, never silent (house law 7)."""

from __future__ import annotations

from dataclasses import dataclass

KIB, MIB, GIB = 2**10, 2**20, 2**30


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadLimits:
    """What one import may cost at most; the defaults fit a machine of 2 cores and 4 GB."""

    file_bytes: int = 2 * GIB
    """A file as given or unpacked: about eight million rows, beyond which a bank splits its answer."""
    package_bytes: int = 16 * GIB
    """All that a package unpacks to, since it lies in the scratch folder while it is read."""
    package_free_bytes: int = 512 * MIB
    """What any package may unpack to, however small it is; beyond it `ratio` holds for the package as a whole too, so
    that bombs within bombs end as soon as one big one."""
    ratio: int = 500
    """Unpacked ÷ packed, judged beyond `ratio_from_bytes`: statements reach 100, a bomb 1,000."""
    ratio_from_bytes: int = 32 * MIB
    """Below this a bomb does no harm and a sparse honest sheet is not mistaken for one."""
    nesting: int = 5
    """Archives within archives; real packages have two."""
    members: int = 10_000
    """Files of one archive; a province's answer has some thousands."""
    directory_bytes: int = 64 * MIB
    """The table of contents of an archive, which is held in memory before the first member is counted."""
    workbook_bytes: int = 4 * GIB
    """The XML of one workbook unpacked: a full sheet of 34 columns is about 2 GiB."""
    sheets: int = 256
    """Sheets of one workbook or tables of one page."""
    sheet_cells: int = 40_000_000
    """Cells of one spreadsheet's used rectangle, held at once (24 bytes each): a full sheet of 38 columns."""
    columns: int = 2_000
    """Columns of one table; the widest real one has about 120."""
    cell_chars: int = 32_767
    """Characters of one cell: a spreadsheet's own limit."""
    line_bytes: int = 8 * MIB
    """Bytes between two line ends of a text file; more is not a table."""
    record_lines: int = 1_000
    """Lines that one quoted record may span before its quote counts as stray."""
    rows: int = 20_000_000
    """Rows of one table."""
    markup_bytes: int = 128 * MIB
    """A table saved as HTML or XML, held at once."""
