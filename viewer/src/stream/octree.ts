/** Octrees of blocks: clouds too large to load, node by node, most wanted first, within a memory budget. */

import { unpackColumns } from "../frames/columns";
import type { Client, DataPlace } from "../protocol/client";
import type { Block, Vec3 } from "../state/model";
import type { Crew } from "./crew";
import { byteLengthOf, type Coding, type FramePoints } from "./decode";
import type { FieldValues } from "./fields";
import { createLoader } from "./loader";

export interface TreeNode {
  readonly number: number;
  readonly parent: number; // -1 of a root
  readonly children: readonly number[];
  readonly center_m: Vec3; // of its cube, the cloud's frame
  readonly half_m: number;
  /** About how far its points and those of the nodes above it are apart. */
  readonly spacing_m: number;
  readonly block: Block;
}

export interface TreeSource {
  readonly place: DataPlace;
  readonly frame: number;
  readonly coding: Coding;
}

export interface Tree {
  readonly key: string;
  readonly source: TreeSource;
  readonly nodes: readonly TreeNode[];
}

export interface Wanted {
  readonly tree: Tree;
  readonly node: number;
}

/** A field of a cloud's points, and what its values are. */
export interface TreeField {
  readonly name: string;
  readonly type: string;
}

/** Nodes whose points' field is wanted. */
export interface WantedField extends Wanted {
  readonly field: TreeField;
}

export interface Trees {
  /** The nodes of a frame's octree, asked for once. */
  open(source: TreeSource): Promise<Tree>;
  /** They, if they are at hand. */
  find(source: TreeSource): Tree | null;
  peek(wanted: Wanted): FramePoints | null;
  /** A node's points, whether it stays wanted or not. */
  request(wanted: Wanted, signal: AbortSignal): Promise<FramePoints>;
  /** What is wanted from now on, most of all first; the loading of anything else is given up. */
  want(wanted: readonly Wanted[]): void;
  /** As `want` and `peek`, of a field of the nodes' points. */
  wantFields(wanted: readonly WantedField[]): void;
  peekField(wanted: WantedField): FieldValues | null;
  /** Calls back when a node or a tree arrived; returns how to stop. */
  onArrival(listener: () => void): () => void;
  readonly bytes: number;
  close(): void;
}

const BUDGET_BYTES = 384 * 2 ** 20;
const FIELD_BUDGET_BYTES = 128 * 2 ** 20;
const CONCURRENCY = 6;
const MOST_TREES = 16;

export const createTrees = (client: Pick<Client, "octree">, crew: Pick<Crew, "perform">): Trees => {
  const listeners = new Set<() => void>();
  const closing = new AbortController();
  const asked = new Map<string, Promise<Tree>>();
  const trees = new Map<string, Tree>();
  const arrived = (): void => {
    for (const listener of listeners) listener();
  };

  const nodes = createLoader<FramePoints>({
    concurrency: CONCURRENCY,
    budget_bytes: BUDGET_BYTES,
    sizeOf: byteLengthOf,
    arrived,
    load: (key, signal) => {
      const found = nodeOf(key);
      if (found === null) return Promise.reject(new RangeError(`there is no node ${key}`));
      const { place, coding } = found.tree.source;
      return crew.perform({ kind: "points", place, coding, blocks: [found.node.block] }, signal);
    },
  });
  const fields = createLoader<FieldValues>({
    concurrency: CONCURRENCY,
    budget_bytes: FIELD_BUDGET_BYTES,
    sizeOf: ({ values }) => values.byteLength,
    arrived,
    load: (key, signal) => {
      const [field, type, ...rest] = key.split(":");
      const found = nodeOf(rest.join(":"));
      if (found === null) return Promise.reject(new RangeError(`there is no node ${key}`));
      const { place } = found.tree.source;
      const asked = { field: decodeURIComponent(field!), type: type!, blocks: [found.node.block] };
      return crew.perform({ kind: "field", place, ...asked }, signal);
    },
  });
  const nodeOf = (key: string): { tree: Tree; node: TreeNode } | null => {
    const cut = key.lastIndexOf("#");
    const tree = trees.get(key.slice(0, cut));
    const node = tree?.nodes[Number(key.slice(cut + 1))];
    return tree && node ? { tree, node } : null;
  };
  const keyOf = ({ tree, node }: Wanted): string => `${tree.key}#${node}`;
  const fieldKeyOf = (wanted: WantedField): string =>
    `${encodeURIComponent(wanted.field.name)}:${wanted.field.type}:${keyOf(wanted)}`;

  return {
    open(source) {
      const key = treeKey(source);
      const known = asked.get(key);
      if (known) return known;
      const loading = client.octree(source.place, source.frame, closing.signal).then((buffer) => {
        const tree = { key, source, nodes: readNodes(buffer) };
        trees.set(key, tree);
        for (const oldest of [...trees.keys()].slice(0, -MOST_TREES)) {
          trees.delete(oldest);
          asked.delete(oldest);
        }
        arrived();
        return tree;
      });
      asked.set(key, loading);
      loading.catch(() => asked.delete(key));
      return loading;
    },
    find: (source) => trees.get(treeKey(source)) ?? null,
    peek: (wanted) => nodes.peek(keyOf(wanted)),
    request: (wanted, signal) => nodes.request(keyOf(wanted), signal),
    want: (wanted) => nodes.want([], wanted.map(keyOf)),
    wantFields: (wanted) => fields.want([], wanted.map(fieldKeyOf)),
    peekField: (wanted) => fields.peek(fieldKeyOf(wanted)),
    onArrival(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    get bytes() {
      return nodes.bytes + fields.bytes;
    },
    close() {
      closing.abort();
      listeners.clear();
      nodes.close();
      fields.close();
    },
  };
};

const treeKey = ({ place, frame }: TreeSource): string => `${place.generation}/${place.sensor}/${frame}`;

/** The nodes as the server packs them: `formats/store/octree/pages.py`. */
export const readNodes = (buffer: ArrayBuffer): TreeNode[] => {
  const { facts, column } = unpackColumns<{ readonly first: number; readonly node_count: number }>(buffer);
  const [parent, corner, size, spacing, count, origin, scale] = [
    "parent",
    "corner_m",
    "size_m",
    "spacing_m",
    "count",
    "origin_m",
    "scale_m",
  ].map(column) as ArrayLike<number>[] as [
    ArrayLike<number>,
    ArrayLike<number>,
    ArrayLike<number>,
    ArrayLike<number>,
    ArrayLike<number>,
    ArrayLike<number>,
    ArrayLike<number>,
  ];
  const children: number[][] = Array.from({ length: facts.node_count }, () => []);
  for (let n = 0; n < facts.node_count; n++) children[parent[n]!]?.push(n);
  return children.map((below, n): TreeNode => {
    const half_m = size[n]! / 2;
    return {
      number: n,
      parent: parent[n]!,
      children: below,
      center_m: [corner[n * 3]! + half_m, corner[n * 3 + 1]! + half_m, corner[n * 3 + 2]! + half_m],
      half_m,
      spacing_m: spacing[n]!,
      block: {
        number: facts.first + n,
        count: count[n]!,
        origin_m: [origin[n * 3]!, origin[n * 3 + 1]!, origin[n * 3 + 2]!],
        scale_m: scale[n]!,
      },
    };
  });
};

/** Nodes whose cube meets a ball, from the root down. */
export const nodesNear = (tree: Tree, center_m: Vec3, radius_m: number): readonly number[] => {
  const found: number[] = [];
  const waiting = tree.nodes.length > 0 ? [0] : [];
  for (let n = waiting.pop(); n !== undefined; n = waiting.pop()) {
    const node = tree.nodes[n]!;
    const away = node.center_m.map((middle, axis) =>
      Math.max(0, Math.abs(center_m[axis as 0 | 1 | 2] - middle) - node.half_m),
    );
    if (Math.hypot(...away) > radius_m) continue;
    if (node.block.count > 0) found.push(n);
    waiting.push(...node.children);
  }
  return found;
};
