"""TrackEval judges an export of KITTI tracking labels against its source.

Run in an environment of its own, which has `requirements-trackeval.txt` and nothing of this project:

    .referees/trackeval/bin/python tests/referees/trackeval_referee.py SOURCE_LABELS EXPORTED_LABELS

Only frames that the export has are judged. Prints one JSON object: HOTA and MOTA of each class.
"""

import contextlib
import io
import json
import sys
import tempfile
from pathlib import Path

import numpy as np
import trackeval

CLASSES = ("car", "pedestrian")
SCORE = " 1.0"


def main(source: str, exported: str) -> None:
    """Judge an export."""
    lines = Path(exported).read_text().splitlines()
    frames = {int(line.split()[0]) for line in lines}
    truth = [line for line in Path(source).read_text().splitlines() if int(line.split()[0]) in frames]
    sequence = Path(source).stem
    names = {line.split()[2].lower() for line in truth}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "truth" / "label_02").mkdir(parents=True)
        (folder / "trackers" / "export" / "data").mkdir(parents=True)
        (folder / "truth" / "label_02" / f"{sequence}.txt").write_text("\n".join(truth) + "\n")
        (folder / "trackers" / "export" / "data" / f"{sequence}.txt").write_text(
            "".join(f"{line}{SCORE}\n" for line in lines if line.split()[2] != "DontCare")
        )
        (folder / "truth" / "evaluate_tracking.seqmap.training").write_text(
            f"{sequence} empty 000000 {max(frames) + 1:06d}\n"
        )
        sys.stdout.write(json.dumps(judge(folder, [each for each in CLASSES if each in names])) + "\n")


def judge(folder: Path, classes: list[str]) -> dict[str, dict[str, float]]:
    """HOTA and MOTA of each class."""
    settings = {
        "GT_FOLDER": str(folder / "truth"),
        "TRACKERS_FOLDER": str(folder / "trackers"),
        "OUTPUT_FOLDER": str(folder / "out"),
        "SPLIT_TO_EVAL": "training",
        "CLASSES_TO_EVAL": classes,
        "PRINT_CONFIG": False,
    }
    with contextlib.redirect_stdout(io.StringIO()):
        dataset = trackeval.datasets.Kitti2DBox(settings)
        quiet = {"PRINT_RESULTS": False, "PRINT_CONFIG": False, "TIME_PROGRESS": False, "PLOT_CURVES": False}
        quiet |= {"OUTPUT_SUMMARY": False, "OUTPUT_DETAILED": False, "BREAK_ON_ERROR": True, "LOG_ON_ERROR": None}
        metrics = [trackeval.metrics.HOTA(), trackeval.metrics.CLEAR({"PRINT_CONFIG": False})]
        results, messages = trackeval.Evaluator(quiet).evaluate([dataset], metrics)
    if messages["Kitti2DBox"]["export"] != "Success":
        sys.exit(f"breach: {messages}")
    found = results["Kitti2DBox"]["export"]["COMBINED_SEQ"]
    return {
        name: {"HOTA": float(np.mean(found[name]["HOTA"]["HOTA"])), "MOTA": float(found[name]["CLEAR"]["MOTA"])}
        for name in classes
    }


if __name__ == "__main__":
    main(*sys.argv[1:])
