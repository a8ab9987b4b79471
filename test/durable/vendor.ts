import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** One request as it came: from which run of the program, for which step. */
export interface VendorRequest {
  method: string;
  run: string;
  step: string;
}

/** A vendor that keeps messages with their keys. What it was sent takes effect some ms later, whether or not the sender still lives. */
export async function listenAsVendor() {
  const messages: { key: string; ts: string }[] = [];
  const requests: VendorRequest[] = [];
  /** Incidents whose reads are open now, and the most that ever were at once. */
  const readers: string[] = [];
  let mostReaders = 0;
  let onRequest = (_count: number): void => undefined;
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? "/", "http://vendor.test");
    requests.push({ method: request.method ?? "", run: String(request.headers["x-run"]), step: url.searchParams.get("step") ?? "" });
    onRequest(requests.length);
    const reader = url.searchParams.get("reader");
    if (reader !== null) readers.push(reader);
    mostReaders = Math.max(mostReaders, new Set(readers).size);
    setTimeout(() => {
      if (reader !== null) readers.splice(readers.indexOf(reader), 1);
      const key = url.searchParams.get("key") ?? "";
      if (request.method === "POST") messages.push({ key, ts: `${messages.length}.0` });
      response.end(JSON.stringify(messages.find((message) => message.key === key)?.ts ?? null));
    }, 15);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    messages,
    requests,
    mostReaders: () => mostReaders,
    watch: (listener: (count: number) => void) => void (onRequest = listener),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
