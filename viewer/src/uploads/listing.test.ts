import { expect, test } from "vitest";
import { type Chosen, chosenOf, nameSet, suggestName } from "./listing";

const chosen = (path: string, text = "x", lastModified = 1): Chosen => ({
  path,
  file: new File([text], path.split("/").at(-1) ?? path, { lastModified }),
});

test("a set has one name whatever the order of its files, another when one of them changes", async () => {
  const [one, two] = [chosen("a/1.bin"), chosen("a/2.bin")];
  const name = await nameSet([one, two]);
  expect(name).toMatch(/^[0-9a-f]{32}$/);
  expect(await nameSet([two, one])).toBe(name);
  expect(await nameSet([one, chosen("a/2.bin", "x", 2)])).not.toBe(name);
  expect(await nameSet([one, chosen("a/2.bin", "longer")])).not.toBe(name);
  expect(await nameSet([one])).not.toBe(name);
});

test("the scene is called after the folder or the file", () => {
  expect(suggestName([chosen("drive 05/a.bin"), chosen("drive 05/b.bin")])).toBe("drive-05");
  expect(suggestName([chosen("street.tar.gz")])).toBe("street");
  expect(suggestName([chosen("_ä_x.zip")])).toBe("x");
  expect(suggestName([])).toBe("");
});

test("files that file managers leave behind are not sent", () => {
  const files = [new File(["x"], ".DS_Store"), new File(["x"], "a.pcd")];
  expect(chosenOf(files).map(({ path }) => path)).toEqual(["a.pcd"]);
});
