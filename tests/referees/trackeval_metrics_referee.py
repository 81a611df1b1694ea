"""TrackEval judges label sets by the similarities it is handed.

Run in an environment of its own, which has `requirements-trackeval.txt` and nothing of this project:

    .referees/trackeval/bin/python tests/referees/trackeval_metrics_referee.py CASES

CASES is a JSON list of cases, each a `threshold` and `classes`: for each class a list of frames with
`a_tracks`, `b_tracks` (numbers from 0 without gaps) and `similarity`. Prints for each case the metrics of
each class and of all classes together, averaged over detections.
"""

import contextlib
import io
import json
import sys
from pathlib import Path

import numpy as np
import trackeval


def main(cases: str) -> None:
    """Judge every case."""
    with contextlib.redirect_stdout(io.StringIO()):
        found = [judge(case) for case in json.loads(Path(cases).read_text())]
    sys.stdout.write(json.dumps(found) + "\n")


def judge(case: dict) -> dict[str, dict[str, float]]:
    """The metrics of a case."""
    at = {"THRESHOLD": case["threshold"], "PRINT_CONFIG": False}
    metrics = [trackeval.metrics.HOTA(), trackeval.metrics.CLEAR(at), trackeval.metrics.Identity(at)]
    sequences = {name: sequence(frames) for name, frames in case["classes"].items()}
    parts = {name: [metric.eval_sequence(data) for metric in metrics] for name, data in sequences.items()}
    together = [
        metric.combine_classes_det_averaged({name: part[k] for name, part in parts.items()})
        for k, metric in enumerate(metrics)
    ]
    return {name: flat(part) for name, part in {**parts, "all": together}.items()}


def sequence(frames: list[dict]) -> dict:
    """The form in which TrackEval takes data."""
    a = [np.array(frame["a_tracks"], dtype=int) for frame in frames]
    b = [np.array(frame["b_tracks"], dtype=int) for frame in frames]
    return {
        "num_timesteps": len(frames),
        "gt_ids": a,
        "tracker_ids": b,
        "num_gt_ids": 1 + max((int(each.max()) for each in a if each.size), default=-1),
        "num_tracker_ids": 1 + max((int(each.max()) for each in b if each.size), default=-1),
        "num_gt_dets": sum(map(len, a)),
        "num_tracker_dets": sum(map(len, b)),
        "similarity_scores": [
            np.array(frame["similarity"], dtype=float).reshape(len(x), len(y))
            for frame, x, y in zip(frames, a, b, strict=True)
        ],
    }


def flat(part: list[dict]) -> dict[str, float]:
    """Every field of every metric, those over thresholds by their mean."""
    return {name: float(np.mean(value)) for result in part for name, value in result.items()}


if __name__ == "__main__":
    main(*sys.argv[1:])
