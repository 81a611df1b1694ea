import { describe, expect, it } from "vitest";
import { followParts, PARTS } from "./parts";

const signal = new AbortController().signal;
const stored = Uint8Array.from({ length: 100 }, (_, index) => index);

/** A bucket that answers ranges. */
const bucket = (asked: string[]) => async (input: RequestInfo | URL, init?: RequestInit) => {
  const range = new Headers(init?.headers).get("range") ?? "";
  asked.push(`${String(input)} ${range}`);
  const [first, last] = range.replace("bytes=", "").split("-").map(Number);
  return new Response(stored.slice(first, (last ?? 0) + 1), { status: 206 });
};
const ticket = (...parts: { url: string; offset: number; size: number }[]) =>
  new Response(JSON.stringify({ parts, media_type: "image/png" }), { headers: { "content-type": PARTS } });

describe("followParts", () => {
  it("leaves bytes as they are", async () => {
    const answer = new Response("bytes", { headers: { "content-type": "image/png" } });
    expect(await followParts(answer, bucket([]), signal)).toBe(answer);
  });

  it("reads the ranges that a ticket names, one after another", async () => {
    const asked: string[] = [];
    const parts = [
      { url: "http://bucket/a?signed", offset: 10, size: 5 },
      { url: "http://bucket/b?signed", offset: 0, size: 2 },
    ];
    const answer = await followParts(ticket(...parts), bucket(asked), signal);
    expect([...new Uint8Array((await answer?.arrayBuffer()) ?? new ArrayBuffer(0))]).toEqual([
      10, 11, 12, 13, 14, 0, 1,
    ]);
    expect(answer?.headers.get("content-type")).toBe("image/png");
    expect(asked).toEqual(["http://bucket/a?signed bytes=10-14", "http://bucket/b?signed bytes=0-1"]);
  });

  it("says when the bytes cannot be had there", async () => {
    const part = { url: "http://bucket/a", offset: 0, size: 5 };
    expect(await followParts(ticket(part), async () => new Response("", { status: 403 }), signal)).toBeNull();
    expect(
      await followParts(ticket(part), async () => Promise.reject(new TypeError("CORS")), signal),
    ).toBeNull();
    expect(await followParts(ticket({ ...part, offset: 98 }), bucket([]), signal)).toBeNull();
  });

  it("hands an abort on", async () => {
    const aborted = AbortSignal.abort();
    const part = { url: "http://bucket/a", offset: 0, size: 5 };
    await expect(
      followParts(ticket(part), async () => Promise.reject(new DOMException("no", "AbortError")), aborted),
    ).rejects.toThrow("no");
  });
});
