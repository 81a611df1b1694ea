/** Paths of the label document: what they name, and how they are written. */

export type Path =
  | { readonly of: "object"; readonly object: string }
  | { readonly of: "object_attribute"; readonly object: string; readonly name: string }
  | { readonly of: "track"; readonly track: string }
  | { readonly of: "keyframe"; readonly track: string; readonly frame: number }
  | { readonly of: "spans"; readonly track: string }
  | { readonly of: "track_attribute"; readonly track: string; readonly name: string; readonly frame: number }
  | { readonly of: "ignore_regions"; readonly place: string };

export const objectPath = (object: string): string => `objects/${object}`;
export const objectAttributePath = (object: string, name: string): string =>
  `objects/${object}/attributes/${name}`;
export const trackPath = (track: string): string => `tracks/${track}`;
export const keyframePath = (track: string, frame: number): string => `tracks/${track}/keyframes/${frame}`;
export const spansPath = (track: string): string => `tracks/${track}/spans`;
export const attributePath = (track: string, name: string, frame: number): string =>
  `tracks/${track}/attributes/${name}/${frame}`;

/** What a path names; null for one that this viewer does not know. */
export const parsePath = (path: string): Path | null => {
  const [root, id, part, name, frame, ...more] = path.split("/");
  if (!id || more.length > 0) return null;
  if (root === "ignore_regions" && part !== undefined && name === undefined) {
    return { of: "ignore_regions", place: `${id}/${part}` };
  }
  if (root === "objects" && frame === undefined) {
    if (part === undefined) return { of: "object", object: id };
    if (part === "attributes" && name) return { of: "object_attribute", object: id, name };
  }
  if (root === "tracks") {
    if (part === undefined) return { of: "track", track: id };
    if (part === "spans" && name === undefined) return { of: "spans", track: id };
    if (part === "keyframes" && name && frame === undefined) {
      return { of: "keyframe", track: id, frame: Number(name) };
    }
    if (part === "attributes" && name && frame !== undefined) {
      return { of: "track_attribute", track: id, name, frame: Number(frame) };
    }
  }
  return null;
};
