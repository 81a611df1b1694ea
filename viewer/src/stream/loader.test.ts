import { describe, expect, test } from "vitest";
import { createLoader } from "./loader";

const setup = (budget_bytes = 100, concurrency = 2) => {
  const started: string[] = [];
  const aborted: string[] = [];
  const open = new Map<string, { resolve: (value: string) => void; reject: (reason: unknown) => void }>();
  const loader = createLoader<string>({
    concurrency,
    budget_bytes,
    sizeOf: () => 10,
    load: (key, signal) => {
      started.push(key);
      signal.addEventListener("abort", () => aborted.push(key));
      return new Promise((resolve, reject) => open.set(key, { resolve, reject }));
    },
  });
  const finish = async (key: string) => {
    open.get(key)?.resolve(`value of ${key}`);
    await Promise.resolve();
    await Promise.resolve();
  };
  return { loader, started, aborted, open, finish };
};

describe("order", () => {
  test("what is visible comes before what will be, nearest first, so many at a time", async () => {
    const { loader, started, finish } = setup();
    loader.want(["5"], ["6", "7", "4"]);
    expect(started).toEqual(["5"]); // what is visible has the line to itself
    await finish("5");
    expect(started).toEqual(["5", "6", "7"]);
    await finish("6");
    expect(started).toEqual(["5", "6", "7", "4"]);
  });

  test("a request goes before prefetching", async () => {
    const { loader, started, finish } = setup(100, 1);
    loader.want(["1"], ["2", "3"]);
    void loader.request("3").catch(() => undefined);
    await finish("1");
    expect(started).toEqual(["1", "3"]);
  });

  test("two requests for one thing load it once", async () => {
    const { loader, started, finish } = setup();
    const [one, two] = [loader.request("1"), loader.request("1")];
    await finish("1");
    expect(await Promise.all([one, two])).toEqual(["value of 1", "value of 1"]);
    expect(started).toEqual(["1"]);
  });
});

describe("what nobody wants any more", () => {
  test("is aborted, and its request fails as an abort", async () => {
    const { loader, aborted, started } = setup(100, 1);
    loader.want(["1"], []);
    const lost = loader.request("1");
    loader.want(["9"], []);
    await expect(lost).rejects.toMatchObject({ name: "AbortError" });
    expect(aborted).toEqual(["1"]);
    expect(started).toEqual(["1", "9"]);
  });

  test("stays when someone asked for it with a signal, until that aborts", async () => {
    const { loader, aborted } = setup();
    const controller = new AbortController();
    const lasting = loader.request("1", controller.signal);
    loader.want(["9"], []);
    expect(aborted).toEqual([]);
    controller.abort();
    await expect(lasting).rejects.toMatchObject({ name: "AbortError" });
    expect(aborted).toEqual(["1"]);
  });
});

describe("the budget", () => {
  test("drops what was seen longest ago first, and never what is visible", async () => {
    const { loader, finish } = setup(30, 9);
    for (const key of ["1", "2", "3"]) {
      loader.want([key], []);
      await finish(key);
    }
    expect(loader.bytes).toBe(30);
    loader.want(["4"], []);
    await finish("4");
    expect(loader.bytes).toBe(30);
    expect([1, 2, 3, 4].map((key) => loader.peek(String(key)) !== null)).toEqual([false, true, true, true]);
  });

  test("ends prefetching when it is used up", async () => {
    const { loader, started, finish } = setup(30, 1);
    loader.want(["1"], ["2", "3", "4", "5"]);
    for (const key of ["1", "2", "3", "4", "5"]) await finish(key);
    expect(started).toEqual(["1", "2", "3"]);
  });
});

test("a failure is told once and tried again when asked", async () => {
  const { loader, started, open, finish } = setup();
  loader.want(["1"], []);
  const failing = loader.request("1");
  open.get("1")?.reject(new Error("broken"));
  await expect(failing).rejects.toThrow("broken");
  expect(started).toEqual(["1"]);
  const again = loader.request("1");
  await finish("1");
  expect(await again).toBe("value of 1");
});

test("the status counts what was at hand when it became visible, and what was given up", async () => {
  const { loader, finish } = setup();
  loader.want(["1"], ["2", "3"]);
  expect(loader.status()).toMatchObject({ loading: 1, waiting: 2, hits: 0, misses: 1, held: 0 });
  await finish("1");
  await finish("2");
  loader.want(["2"], ["3"]);
  loader.want(["2"], ["3"]);
  expect(loader.status()).toMatchObject({ hits: 1, misses: 1, held: 2, bytes: 20, budget_bytes: 100 });
  loader.want(["1"], []);
  expect(loader.status()).toMatchObject({ hits: 2, misses: 1, aborted: 1, loading: 0, waiting: 0 });
});
