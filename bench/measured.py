"""What every bench prints, as every evaluation does."""

from fanzha.apps.measured import Result, report

__all__ = ["Result", "report"]
