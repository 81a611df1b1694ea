import { expect, test } from "vitest";
import { parseRoute, scenePath } from "./route";

test("a scene's path leads back to the scene, whatever its name", () => {
  for (const name of ["kitti-0001", "a b", "über/straße", "100%"]) {
    expect(parseRoute(scenePath(name))).toEqual({ kind: "scene", name });
  }
});

test("anything else is the list of scenes", () => {
  for (const path of ["/", "/scenes", "/scenes/", "/scenes/a/b", "/scenes/%E0%A4%A"]) {
    expect(parseRoute(path)).toEqual({ kind: "home" });
  }
});
