/** The points of octrees around a place, as fine as they are: for views that look at one object. */

import { apply, inverse } from "../space/pose";
import type { Vec3 } from "../state/model";
import { nodesNear, type Trees } from "../stream/octree";
import type { Sweep } from "./context";
import type { TreeCloud } from "./sources";

export class NearNodes {
  private loading = new AbortController();
  private key = "";

  constructor(
    private readonly trees: Trees,
    private readonly changed: () => void,
  ) {}

  /** The nodes around a place of the world that are at hand; `changed` is called when more are. */
  around(
    clouds: readonly TreeCloud[],
    place_m: Vec3,
    radius_m: number,
  ): { sweep: Sweep; cloud: TreeCloud }[] {
    const rounded = place_m.map((each) => Math.round(each / 2)).join();
    const key = `${clouds.map(({ source }) => `${source.place.generation}/${source.frame}`)}/${rounded}/${Math.ceil(radius_m)}`;
    const news = key !== this.key;
    if (news) this.forget();
    this.key = key;
    const { signal } = this.loading;
    const tell = () => {
      if (!signal.aborted) this.changed();
    };
    return clouds.flatMap((cloud) => {
      const tree = this.trees.find(cloud.source);
      if (tree === null) {
        if (news) this.trees.open(cloud.source).then(tell, () => undefined);
        this.key = ""; // its nodes are asked for when it is there
        return [];
      }
      const center = apply(inverse(cloud.world_from_cloud), place_m);
      return nodesNear(tree, center, radius_m + 2).flatMap((node) => {
        const sweep = this.trees.peek({ tree, node });
        if (sweep !== null) return [{ sweep, cloud }];
        if (news) this.trees.request({ tree, node }, signal).then(tell, () => undefined);
        return [];
      });
    });
  }

  forget(): void {
    this.loading.abort();
    this.loading = new AbortController();
    this.key = "";
  }
}
