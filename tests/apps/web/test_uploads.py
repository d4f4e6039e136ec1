"""Files on their way in."""

from __future__ import annotations

from urllib.parse import quote

from tests.apps.web.conftest import Stage
from tests.apps.web.synthetic import PERMISSIONS, REF

UPLOADS = f"/cases/{REF}/uploads"


def batch_of(stage: Stage) -> str:
    answer = stage.client.post(UPLOADS, headers={"x-csrf": stage.csrf})
    return str(answer.json()["batch"])


def send(stage: Stage, batch: str, content: bytes, name: str = "a.csv") -> int:
    headers = {"x-csrf": stage.csrf, "x-file-name": quote(name)}
    return int(stage.client.put(f"{UPLOADS}/{batch}", content=content, headers=headers).status_code)


def start(stage: Stage, batch: str) -> int:
    return int(stage.client.post(f"{UPLOADS}/{batch}", headers={"x-csrf": stage.csrf}).status_code)


def test_files_go_to_disk_under_opaque_names_and_into_an_import(inside: Stage) -> None:
    batch = batch_of(inside)
    assert send(inside, batch, b"x" * 500_000, "查询反馈/明细 1.csv") == 200
    assert send(inside, batch, b"", "../../etc/passwd") == 200
    lying = sorted(each.name for each in (inside.uploads / batch).iterdir())
    assert lying == ["0.data", "0.name", "1.data", "1.name", "batch.json"]
    assert start(inside, batch) == 200
    assert inside.data.started == [(REF, [("查询反馈/明细 1.csv", 500_000), ("etc/passwd", 0)])]
    assert list(inside.uploads.iterdir()) == []


def test_a_file_beyond_the_limit_leaves_nothing(inside: Stage) -> None:
    batch = batch_of(inside)
    assert send(inside, batch, b"x" * 1_000_001) == 422
    assert [each.name for each in (inside.uploads / batch).iterdir()] == ["batch.json"]
    assert start(inside, batch) == 422 and inside.data.started == []


def test_too_many_files_are_refused(inside: Stage) -> None:
    batch = batch_of(inside)
    assert [send(inside, batch, b"x") for _ in range(4)] == [200, 200, 200, 422]


def test_a_batch_belongs_to_one_person_and_one_case(inside: Stage) -> None:
    batch = batch_of(inside)
    for other in ("../secret", "not-a-batch", "11111111-0000-7000-8000-000000000009"):
        assert send(inside, other, b"x") == 404
    (inside.uploads / batch / "batch.json").write_text('{"owner": "somebody", "case": "' + REF + '"}')
    assert send(inside, batch, b"x") == 404 and start(inside, batch) == 404


def test_importing_needs_the_right_and_the_token(inside: Stage) -> None:
    batch = batch_of(inside)
    assert inside.client.put(f"{UPLOADS}/{batch}", content=b"x").status_code == 403
    inside.doors.permissions = PERMISSIONS - {"statements.import"}
    assert inside.client.post(UPLOADS, headers={"x-csrf": inside.csrf}).status_code == 403
