"""What rules of physics and good sense have against a scene's labels."""

from dataclasses import asdict

from fastapi import APIRouter
from pydantic import BaseModel

from worldline.tracking.findings import Rule

from .checking import check_scene
from .protocol import SceneName
from .services import ServicesOf

router = APIRouter(prefix="/api/scenes/{scene}", tags=["labels"])


class FindingDocument(BaseModel):
    """What a rule says against a track in frames `start` up to, not including, `end`; `frame` is the worst one."""

    rule: Rule
    track_id: str
    object_id: str
    other_id: str | None
    start: int
    end: int
    frame: int
    value: float
    limit: float
    message: str


@router.get("/findings")
def list_findings(scene: SceneName, services: ServicesOf, points: bool = True) -> list[FindingDocument]:
    """What cannot be in the labels as they are now; without `points` the sweeps are not read."""
    labels, findings = check_scene(services.engine, services.scenes, scene, look_at_points=points)
    object_of = {track.id: track.object_id for track in labels.tracks}
    return [FindingDocument(**asdict(each), object_id=object_of[each.track_id]) for each in findings]
