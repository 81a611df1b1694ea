/** The server, for panels that ask it something outside an open scene. */

import { createClient } from "../../protocol/client";

export const client = createClient();

/** What a person reads of an error: the server's own sentence. */
export const sentenceOf = (error: unknown): string =>
  error instanceof Error ? error.message : "Something went wrong, and nothing more is known";
