"""Assistants over HTTP; their work runs on threads and writes nothing."""

from fastapi import APIRouter

from worldline.geometry import Cuboid, Pose
from worldline.tracking.solve import suggest_frames

from .assist import FitPlace, fit_scene, interpolate_scene, propagate_scene, track_velocity
from .protocol import SceneName
from .protocol_assist import (
    CuboidDocument,
    FitDocument,
    FitRequest,
    InterpolateRequest,
    InterpolationDocument,
    PlaceDocument,
    PropagatedKeyframe,
    PropagateRequest,
    PropagationDocument,
    SampledShape,
    SolutionDocument,
    SolveRequest,
    SpanDocument,
)
from .services import ServicesOf
from .solving import solve_scene

router = APIRouter(prefix="/api/scenes/{scene}/assist", tags=["assist"])


@router.post("/fit")
def fit(scene: SceneName, asked: FitRequest, services: ServicesOf) -> FitDocument:
    """Fit a cuboid at a point or around a rough cuboid."""
    rough = asked.cuboid
    cuboid = None if rough is None else Cuboid(Pose(rough.rotation_wxyz, rough.center_m), rough.size_m)
    track = asked.track
    velocity_mps = track and track_velocity(services.engine, services.scenes, scene, track, asked.frame)
    place = FitPlace(asked.class_name, asked.point_m, cuboid, asked.heading_hint_rad, velocity_mps or None)
    fitted = fit_scene(services.scenes, scene, asked.frame, asked.lidar, place, asked.cloud)
    pose = fitted.cuboid.pose
    return FitDocument(
        cuboid=CuboidDocument(
            center_m=pose.translation_m, rotation_wxyz=pose.rotation_wxyz, size_m=fitted.cuboid.size_m
        ),
        quality=fitted.quality,
        point_count=fitted.point_count,
        reason=fitted.reason,
        flip_probability=fitted.flip_probability,
        std=fitted.std,
    )


@router.post("/propagate")
def propagate(scene: SceneName, asked: PropagateRequest, services: ServicesOf) -> PropagationDocument:
    """Carry a track on by its own points, until it is lost or meets what a person made."""
    found = propagate_scene(
        services.engine,
        services.scenes,
        scene,
        asked.track,
        asked.frame,
        asked.direction,
        asked.frame_count,
        asked.lidar,
    )
    keyframes = [
        PropagatedKeyframe(
            frame=each.frame,
            shape=PlaceDocument(center_m=each.shape.translation_m, rotation_wxyz=each.shape.rotation_wxyz),
            quality=each.quality if each.quality is not None else 1.0,
        )
        for each in found.keyframes
        if isinstance(each.shape, Pose)
    ]
    return PropagationDocument(keyframes=keyframes, stopped_at=found.stopped_at, reason=found.reason)


@router.post("/solve")
def solve(scene: SceneName, asked: SolveRequest, services: ServicesOf) -> SolutionDocument:
    """Carry a track through all frames its object is seen in, both ways, all frames taken together."""
    solved = solve_scene(services.engine, services.scenes, scene, asked.track, asked.is_still, asked.lidar)
    found = solved.solution
    return SolutionDocument(
        size_m=found.size_m,
        is_still=found.is_still,
        keyframes=[
            PropagatedKeyframe(
                frame=each.frame,
                shape=PlaceDocument(center_m=each.shape.translation_m, rotation_wxyz=each.shape.rotation_wxyz),
                quality=each.quality if each.quality is not None else 1.0,
            )
            for each in found.keyframes
            if isinstance(each.shape, Pose) and not each.is_drawn
        ],
        spans=[SpanDocument(start=span.start, end=span.end, occlusion=span.occlusion) for span in solved.spans],
        suggested=suggest_frames(found),
    )


@router.post("/interpolate")
def interpolate(scene: SceneName, asked: InterpolateRequest, services: ServicesOf) -> InterpolationDocument:
    """A track's shapes between its keyframes, by the kernel that exports use."""
    shapes = interpolate_scene(services.engine, services.scenes, scene, asked.track, asked.frames)
    return InterpolationDocument(
        shapes=[SampledShape(frame=frame, shape=shape) for frame, shape in zip(asked.frames, shapes, strict=True)]
    )
