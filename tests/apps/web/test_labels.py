"""A label belongs to one field: what is clicked beside a box is that box."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from fanzha.apps import web

TEMPLATES = sorted((Path(web.__file__).parent / "templates").rglob("*.html"))
LABEL = re.compile(r"<label\b.*?</label>", re.DOTALL)
BOXES = re.compile(r'type="(?:checkbox|radio)"|{{ box\(')


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda each: each.name)
def test_no_label_holds_boxes_of_a_list(template: Path) -> None:
    for label in LABEL.findall(template.read_text("utf-8")):
        boxes = BOXES.findall(label)
        several = len(boxes) > 1 or (boxes and "{% for" in label.partition(BOXES.search(label)[0])[0])  # type: ignore[index]
        assert not several, label[:200]
