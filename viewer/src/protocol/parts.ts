/**
 * Stored bytes that the server does not send itself: it names ranges of presigned addresses of its bucket.
 *
 * Who cannot reach those (a bucket that allows no other origin, a signature that expired) asks the server
 * for the bytes after all.
 */

export const PARTS = "application/vnd.worldline.parts+json";

interface Ticket {
  readonly parts: readonly { readonly url: string; readonly offset: number; readonly size: number }[];
  readonly media_type: string;
}

/** The bytes that an answer stands for: its own, or those of the parts that it names; null where they cannot be had. */
export const followParts = async (
  answer: Response,
  fetchNow: typeof globalThis.fetch,
  signal: AbortSignal,
): Promise<Response | null> => {
  if (answer.headers.get("content-type") !== PARTS) return answer;
  const ticket = (await answer.json()) as Ticket;
  try {
    const bodies = await Promise.all(
      ticket.parts.map(async ({ url, offset, size }) => {
        const range = `bytes=${offset}-${offset + size - 1}`;
        const part = await fetchNow(url, { headers: { range }, signal, credentials: "omit" });
        const body = part.status === 206 ? await part.arrayBuffer() : null;
        return body?.byteLength === size ? body : null;
      }),
    );
    if (!bodies.every((body) => body !== null)) return null;
    return new Response(new Blob(bodies), { headers: { "content-type": ticket.media_type } });
  } catch (error) {
    if (signal.aborted) throw error;
    return null;
  }
};
