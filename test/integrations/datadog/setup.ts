import { existsSync, readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { createDatadogClient, type DatadogClient, type DatadogOptions } from "../../../src/integrations/datadog/client.ts";
import { type Contract, loadContract } from "../../support/openapi.ts";
import type { SeenRequest } from "../../support/loopback.ts";

export const API_KEY = "canary-api-key-5f1e";
export const APP_KEY = "canary-app-key-9c2d";

/** A client of a loopback server whose waits are noted, not slept. */
export function connect(url: string, options: Partial<DatadogOptions> = {}): { datadog: DatadogClient; waits: number[] } {
  const waits: number[] = [];
  const datadog = createDatadogClient({
    baseUrl: url,
    apiKey: API_KEY,
    appKey: APP_KEY,
    fetch: globalThis.fetch,
    sleep: async (ms) => void waits.push(ms),
    random: () => 0,
    ...options,
  });
  return { datadog, waits };
}

export const never = new AbortController().signal;
export const minute = 60_000;
/** Two hours of which nothing depends on the day. */
export const window = { from: Date.UTC(2026, 10, 23, 10), to: Date.UTC(2026, 10, 23, 12) };
export const search = { query: "service:checkout", window, limit: 100, sort: "timestamp" } as const;

const folder = new URL("../../../../shared/contracts/datadog/", import.meta.url);
export const hasContracts = existsSync(folder);
if (!hasContracts) console.log("shared/contracts/datadog is not there: recorded answers and contracts of Datadog are not checked");

/** Datadog's two API descriptions; a path tells which of them it belongs to. */
export function datadogContract(): Contract & { ofPath: (path: string) => Contract } {
  const v1 = loadContract(new URL("openapi-v1.official.json.gz", folder).pathname);
  const v2 = loadContract(new URL("openapi-v2.rebuilt.json.gz", folder).pathname, { closed: true });
  const ofPath = (path: string) => (path.startsWith("/api/v1/") ? v1 : v2);
  return {
    ofPath,
    operation: (method, path) => ofPath(path).operation(method, path),
    requestProblems: (request) => ofPath(request.path).requestProblems(request),
    responseProblems: (response) => ofPath(response.path).responseProblems(response),
    expectRequest: (method, path, body) => ofPath(path).expectRequest(method, path, body),
    expectResponse: (method, path, status, body) => ofPath(path).expectResponse(method, path, status, body),
  };
}

export const bodyOf = (request: SeenRequest | undefined): unknown =>
  request === undefined || request.body === "" ? undefined : JSON.parse(request.body);

/** One recorded exchange of Datadog's own client tests. */
export interface Cassette {
  readonly v: "v1" | "v2";
  readonly scenario: string;
  readonly n: number;
  readonly req: { readonly method: string; readonly url: string; readonly body: string | null };
  readonly res: { readonly status: number; readonly type: string; readonly body: string };
}

export function cassettes(): Cassette[] {
  return ["cassettes-v1.jsonl.gz", "cassettes-v2.jsonl.gz"].flatMap((file) =>
    gunzipSync(readFileSync(new URL(file, folder)))
      .toString("utf8")
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as Cassette),
  );
}
