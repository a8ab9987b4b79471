import { IntegrationError, type IntegrationName } from "./errors.ts";

/** What is said of calls that got no usable answer. */

/** A network error's code ("ECONNREFUSED"), or null. Codes are safe to print; messages of errors may hold whole URLs or headers. */
function networkCode(error: unknown): string | null {
  for (let at = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth++) {
    if ("code" in at && typeof at.code === "string") return at.code;
  }
  return null;
}

/** Codes of a name that DNS does not know, or cannot look up. */
const NAME_CODES: ReadonlySet<string> = new Set(["ENOTFOUND", "EAI_AGAIN"]);

/** Whether a call failed because no address of its host was found. */
export const isUnknownName = (error: unknown): boolean => NAME_CODES.has(networkCode(error) ?? "");

/** `fetch` never connects to some ports of other protocols; its error says so only in its cause. */
const refusedPort = (error: unknown): string | null =>
  error instanceof Error && error.cause instanceof Error && error.cause.message === "bad port"
    ? "bad port: fetch never connects to it"
    : null;

export const tooLarge = (vendor: IntegrationName, what: string, bytes: number) =>
  new IntegrationError(vendor, `${vendor} answered ${what} with more than ${bytes} bytes. Ask for less at once.`);

export function unreached(vendor: IntegrationName, url: URL, what: string, cause: unknown): IntegrationError {
  const code = networkCode(cause);
  const why = code ?? refusedPort(cause) ?? (cause instanceof Error ? cause.name : "no reason given");
  const where = isUnknownName(cause) ? ` (no address for the host ${url.hostname})` : "";
  const kept = code === null ? {} : { cause };
  return new IntegrationError(vendor, `${vendor} could not be reached, or its answer broke off: ${what}: ${why}${where}`, {
    retryable: true,
    ...kept,
  });
}

export function redirected(vendor: IntegrationName, what: string, response: Response, url: URL): IntegrationError {
  const location = response.headers.get("location") ?? "";
  const to = URL.canParse(location, url.href) ? new URL(location, url.href) : null;
  const where = to === null ? "elsewhere" : to.origin + to.pathname;
  return new IntegrationError(
    vendor,
    `${vendor} redirects ${what} to ${where} (${response.status}), which midwatch does not follow. Check the base URL and names.`,
    {
      status: response.status,
    },
  );
}
