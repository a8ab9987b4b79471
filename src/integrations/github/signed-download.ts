import { IntegrationError, TimedOutError } from "../../guard/errors.ts";
import { type Caller, callerOf, outgoingFetch } from "../../guard/outgoing.ts";
import { openGate } from "../../guard/policy.ts";
import { githubLogPolicy } from "./policy.ts";

/** The end of what was downloaded. */
export interface Tail {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Bytes of the whole. */
  readonly total: number;
}

/**
 * Reads what lies at an address that GitHub signed, without a credential of ours, and keeps its last bytes.
 * @returns null where nothing lies there (any more)
 * @throws IntegrationError when the address is none of GitHub's; nothing is sent then
 */
export type Download = (location: string, keepBytes: number, signal: AbortSignal) => Promise<Tail | null>;

interface DownloadSettings extends Caller {
  /** REST root. */
  readonly baseUrl: string;
  readonly userAgent: string;
  /** Longest wait for the first byte, and between two pieces, ms. The whole may take six times that. Default 10,000. */
  readonly timeoutMs?: number | undefined;
}

const LARGEST = 64 * 1024 * 1024;

/** The last bytes of a body, without ever holding much more than those. */
async function tailOf(body: ReadableStream<Uint8Array<ArrayBuffer>> | null, keepBytes: number): Promise<Tail> {
  const kept: Uint8Array<ArrayBuffer>[] = [];
  let [total, held] = [0, 0];
  const reader = body?.getReader();
  for (let part = await reader?.read(); part?.done === false; part = await reader?.read()) {
    kept.push(part.value);
    total += part.value.byteLength;
    held += part.value.byteLength;
    for (let first = kept[0]; first !== undefined && held - first.byteLength >= keepBytes; first = kept[0]) {
      held -= first.byteLength;
      kept.shift();
    }
  }
  const bytes = new Uint8Array(await new Blob(kept).arrayBuffer());
  return { bytes: bytes.slice(Math.max(0, bytes.byteLength - keepBytes)), total };
}

/** Downloads from signed addresses. The signature is in their query string, which no error and no audit line holds. */
export function signedDownloads(settings: DownloadSettings): Download {
  const { baseUrl, userAgent, timeoutMs = 10_000 } = settings;
  const longestMs = 6 * timeoutMs;
  const send = outgoingFetch({
    ...callerOf(settings),
    vendor: "github",
    gate: openGate(githubLogPolicy, baseUrl),
    streams: { is: (response) => response.ok, stallMs: timeoutMs },
    largestAnswerBytes: LARGEST,
    timeoutMs,
  });
  return async (location, keepBytes, signal) => {
    if (!URL.canParse(location, baseUrl)) throw new IntegrationError("github", "github redirects to something that is not an address.");
    const url = new URL(location, baseUrl);
    const limit = AbortSignal.timeout(longestMs);
    try {
      const response = await send(url, { headers: { "user-agent": userAgent }, signal: AbortSignal.any([signal, limit]) });
      if (response.status === 404 || response.status === 410) return null;
      if (!response.ok) {
        const what = `${url.origin}${url.pathname}`;
        throw new IntegrationError("github", `github sent us to ${what}, which answers ${response.status}`, {
          status: response.status,
          retryable: response.status >= 500,
        });
      }
      return await tailOf(response.body, keepBytes);
    } catch (error) {
      if (limit.aborted && !signal.aborted) throw new TimedOutError("github", `GET ${url.pathname}`, longestMs);
      throw error;
    }
  };
}
