"""Fanzha, an open anti-fraud centre."""

from fanzha.kernel.compiled import keep_compiled_kernels_apart

keep_compiled_kernels_apart()
