import { expect, test } from "vitest";
import { packKeyframes } from "./columns";
import { type Reader, readInWorker, type Told } from "./reader";

const piece = { revision: 3, columns: packKeyframes([]).columns, entries: [] };

const createFakeWorker = () => {
  const worker = {
    asked: [] as string[],
    isOver: false,
    onmessage: null as Reader["onmessage"],
    onerror: null as Reader["onerror"],
    postMessage: ({ scene }: { readonly scene: string }) => void worker.asked.push(scene),
    terminate: () => {
      worker.isOver = true;
    },
    say: (told: Told) => worker.onmessage?.({ data: told } as MessageEvent<Told>),
  };
  return worker;
};

const read = async (worker: ReturnType<typeof createFakeWorker>, signal = new AbortController().signal) => {
  const found = [];
  for await (const each of readInWorker("street", signal, () => worker)) found.push(each);
  return found;
};

test("pieces come in order, those that came while nobody looked too; then the worker ends", async () => {
  const worker = createFakeWorker();
  const reading = read(worker);
  worker.say({ piece });
  worker.say({ piece: { ...piece, revision: 4 } });
  await Promise.resolve();
  worker.say({ done: true });
  expect((await reading).map((each) => each.revision)).toEqual([3, 4]);
  expect(worker).toMatchObject({ asked: ["street"], isOver: true });
});

test("what goes wrong in the worker goes wrong here", async () => {
  const lost = createFakeWorker();
  const losing = read(lost);
  lost.say({ failure: { code: "network", status: 0, message: "The server cannot be reached" } });
  await expect(losing).rejects.toMatchObject({ failure: { code: "network" } });
  const broken = createFakeWorker();
  const breaking = read(broken);
  broken.onerror?.({ message: "" } as ErrorEvent);
  await expect(breaking).rejects.toThrow("the worker of the labels: could not be started");
  expect([lost.isOver, broken.isOver]).toEqual([true, true]);
});

test("who leaves ends the worker", async () => {
  const worker = createFakeWorker();
  const closing = new AbortController();
  const reading = read(worker, closing.signal);
  closing.abort();
  await expect(reading).rejects.toThrow("abort");
  expect(worker.isOver).toBe(true);
});
