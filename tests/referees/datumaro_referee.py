"""Datumaro judges an export of KITTI object data by importing it.

Run in an environment of its own, which has `requirements-datumaro.txt` and nothing of this project:

    .referees/datumaro/bin/python tests/referees/datumaro_referee.py FOLDER

Prints one JSON object: for each frame its boxes as datumaro understood them.
"""

import contextlib
import io
import json
import sys
from pathlib import Path


def main(folder: str) -> None:
    """Judge an export."""
    with contextlib.redirect_stdout(io.StringIO()):
        from datumaro.components.dataset import Dataset

        dataset = Dataset.import_from(str(Path(folder) / "training"), "kitti3d")
        labels = [label.name for label in dataset.categories()[next(iter(dataset.categories()))].items]
        found = {
            item.id: [
                {
                    "label": labels[box.label],
                    "box": [box.x, box.y, box.x + box.w, box.y + box.h],
                    "attributes": {name: as_plain(value) for name, value in box.attributes.items()},
                }
                for box in item.annotations
            ]
            for item in dataset
        }
    sys.stdout.write(json.dumps(found) + "\n")


def as_plain(value: object) -> object:
    """A value that JSON has."""
    return value.tolist() if hasattr(value, "tolist") else value


if __name__ == "__main__":
    main(*sys.argv[1:])
