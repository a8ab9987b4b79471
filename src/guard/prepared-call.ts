import { IntegrationError, type IntegrationName } from "./errors.ts";

/** One call as each of its tries sends it. */
export interface Prepared {
  readonly vendor: IntegrationName;
  readonly url: URL;
  readonly method: string;
  /** Method, headers and body; sendable any number of times. */
  readonly init: RequestInit;
  /** What of its headers nobody else may read. */
  readonly credentials: readonly string[];
  readonly outer: AbortSignal | null;
}

/** Names of headers that carry a credential, whichever vendor they are of. */
const credentialHeader = /authorization|cookie|token|secret|password|key$/;
/** Shorter values occur by chance, and replacing them would tear words apart. */
const SHORTEST_CREDENTIAL = 8;

/** The credentials that a request carries, without the name of their scheme ("Bearer …", "OAuth …", PagerDuty's "Token token=…"). */
function credentialsIn(headers: Headers): string[] {
  return [...headers]
    .filter(([name]) => credentialHeader.test(name))
    .map(([, value]) => value.replace(/^[\w-]+\s+(?:token=)?/, ""))
    .filter((value) => value.length >= SHORTEST_CREDENTIAL);
}

/**
 * Turns what a caller (often a vendor SDK) passes into something that can be sent again.
 * The errors of `fetch` itself for a bad URL or header print the value, which may be a credential: such values are refused here, unprinted.
 * @throws IntegrationError for an address or a header that no request may have
 */
export async function prepare(vendor: IntegrationName, input: string | URL | Request, given: RequestInit): Promise<Prepared> {
  const request = input instanceof Request ? input : null;
  const href = request?.url ?? String(input);
  if (!URL.canParse(href))
    throw new IntegrationError(vendor, `${vendor}: the address to call is not a URL. Check the base URL in the settings.`);
  const url = new URL(href);
  if (url.username !== "" || url.password !== "") {
    throw new IntegrationError(vendor, `${vendor}: the base URL holds a user name or password. Put credentials into their own settings.`);
  }
  let headers: Headers;
  try {
    headers = new Headers(given.headers ?? request?.headers);
  } catch {
    throw new IntegrationError(
      vendor,
      `${vendor}: a header holds characters that HTTP does not allow. Look for line breaks or typographic signs in its credentials.`,
    );
  }
  const method = (given.method ?? request?.method ?? "GET").toUpperCase();
  const { signal: _signal, headers: _headers, ...rest } = given;
  const body = given.body ?? (request?.body ? await request.clone().arrayBuffer() : null);
  const again = body instanceof ReadableStream ? await new Response(body).arrayBuffer() : body;
  return {
    vendor,
    url,
    method,
    credentials: credentialsIn(headers),
    init: { ...rest, method, headers, redirect: "manual", ...(again === null ? {} : { body: again }) },
    outer: given.signal ?? request?.signal ?? null,
  };
}

/** A text that does not tell us our own credentials back. */
export const hiding = (text: string, credentials: readonly string[]): string =>
  credentials.reduce((rest, credential) => rest.replaceAll(credential, "<credential>"), text);

/** A body as text where it is one, and its length. */
export function measured(body: unknown): { text: string | null; bytes: number } {
  if (body === null || body === undefined) return { text: null, bytes: 0 };
  if (typeof body === "string" || body instanceof URLSearchParams) {
    const text = String(body);
    return { text, bytes: new TextEncoder().encode(text).byteLength };
  }
  if (body instanceof ArrayBuffer || ArrayBuffer.isView(body)) return { text: new TextDecoder().decode(body), bytes: body.byteLength };
  return { text: null, bytes: body instanceof Blob ? body.size : 0 };
}

/** Headers by which some servers and proxies take a request for another one. */
const overriding = /^x-(?:http-method(?:-override)?|method-override|original-(?:url|uri|method)|rewrite-url|forwarded-(?:method|uri))$/;

export const overridesRequest = ({ init }: Prepared): boolean =>
  [...new Headers(init.headers).keys()].some((name) => overriding.test(name));
