"""Test what the image adds to its base."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.image.job import IMAGE, ROOT

MAX_MEGABYTES_ABOVE_THE_BASE = 220


def test_image_layers_stay_within_the_size_limit(capsys: pytest.CaptureFixture[str]) -> None:
    (base,) = re.findall(r"^FROM (\S+)", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    added = layers(IMAGE)[len(layers(base)) :]
    total = sum(megabytes for megabytes, _ in added)
    with capsys.disabled():
        sys.stdout.write(f"\n\nThe image's layers above {base}:\n")
        sys.stdout.writelines(f"{megabytes:8.1f} MB  {command}\n" for megabytes, command in [*added, (total, "all")])
    assert total <= MAX_MEGABYTES_ABOVE_THE_BASE


def layers(image: str) -> list[tuple[float, str]]:
    """Return the megabytes of each layer with its command, oldest first."""
    store = buildah_json("info")["store"]
    stored_layers = json.loads(
        Path(store["GraphRoot"], f"{store['GraphDriverName']}-layers", "layers.json").read_text()
    )
    bytes_of = {layer["diff-digest"]: layer["diff-size"] for layer in stored_layers if "diff-digest" in layer}
    config = buildah_json("inspect", "--type=image", image)["OCIv1"]
    sizes = [bytes_of[digest] / 1e6 for digest in config["rootfs"]["diff_ids"]]
    layer_steps = [step for step in config["history"] if not step.get("empty_layer")]
    return [(size, step.get("created_by", "")[:80]) for size, step in zip(sizes, layer_steps, strict=True)]


def buildah_json(*arguments: str) -> Any:
    return json.loads(subprocess.run(["buildah", *arguments], check=True, capture_output=True).stdout)
