/** A data worker: what keeps fetching and decoding away from the page. */

import { serveWork } from "./workman";

serveWork(self as unknown as DedicatedWorkerGlobalScope);
