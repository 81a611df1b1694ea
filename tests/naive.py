"""Slow, obvious twins of the kernels: what the fast ones must agree with."""

import math

import numpy as np
import shapely
from numpy.typing import NDArray

from worldline.geometry import Cuboid

# Frames between keyframes: docs/interpolation.md, read aloud.


def pose_between(at_s, key_s, key_m, key_wxyz, joined):
    """Centre and rotation at a time, by scipy's slerp and a Hermite curve written with vectors."""
    from scipy.spatial.transform import Rotation, Slerp

    if at_s <= key_s[0]:
        return key_m[0], key_wxyz[0]
    if at_s >= key_s[-1]:
        return key_m[-1], key_wxyz[-1]
    k = max(i for i in range(len(key_s)) if key_s[i] <= at_s)
    if at_s == key_s[k]:
        return key_m[k], key_wxyz[k]
    step = key_s[k + 1] - key_s[k]
    u = (at_s - key_s[k]) / step
    if joined[k]:
        v, w = (velocity_at(i, key_s, key_m, joined) for i in (k, k + 1))
        center = (
            (2 * u**3 - 3 * u**2 + 1) * key_m[k]
            + (u**3 - 2 * u**2 + u) * step * v
            + (-2 * u**3 + 3 * u**2) * key_m[k + 1]
            + (u**3 - u**2) * step * w
        )
    else:
        center = (1 - u) * key_m[k] + u * key_m[k + 1]
    turns = Rotation.from_quat(key_wxyz[k : k + 2], scalar_first=True)
    return center, Slerp([0, 1], turns)(u).as_quat(canonical=True, scalar_first=True)


def velocity_at(k, key_s, key_m, joined):
    """The velocity of one keyframe."""
    import numpy as np

    def mean(i):
        return (key_m[i + 1] - key_m[i]) / (key_s[i + 1] - key_s[i])

    def is_inner(i):
        return 0 < i < len(key_s) - 1 and joined[i - 1] and joined[i]

    if is_inner(k):
        before, after = mean(k - 1), mean(k)
        slow, fast = np.linalg.norm(before), np.linalg.norm(after)
        if slow == 0 or fast == 0:
            return np.zeros(3)
        h, g = key_s[k] - key_s[k - 1], key_s[k + 1] - key_s[k]
        a, b = 2 * g + h, g + 2 * h
        return (before / slow + after / fast) / 2 * (a + b) / (a / slow + b / fast)
    if k < len(key_s) - 1 and joined[k]:
        s, neighbour = mean(k), k + 1
    elif k > 0 and joined[k - 1]:
        s, neighbour = mean(k - 1), k - 1
    else:
        return np.zeros(3)
    speed = np.linalg.norm(s)
    if speed == 0:
        return np.zeros(3)
    if not is_inner(neighbour):
        return s
    v = 2 * s - velocity_at(neighbour, key_s, key_m, joined)
    return v - min(v @ s / speed, 0) * s / speed


def naive_inside(points: NDArray[np.floating], cuboid: Cuboid) -> NDArray[np.bool_]:
    """One point after another, in the cuboid's own axes."""
    rotation, center = cuboid.pose.rotation, cuboid.center_m
    mask = np.zeros(len(points), dtype=bool)
    for index, point in enumerate(points.astype(np.float64)):
        x, y, z = (point[d] - center[d] for d in range(3))
        with np.errstate(invalid="ignore"):
            own = [x * rotation[0, d] + y * rotation[1, d] + z * rotation[2, d] for d in range(3)]
        mask[index] = all(abs(own[d]) <= cuboid.size_m[d] / 2 for d in range(3))
    return mask


def naive_overlap(a: Cuboid, b: Cuboid) -> tuple[float, float]:
    """Bird's-eye and 3D overlap of upright cuboids by shapely's polygons."""
    one, other = (shapely.Polygon(cuboid.corners()[:4, :2]) for cuboid in (a, b))
    shared = one.intersection(other).area
    tops = [cuboid.center_m[2] + cuboid.height_m / 2 for cuboid in (a, b)]
    bottoms = [cuboid.center_m[2] - cuboid.height_m / 2 for cuboid in (a, b)]
    solid = shared * max(min(tops) - max(bottoms), 0.0)
    return shared / (one.area + other.area - shared), solid / (a.volume_m3 + b.volume_m3 - solid)


def naive_cluster(points: NDArray[np.floating], cell_m: float, fewest: int = 2) -> NDArray[np.int32]:
    """Flood the occupied cells, one after another."""
    cells: dict[tuple[int, ...], list[int]] = {}
    for index, point in enumerate(points.astype(np.float64)):
        if np.isfinite(point).all():
            cells.setdefault(tuple(int(v) for v in np.floor(point / cell_m)), []).append(index)
    groups, left = [], set(cells)
    while left:
        queue, members = [left.pop()], []
        while queue:
            cell = queue.pop()
            members += cells[cell]
            touching = {other for other in left if all(abs(a - b) <= 1 for a, b in zip(cell, other, strict=True))}
            queue += touching
            left -= touching
        groups.append(sorted(members))
    labels = np.full(len(points), -1, dtype=np.int32)
    for label, members in enumerate(sorted(group for group in groups if len(group) >= fewest)):
        labels[members] = label
    return labels


def naive_grow(points: NDArray[np.floating], place: tuple[float, float, float], radius_m: float) -> NDArray[np.bool_]:
    """Add any point that is a step from one already in, until none is."""
    wide = points.astype(np.float64)
    away = np.linalg.norm(wide - place, axis=1)
    mask = np.zeros(len(points), dtype=bool)
    if np.isfinite(away).any() and np.nanmin(away) <= radius_m:
        mask[np.nanargmin(away)] = True
    while True:
        steps = np.linalg.norm(wide[:, None] - wide[None, mask], axis=2)
        grown = mask | (steps <= radius_m).any(axis=1)
        if (grown == mask).all():
            return mask
        mask = grown


def naive_count_through(
    points: NDArray[np.float64], origin: NDArray[np.float64], boxes: NDArray[np.float64]
) -> NDArray[np.int64]:
    """Walk along each ray: it counts when it has been in the box and ends outside it, behind."""
    counts = np.zeros(len(boxes), dtype=np.int64)
    shares = np.linspace(0, 1, 4001)
    for b, box in enumerate(boxes):
        for point in points:
            walk = origin + shares[:, None] * (point - origin)
            inside = (np.abs(walk - box[:3]) < box[3:] / 2).all(axis=1)
            counts[b] += inside.any() and not inside[-1]
    return counts


def naive_rectangles(
    places: NDArray[np.float64], origin: NDArray[np.float64], mean_m: NDArray[np.float64], std_m: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Cost of each direction by the definition, without stray points (under 100 places)."""
    rows = []
    for degree in range(180):
        angle = math.radians(degree)
        axes = np.array([[math.cos(angle), math.sin(angle)], [-math.sin(angle), math.cos(angle)]])
        turned, eye = places @ axes.T, axes @ origin
        low, high = turned.min(axis=0), turned.max(axis=0)
        faces = np.where(np.abs(eye - low) < np.abs(eye - high), low, high)
        gaps = np.abs(turned - faces).min(axis=1)
        over = np.maximum(high - low - mean_m, 0) / std_m
        rows.append(((np.minimum(gaps, 0.35) ** 2).mean() / 0.35**2 + 0.02 * (over**2).sum(), (gaps <= 0.15).mean()))
    return np.array(rows)


def naive_ground(points: NDArray[np.float64], shape: tuple[int, int]) -> NDArray[np.float64]:
    """The street under points of the first quadrant in cells of 1 m, by lists and least squares."""
    columns, rows = shape
    cells = [(i, j) for i in range(columns) for j in range(rows)]
    piles = {cell: sorted(p[2] for p in points if (int(p[0]), int(p[1])) == cell) for cell in cells}
    low = {c: z[2 if len(z) >= 10 else 1 if len(z) >= 3 else 0] for c, z in piles.items() if z}
    kept = {}
    for cell, z in low.items():
        rises = [low[c] - z for c in low if c != cell and max(abs(c[0] - cell[0]), abs(c[1] - cell[1])) <= 2]
        level = sum(abs(rise) <= 0.9 for rise in rises)
        if level >= 2 and sum(rise > 0.9 for rise in rises) <= 5 * level:
            kept[cell] = z
    street = {}
    for cell, z in kept.items():
        cone = []
        for other, base in kept.items():
            near, far = sorted((abs(cell[0] - other[0]), abs(cell[1] - other[1])))
            cone.append(base + 0.3 * (far - near + 1.4142 * near))
        if z - min(cone) <= 0.25:
            slab = [h for h in piles[cell] if abs(h - z) <= 0.15]
            above = sum(0.15 < h - z < 4 for h in piles[cell])
            street[cell] = (float(np.mean(slab)), 0.2 if above > 0.3 * len(slab) else 1.0)
    heights = np.full(shape, np.nan)
    if len(street) < 6:
        return heights
    clear = {c: v for c, v in street.items() if not v[0] - naive_plane(street, c, 3)[0] > (0.2 if v[1] == 1 else 0.08)}
    for cell in cells:
        if cell in clear:
            _, u, v = naive_plane(clear, cell, 2)
            heights[cell] = naive_plane(clear, cell, 2, (clear[cell][0], u, v))[0]
        else:
            fills = [
                naive_plane(clear, cell, reach)[0] for reach in (2, 4, 8) if len(naive_near(clear, cell, reach)) >= 3
            ]
            heights[cell] = fills[0] if fills else np.nan
    return heights


def naive_near(street, cell, reach):
    """The cells of the street within reach."""
    return [c for c in street if max(abs(c[0] - cell[0]), abs(c[1] - cell[1])) <= reach]


def naive_plane(street, cell, reach, own=None):
    """Height and slopes at a cell by weighted least squares, weighed again three times."""
    near = naive_near(street, cell, reach)
    if reach == 8:
        near = [c for c in near if (c[0] - cell[0]) % 2 == 0 and (c[1] - cell[1]) % 2 == 0]
    plane = own
    if len(near) < 3:
        return (own[0] if own else np.nan), 0.0, 0.0
    steps = np.array(near, dtype=float) - cell
    z, trust = np.array([street[c] for c in near]).T
    for _ in range(3):
        weight = trust.copy()
        if plane is not None:
            off = z - plane[0] - steps @ plane[1:]
            above = np.where(off > 0.05, (0.05 / np.where(off > 0.05, off, 1)) ** 2, 1.0)
            weight = trust / (1 + (off / 0.06) ** 4) if own else trust * above
        weight = weight / weight.sum()
        middle, height = weight @ steps, weight @ z
        spread = (steps - middle).T @ (weight[:, None] * (steps - middle)) + 0.1 * np.eye(2)
        slope = np.linalg.solve(spread, (steps - middle).T @ (weight * (z - height)))
        before, plane = plane, (height - slope @ middle, *slope)
        if before is not None and abs(plane[0] - before[0]) < 0.003:
            break
    return plane


# Propagation: surfaces, and points laid over them.


def distance_field(hits, outline, cell_m, far_m):
    """Distance to the nearest cell that is hit, by looking at every pair of cells of a layer."""
    import numpy as np

    out = np.minimum(outline, far_m).astype(np.float64)
    for layer in range(hits.shape[0]):
        for i, j in np.argwhere(hits[layer] >= 1):
            for a in range(hits.shape[1]):
                for b in range(hits.shape[2]):
                    out[layer, a, b] = min(out[layer, a, b], cell_m * ((a - i) ** 2 + (b - j) ** 2) ** 0.5)
    return out


def rate_stand(points, field, corner_m, layer_m, cell_m, far_m, ring_m, scale_m, half_m, expected, stand):
    """The rating of a stand, one point after another, by scipy's linear interpolation."""
    import numpy as np
    from scipy.interpolate import RegularGridInterpolator

    x, y, yaw = stand
    xs, ys = (corner_m[axis] + cell_m * np.arange(field.shape[axis + 1]) for axis in (0, 1))
    total, count = 0.0, 0
    for px, py, pz in points.astype(np.float64):
        forward = np.cos(yaw) * (px - x) + np.sin(yaw) * (py - y)
        left = np.cos(yaw) * (py - y) - np.sin(yaw) * (px - x)
        if abs(forward) <= half_m[0] + ring_m and abs(left) <= half_m[1] + ring_m:
            count += 1
            if abs(forward) <= half_m[0] and abs(left) <= half_m[1]:
                layer = min(max(int(pz // layer_m), 0), len(field) - 1)
                look = RegularGridInterpolator((xs, ys), field[layer], bounds_error=False, fill_value=far_m)
                total += 1 / (1 + (float(look((forward, left))) / scale_m) ** 2)
    return total / max(count, 1) * min(total / expected, 1.0)


def points_over(points, plane, x, y, radius_m, underside_m, clear_m, top_m):
    """World x and y and height over the underside of the points above the ground, by masks."""
    import numpy as np

    dx, dy = points[:, 0] - x, points[:, 1] - y
    height = points[:, 2] - (plane[0] + plane[1] * dx + plane[2] * dy) - underside_m
    mask = (dx**2 + dy**2 < radius_m**2) & (height >= clear_m) & (height <= top_m)
    return np.column_stack([points[mask, :2], height[mask]])


def lzf_decode(packed: bytes) -> bytes:
    """LZF, a byte at a time: fails with IndexError or ValueError on what is not LZF."""
    out = bytearray()
    data = list(packed)
    while data:
        control = data.pop(0)
        if control < 32:
            literal = [data.pop(0) for _ in range(control + 1)]
            out += bytes(literal)
            continue
        length = control >> 5
        if length == 7:
            length += data.pop(0)
        source = len(out) - ((control & 31) * 256 + data.pop(0) + 1)
        if source < 0:
            raise ValueError("a reference before the beginning")
        for step in range(length + 2):
            out.append(out[source + step])
    return bytes(out)


# Points around a place, in another frame.


def move_points(points, a_from_b, around, radius):
    """One point after another."""
    moved = []
    for point in points.astype(np.float64):
        if np.isfinite(point).all():
            there = a_from_b.rotation @ point + np.array(a_from_b.translation_m)
            if math.hypot(there[0] - around[0], there[1] - around[1]) <= radius:
                moved.append(there)
    return np.array(moved, dtype=np.float32).reshape(-1, 3)


# Agreement of label sets: the definitions, with every assignment tried. A frame is (tracks of A, tracks of B,
# similarity matrix); fit for a handful of cuboids a frame.


def every_assignment(rows, columns):
    """Each way to give some rows a column of their own, as lists of pairs."""
    if rows == 0:
        yield []
        return
    for rest in every_assignment(rows - 1, columns):
        yield rest
        for column in range(columns):
            if all(column != taken for _, taken in rest):
                yield [*rest, (rows - 1, column)]


def count_matches(frames, least):
    """How many pairs can be had in all."""
    return sum(
        max(
            sum(similarity[pair] >= least for pair in pairs)
            for pairs in every_assignment(*similarity.shape)
            if all(similarity[pair] >= least for pair in pairs)
        )
        for _, _, similarity in frames
    )


def hota_at(frames, alpha):
    """DetA, AssA and HOTA at one threshold (Luiten et al. 2021, section 5)."""
    length_a, length_b, together = {}, {}, {}
    for a, b, similarity in frames:
        for track in a:
            length_a[track] = length_a.get(track, 0) + 1
        for track in b:
            length_b[track] = length_b.get(track, 0) + 1
        for i, j in np.ndindex(*similarity.shape):
            whole = similarity[:, j].sum() + similarity[i].sum() - similarity[i, j]
            if whole > 0:
                together[a[i], b[j]] = together.get((a[i], b[j]), 0.0) + similarity[i, j] / whole
    matches = []
    for a, b, similarity in frames:

        def worth(pairs, a=a, b=b, similarity=similarity):
            total = 0.0
            for i, j in pairs:
                shared = together.get((a[i], b[j]), 0.0)
                total += shared / (length_a[a[i]] + length_b[b[j]] - shared) * similarity[i, j]
            return total

        best = max(every_assignment(*similarity.shape), key=worth)
        matches += [(a[i], b[j]) for i, j in best if similarity[i, j] >= alpha]
    count_a, count_b = sum(length_a.values()), sum(length_b.values())
    det_a = len(matches) / (count_a + count_b - len(matches))
    jaccard = [matches.count(pair) / (length_a[pair[0]] + length_b[pair[1]] - matches.count(pair)) for pair in matches]
    ass_a = sum(jaccard) / len(matches) if matches else 0.0
    return det_a, ass_a, math.sqrt(det_a * ass_a)


def count_switches(frames, least):
    """Matches and switches of identity (Bernardin and Stiefelhagen 2008): what went on goes on."""
    last, before, matches, switches = {}, {}, 0, 0
    for a, b, similarity in frames:
        if not len(a) or not len(b):
            continue

        def worth(pairs, a=a, b=b, similarity=similarity, before=before):
            return sum(1000 * (before.get(a[i]) == b[j]) + similarity[i, j] for i, j in pairs)

        allowed = (
            pairs for pairs in every_assignment(*similarity.shape) if all(similarity[pair] >= least for pair in pairs)
        )
        before = {a[i]: b[j] for i, j in max(allowed, key=worth)}
        matches += len(before)
        switches += sum(track in last and last[track] != partner for track, partner in before.items())
        last = {**last, **before}
    return matches, switches


def count_partners(frames, least):
    """Matches when each track has one partner throughout (Ristani et al. 2016)."""
    together = {}
    for a, b, similarity in frames:
        for i, j in np.ndindex(*similarity.shape):
            if similarity[i, j] >= least:
                together[a[i], b[j]] = together.get((a[i], b[j]), 0) + 1
    a_tracks = sorted({int(track) for a, _, _ in frames for track in a})
    b_tracks = sorted({int(track) for _, b, _ in frames for track in b})
    return max(
        sum(together.get((a_tracks[i], b_tracks[j]), 0) for i, j in pairs)
        for pairs in every_assignment(len(a_tracks), len(b_tracks))
    )


# Fitting: what a rotation and a rectangle cost.


def naive_rotation_cost(rotation, own, origin):
    """Points to the nearest seen face of their box, one after another."""
    along = [[float(np.dot(p, rotation[:, d])) for d in range(3)] for p in own]
    faces, spans = [], []
    for d in range(3):
        low, high = min(a[d] for a in along), max(a[d] for a in along)
        eye = float(np.dot(origin, rotation[:, d]))
        faces.append(low if abs(eye - low) < abs(eye - high) else high)
        spans.append(max(high - low, 0.01))
    cap = max(0.15 * sorted(spans)[1], 0.01)
    gaps = [min(cap, *(abs(a[d] - faces[d]) for d in range(3))) for a in along]
    return sum(gap**2 for gap in gaps) / (len(own) * cap**2), 0.15 * math.log(spans[0] * spans[1] * spans[2])


def naive_rectangle_cost(box, seen, ahead):
    """The cost of a rectangle, one point and one ray after another; a ray is walked in small steps."""
    x, y, yaw, length, width = box
    turn = np.array([[math.cos(yaw), math.sin(yaw)], [-math.sin(yaw), math.cos(yaw)]])

    def own_axes(place):
        return turn @ (np.asarray(place[:2]) - (x, y))

    eye = own_axes(seen.origin)
    faces = np.where(eye > 0, 1, -1) * np.array([length, width]) / 2
    low, high = seen.ground_m + 0.15 * seen.size[2], seen.ground_m + 0.48 * seen.size[2]
    gaps, weights, outside, hits = [], [], 0.0, 0
    for index, point in enumerate(seen.points):
        at = own_axes(point)
        out = np.abs(at) - np.array([length, width]) / 2
        in_band = low <= point[2] <= high
        hits += bool((out <= 0).all() and in_band)
        if index < seen.own_count:
            weights.append(1.0 if in_band else 0.05)
            inner = min(np.abs(at - faces).min(), 0.35) if (out <= 0).all() else 0.0
            gaps.append(inner**2)
            outside += 0.0 if (out <= 0).all() else min(np.hypot(*np.maximum(out, 0)), 0.1)
    cost = 10 * float(np.dot(gaps, weights)) / (max(sum(weights), 1.0) * 0.35**2) + 1600 * outside / seen.own_count
    cost += 0.5 * (((length - seen.size[0]) / seen.spread[0]) ** 2 + ((width - seen.size[1]) / seen.spread[1]) ** 2)
    cost += ahead[1] * math.sin(yaw - ahead[0]) ** 2
    through = 0
    half = np.array([max(length / 2 - 0.1, 0.02), max(width / 2 - 0.1, 0.02)])
    for ray in seen.rays:
        walk = seen.origin + np.linspace(0, 1, 4001)[:, None] * (ray - seen.origin)
        flat = (walk[:, :2] - (x, y)) @ turn.T
        inside = (np.abs(flat) < half).all(axis=1)
        is_through = inside.any() and not (np.abs(flat[-1]) < half).all() and not inside[-1]
        band = (walk[:, 2] > low) & (walk[:, 2] < high)
        through += bool(is_through and (inside & band).any())
    share = seen.ray_weight * through
    return cost + 50 * share / (share + hits + 4)
