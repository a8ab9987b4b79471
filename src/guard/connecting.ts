import { type IntegrationName, PolicyError } from "./errors.ts";
import type { OnCall } from "./outgoing.ts";
import type { Gate } from "./policy.ts";

export interface Connecting {
  readonly vendor: IntegrationName;
  readonly gate: Gate;
  readonly onCall?: OnCall | undefined;
}

/**
 * Asked by whatever opens a connection that is no HTTP request, with the host and port that the driver is about to connect to.
 * @param secure over TLS from its first byte; the policy's base URL then begins with https://
 * @returns null where the policy lets it; else why not, and the audit was told
 */
export function refusalOf({ vendor, gate, onCall }: Connecting, host: string, port: number | string, secure = false): PolicyError | null {
  const address = `${host.includes(":") && !host.startsWith("[") ? `[${host}]` : host}:${port}`;
  const written = `${secure ? "https" : "http"}://${address}`;
  const url = URL.canParse(written) ? new URL(written) : null;
  const ruling = url === null ? { refused: "it is no host and port" } : gate({ method: "CONNECT", url, body: null });
  if ("allowed" in ruling) return null;
  onCall?.({
    vendor,
    method: "CONNECT",
    url: address,
    outcome: "refused",
    effect: null,
    purpose: ruling.refused,
    status: null,
    bytesOut: 0,
    bytesIn: 0,
    tookMs: 0,
    attempt: 0,
  });
  return new PolicyError(vendor, `CONNECT ${address}`, ruling.refused);
}
