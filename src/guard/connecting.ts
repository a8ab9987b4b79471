import { type IntegrationName, PolicyError } from "./errors.ts";
import type { OnCall, OutgoingCall } from "./outgoing.ts";
import type { Gate } from "./policy.ts";

export interface Connecting {
  readonly vendor: IntegrationName;
  readonly gate: Gate;
  readonly onCall?: OnCall | undefined;
}

/** Host and port, as the audit has them. */
export const addressOf = (host: string, port: number | string): string =>
  `${host.includes(":") && !host.startsWith("[") ? `[${host}]` : host}:${port}`;

/** A connection that is no HTTP request, for the audit. What is unknown about it is 0. */
export const connectCall = (
  about: Pick<OutgoingCall, "vendor" | "url" | "outcome" | "purpose"> &
    Partial<Pick<OutgoingCall, "bytesOut" | "bytesIn" | "tookMs" | "seen">>,
): OutgoingCall => {
  const isRefused = about.outcome === "refused";
  return {
    method: "CONNECT",
    effect: isRefused ? null : "read",
    status: null,
    bytesOut: 0,
    bytesIn: 0,
    tookMs: 0,
    attempt: isRefused ? 0 : 1,
    ...about,
  };
};

/**
 * Asked by whatever opens a connection that is no HTTP request, with the host and port that the driver is about to connect to.
 * @param secure over TLS from its first byte; the policy's base URL then begins with https://
 * @returns null if the policy allows it; else why not, and the audit has it
 */
export function refusalOf({ vendor, gate, onCall }: Connecting, host: string, port: number | string, secure = false): PolicyError | null {
  const address = addressOf(host, port);
  const written = `${secure ? "https" : "http"}://${address}`;
  // What a URL would read as something beside the host, a driver takes for a part of it.
  const url = !/[@/\\?#]/.test(host) && URL.canParse(written) ? new URL(written) : null;
  const ruling = url === null ? { refused: "it is no host and port" } : gate({ method: "CONNECT", url, body: null });
  if ("allowed" in ruling) return null;
  onCall?.(connectCall({ vendor, url: address, outcome: "refused", purpose: ruling.refused }));
  return new PolicyError(vendor, `CONNECT ${address}`, ruling.refused);
}
