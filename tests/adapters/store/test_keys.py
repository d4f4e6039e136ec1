"""Keys lie outside the data, open to nobody else, and bind what they wrap to what it belongs to."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from fanzha.adapters.store.keys import Keys, add_audit_key, is_signed, make_keys, open_keys
from fanzha.kernel.errors import Invalid, NotFound
from fanzha.settings import Settings


def test_keys_are_made_once_and_read_again(keys: Keys, settings: Settings, now: datetime) -> None:
    wrapped = keys.wrap(b"k" * 32, "import:1")
    again = make_keys(settings.keys, settings.home, now + timedelta(days=1))
    assert again.unwrap(wrapped, "import:1") == b"k" * 32
    assert again.fingerprint() == keys.fingerprint() == open_keys(settings.keys).fingerprint()


def test_two_processes_starting_at_once_end_with_one_set(settings: Settings, now: datetime) -> None:
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: make_keys(settings.keys, settings.home, now).fingerprint(), range(8)))
    assert len(set(made)) == 1
    assert len(list(settings.keys.glob("*.key"))) == 4


def test_a_wrapped_key_opens_only_for_its_owner_and_unchanged(keys: Keys) -> None:
    wrapped = keys.wrap(b"k" * 32, "import:1")
    with pytest.raises(Invalid, match="keys_wrapping_changed"):
        keys.unwrap(wrapped, "import:2")
    for place in range(len(wrapped)):
        changed = bytearray(wrapped)
        changed[place] ^= 1
        with pytest.raises(Invalid):
            keys.unwrap(bytes(changed), "import:1")


def test_subject_ids_tell_kinds_apart_and_depend_on_the_key(keys: Keys, tmp_path: Path, now: datetime) -> None:
    card = keys.subject_hash("card", "9999990000000001")
    assert card == keys.subject_hash("card", "9999990000000001")
    assert 0 <= card < 2**63
    assert card != keys.subject_hash("account", "9999990000000001")
    other = make_keys(tmp_path / "other-keys", tmp_path / "home", now)
    assert card != other.subject_hash("card", "9999990000000001")


def test_signatures_name_their_key_and_outlive_a_new_one(keys: Keys, settings: Settings, now: datetime) -> None:
    old_id, old = keys.sign(b"head")
    add_audit_key(settings.keys, now + timedelta(days=400))
    renewed = open_keys(settings.keys)
    new_id, _ = renewed.sign(b"head")
    assert new_id != old_id
    assert is_signed(renewed.audit_public_keys()[old_id], b"head", old)
    assert not is_signed(renewed.audit_public_keys()[old_id], b"heat", old)


def test_keys_inside_the_data_folder_are_refused(tmp_path: Path, now: datetime) -> None:
    with pytest.raises(Invalid, match="keys_inside_data"):
        make_keys(tmp_path / "home" / "keys", tmp_path / "home", now)
    (tmp_path / "home" / "real").mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "home" / "real")
    with pytest.raises(Invalid, match="keys_inside_data"):
        make_keys(tmp_path / "link" / "keys", tmp_path / "home", now)


def test_key_files_are_closed_to_others_or_refused(keys: Keys, settings: Settings) -> None:
    files = sorted(settings.keys.glob("*.key"))
    assert {each.stat().st_mode & 0o777 for each in files} == {0o600}
    assert settings.keys.stat().st_mode & 0o777 == 0o700
    files[0].chmod(0o640)
    with pytest.raises(Invalid, match="keys_open_to_others"):
        open_keys(settings.keys)


def test_a_missing_or_garbled_key_is_named(keys: Keys, settings: Settings) -> None:
    (subjects,) = settings.keys.glob("subjects-*.key")
    content = subjects.read_text()
    subjects.write_text("00" * 32)
    with pytest.raises(Invalid, match="keys_garbled"):
        open_keys(settings.keys)
    subjects.write_text(content)
    subjects.unlink()
    with pytest.raises(NotFound, match="purpose=subjects"):
        open_keys(settings.keys)


def test_keys_never_show_in_a_repr(keys: Keys) -> None:
    assert repr(keys) == "Keys(…)"
