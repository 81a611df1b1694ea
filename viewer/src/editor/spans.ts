/** Edits of spans: the half-open frame intervals in which a track is present. */

import type { Span } from "../state/model";

/** The same frames with neighbours of equal occlusion made one. */
export const joinSpans = (spans: readonly Span[]): Span[] => {
  const joined: Span[] = [];
  for (const span of spans) {
    const last = joined.at(-1);
    if (last && last.end === span.start && last.occlusion === span.occlusion) {
      joined[joined.length - 1] = { ...last, end: span.end };
    } else {
      joined.push(span);
    }
  }
  return joined;
};

/** Spans that are also present at a frame: the gap to the nearest span is filled with its occlusion. */
export const coverFrame = (spans: readonly Span[], frame: number): readonly Span[] => {
  if (spans.some((span) => span.start <= frame && frame < span.end)) return spans;
  if (spans.length === 0) return [{ start: frame, end: frame + 1, occlusion: 0 }];
  const before = spans.findLast((span) => span.end <= frame);
  const after = spans.find((span) => span.start > frame);
  const isNearerBefore = before && (!after || frame - before.end < after.start - frame);
  return joinSpans(
    spans.map((span) => {
      if (isNearerBefore) return span === before ? { ...span, end: frame + 1 } : span;
      return span === after ? { ...span, start: frame } : span;
    }),
  );
};

/** Spans that are present in all of [start, end): gaps take the occlusion of what stands before them. */
export const coverRange = (spans: readonly Span[], start: number, end: number): readonly Span[] => {
  const out: Span[] = spans.filter((span) => span.end <= start);
  let occlusion = spans.find((span) => span.start <= start && start <= span.end)?.occlusion ?? 0;
  let at = start;
  for (const span of spans.filter((each) => each.end > start)) {
    if (span.start > end) {
      if (at < end) out.push({ start: at, end, occlusion });
      at = Math.max(at, end);
      out.push(span);
      continue;
    }
    if (span.start > at) out.push({ start: at, end: span.start, occlusion });
    out.push(span);
    occlusion = span.occlusion;
    at = Math.max(at, span.end);
  }
  if (at < end) out.push({ start: at, end, occlusion });
  return joinSpans(out);
};

/** The track begins at a frame: what was before is cut, a gap is filled. */
export const startAt = (spans: readonly Span[], frame: number): readonly Span[] => {
  const covered = coverFrame(spans, frame);
  return covered
    .filter((span) => span.end > frame)
    .map((span) => (span.start < frame ? { ...span, start: frame } : span));
};

/** The track ends with a frame. */
export const endAt = (spans: readonly Span[], frame: number): readonly Span[] => {
  const covered = coverFrame(spans, frame);
  return covered
    .filter((span) => span.start <= frame)
    .map((span) => (span.end > frame + 1 ? { ...span, end: frame + 1 } : span));
};

/** Another occlusion from a frame on to the end of its span; the same spans where it is absent. */
export const occludeFrom = (spans: readonly Span[], frame: number, occlusion: number): readonly Span[] =>
  joinSpans(
    spans.flatMap((span) => {
      if (frame < span.start || frame >= span.end) return [span];
      const changed = { start: frame, end: span.end, occlusion };
      return span.start < frame ? [{ ...span, end: frame }, changed] : [changed];
    }),
  );
