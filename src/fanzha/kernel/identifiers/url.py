"""Web addresses: one spelling a site, however it was pasted."""

from __future__ import annotations

import re
from urllib.parse import urlsplit, urlunsplit

from fanzha.kernel.identifiers.text import squeeze

_HOST = re.compile(r"(?=.{1,253}$)(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+[^\W\d_][\w-]{0,62}|\d{1,3}(?:\.\d{1,3}){3}")
_DEFANGED = ((re.compile(r"^hxxp", re.I), "http"), (re.compile(r"\[\.\]|\(\.\)|\[dot\]", re.I), "."))


def clean(text: str) -> str:
    """Scheme and host in lower case, no port that the scheme implies, no fragment; empty when it is no address."""
    text = squeeze(text)
    for shape, plain in _DEFANGED:
        text = shape.sub(plain, text)
    try:
        parts = urlsplit(text if "://" in text else f"http://{text}")
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        return ""
    if parts.scheme.lower() not in ("http", "https") or not _HOST.fullmatch(host):
        return ""
    tail = f":{port}" if port and port != {"http": 80, "https": 443}[parts.scheme.lower()] else ""
    return urlunsplit((parts.scheme.lower(), host + tail, parts.path or "/", parts.query, ""))


def check(address: str) -> bool:
    """Whether the address is its own clean form."""
    return bool(address) and clean(address) == address


def host(address: str) -> str:
    """The host of a clean address."""
    return urlsplit(address).hostname or ""


def is_page(address: str) -> bool:
    """Whether a clean address names something on its host, not the host alone."""
    parts = urlsplit(address)
    return parts.path not in {"", "/"} or bool(parts.query)


def mask(address: str) -> str:
    """The host alone: paths and queries carry people's data."""
    return host(address)


def show(address: str) -> str:
    """Defanged, so that nobody opens it by a slip: `hxxp://site[.]example/`."""
    parts = urlsplit(address)
    netloc = parts.netloc.replace(".", "[.]")
    return urlunsplit((parts.scheme.replace("http", "hxxp"), netloc, parts.path, parts.query, ""))
