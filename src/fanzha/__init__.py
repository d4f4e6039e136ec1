"""Fanzha, an open anti-fraud centre."""

from fanzha.kernel.kernel_cache import keep_compiled_kernels_apart

keep_compiled_kernels_apart()
