"""nuscenes-devkit judges an export: it loads it, walks its chains, counts points, and evaluates our own boxes.

Run in an environment of its own, which has `requirements-nuscenes.txt` and nothing of this project:

    .referees/nuscenes/bin/python tests/referees/nuscenes_referee.py FOLDER VERSION

Prints one JSON object of what was found; any breach is an error.
"""

import json
import os
import sys
import tempfile
from pathlib import Path

os.environ["MPLBACKEND"] = "Agg"

import numpy as np
from nuscenes.eval.common.config import config_factory
from nuscenes.eval.detection.evaluate import DetectionEval
from nuscenes.eval.detection.utils import category_to_detection_name
from nuscenes.nuscenes import NuScenes
from nuscenes.utils.data_classes import LidarPointCloud
from nuscenes.utils.geometry_utils import points_in_box

SPLIT = "all"
POINTS_APART, SHARE_APART = 2, 0.01
BOXES_A_SAMPLE = 500


def check(holds: bool, message: str) -> None:
    """End the run with a message unless a claim holds."""
    if not holds:
        sys.exit(f"breach: {message}")


def walk(nusc: NuScenes, table: str, first: str, last: str | None = None) -> list[dict]:
    """The records of a chain, checked in both directions."""
    records = [nusc.get(table, first)]
    check(records[0]["prev"] == "", f"{table} {first} is first but has a prev")
    while records[-1]["next"]:
        after = nusc.get(table, records[-1]["next"])
        check(after["prev"] == records[-1]["token"], f"{table} {after['token']}: prev does not lead back")
        check(len(records) <= len(getattr(nusc, table)), f"{table}: the chain of {first} runs in a circle")
        records.append(after)
    check(last is None or records[-1]["token"] == last, f"{table}: the chain of {first} does not end at {last}")
    return records


def walk_chains(nusc: NuScenes) -> dict[str, int]:
    """Walk every chain there is; each record must be in exactly one."""
    counts = {"sample": 0, "sample_data": 0, "sample_annotation": 0}
    for scene in nusc.scene:
        samples = walk(nusc, "sample", scene["first_sample_token"], scene["last_sample_token"])
        check(len(samples) == scene["nbr_samples"], f"scene {scene['name']}: nbr_samples is wrong")
        times = [sample["timestamp"] for sample in samples]
        check(times == sorted(set(times)), f"scene {scene['name']}: times of samples do not rise")
        counts["sample"] += len(samples)
    for record in nusc.sample_data:
        if record["prev"] == "":
            chain = walk(nusc, "sample_data", record["token"])
            times = [each["timestamp"] for each in chain]
            check(times == sorted(set(times)), f"times of {record['channel']} do not rise")
            check(len({each["channel"] for each in chain}) == 1, "a chain of sample_data mixes channels")
            counts["sample_data"] += len(chain)
    for instance in nusc.instance:
        chain = walk(nusc, "sample_annotation", instance["first_annotation_token"], instance["last_annotation_token"])
        check(len(chain) == instance["nbr_annotations"], f"instance {instance['token']}: nbr_annotations is wrong")
        check({each["instance_token"] for each in chain} == {instance["token"]}, "a chain mixes instances")
        counts["sample_annotation"] += len(chain)
    for table, count in counts.items():
        check(count == len(getattr(nusc, table)), f"{table}: {count} records in chains of {len(getattr(nusc, table))}")
    return counts


def count_points(nusc: NuScenes) -> dict[str, int]:
    """Points in every box, counted by the devkit, against num_lidar_pts."""
    boxes = exact = points = 0
    for sample in nusc.sample:
        path, found, _ = nusc.get_sample_data(sample["data"]["LIDAR_TOP"])
        cloud = LidarPointCloud.from_file(path).points[:3]
        check(len(found) == len(sample["anns"]), "a box is missing from the sample's data")
        for box in found:
            said = nusc.get("sample_annotation", box.token)["num_lidar_pts"]
            counted = int(points_in_box(box, cloud).sum())
            apart = abs(counted - said)
            check(apart <= max(POINTS_APART, SHARE_APART * counted), f"{box.token}: {counted} points, not {said}")
            boxes, exact, points = boxes + 1, exact + (apart == 0), points + counted
    return {"boxes": boxes, "exact": exact, "points": points}


def read_images(nusc: NuScenes) -> int:
    """Read every image, and project every box on it as the devkit does."""
    from PIL import Image

    count = 0
    for record in nusc.sample_data:
        path, _, _ = nusc.get_sample_data(record["token"])
        check(Path(path).is_file(), f"{path} is missing")
        if record["sensor_modality"] == "camera":
            with Image.open(path) as image:
                image.load()
                check(image.size == (record["width"], record["height"]), f"{path}: {image.size} is not what is said")
            count += 1
    return count


def evaluate(nusc: NuScenes, out: Path) -> dict[str, float]:
    """Average precision of our own boxes, for each class in range."""
    results = {}
    for sample in nusc.sample:
        boxes = []
        for token in sample["anns"]:
            record = nusc.get("sample_annotation", token)
            name = category_to_detection_name(record["category_name"])
            if name is None or record["num_lidar_pts"] == 0:
                continue
            attributes = [nusc.get("attribute", each)["name"] for each in record["attribute_tokens"]]
            boxes.append(
                {
                    "sample_token": sample["token"],
                    "translation": record["translation"],
                    "size": record["size"],
                    "rotation": record["rotation"],
                    "velocity": np.nan_to_num(nusc.box_velocity(token)[:2]).tolist(),
                    "detection_name": name,
                    "detection_score": 1.0,
                    "attribute_name": attributes[0] if attributes else "",
                }
            )
        results[sample["token"]] = boxes[:BOXES_A_SAMPLE]
    used = ("camera", "lidar", "radar", "map", "external")
    text = json.dumps({"meta": {f"use_{name}": name == "lidar" for name in used}, "results": results})
    (out / "results.json").write_text(text)
    config = config_factory("detection_cvpr_2019")
    judge = DetectionEval(nusc, config, str(out / "results.json"), SPLIT, str(out), verbose=False)
    in_range = {box.detection_name for token in judge.gt_boxes.sample_tokens for box in judge.gt_boxes[token]}
    metrics, _ = judge.evaluate()
    precision = {name: metrics.mean_dist_aps[name] for name in sorted(in_range)}
    for name, value in precision.items():
        check(value > 1 - 1e-6, f"average precision of {name} is {value}, not 1")
    return precision


def main(folder: str, version: str) -> None:
    """Judge an export."""
    nusc = NuScenes(version, folder, verbose=False)
    found = {"chains": walk_chains(nusc), "points": count_points(nusc), "images": read_images(nusc)}
    camera = next((token for channel, token in nusc.sample[0]["data"].items() if channel.startswith("CAM")), None)
    with tempfile.TemporaryDirectory() as out:
        if camera is not None:
            nusc.render_sample_data(camera, out_path=str(Path(out) / "render.png"), verbose=False)
            check((Path(out) / "render.png").stat().st_size > 0, "nothing was rendered")
        found["average_precision"] = evaluate(nusc, Path(out))
    sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
