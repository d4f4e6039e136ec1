"""Blocks turned into UTF-8 at once say what Python's own codec says of them, or nothing."""

from hypothesis import example, given, settings
from hypothesis import strategies as st

from fanzha.adapters.files.encodings import _may_hide_utf8
from fanzha.adapters.files.transcoding import plain_gb18030

PARTS = st.one_of(
    st.text(st.characters(codec="gb18030"), max_size=6).map(lambda text: text.encode("gb18030")),
    st.text("测试甲,1.0¥·\r\n", max_size=8).map(lambda text: text.encode("gb18030", "replace")),
    st.text("测试甲乙", max_size=4).map(str.encode),
    st.binary(max_size=4),
)


def normal(raw: bytes) -> bytes:
    return raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n")


@given(raw=st.lists(PARTS, max_size=8).map(b"".join))
@example(raw="测试".encode())
@example(raw=b"a\r\r\nb\r")
@example(raw=b"\xb2\xe2\xca")
@settings(deadline=None, max_examples=400)
def test_plain_blocks_are_what_the_codec_reads(raw: bytes) -> None:
    found = plain_gb18030(raw)

    if found is not None:
        utf8, lines = found
        assert utf8.tobytes().decode() == normal(raw).decode("gb18030")
        assert lines == normal(raw).count(b"\n")
        assert b"\0" not in raw


@given(raw=st.lists(PARTS, max_size=8).map(b"".join))
@settings(deadline=None, max_examples=400)
def test_what_may_be_utf8_is_never_read_as_gb18030(raw: bytes) -> None:
    if _may_hide_utf8(raw):
        assert plain_gb18030(raw) is None


def test_every_character_of_two_bytes_is_plain() -> None:
    chars = [chr(code) for code in range(0x80, 0xFFFF) if not 0xD800 <= code < 0xE000 and code != 0xFFFD]
    two = [char for char in chars if len(char.encode("gb18030")) == 2]
    text = ",".join(two)

    found = plain_gb18030(text.encode("gb18030"))

    assert len(two) > 23_000
    assert found is not None and found[0].tobytes().decode() == text
