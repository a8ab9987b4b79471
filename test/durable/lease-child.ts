// Owns a store until it ends: lease-child.ts <database> <leaseMs>. Says "open", and for each number on stdin what became of that delivery.
import { incidentEvents } from "../../src/store/incident-store.ts";
import { createInterface } from "node:readline";
import { openNodeHost } from "../../src/durable/node-host.ts";
import { delivery } from "./pages.ts";

const [path = "", leaseMs = ""] = process.argv.slice(2);
const host = openNodeHost({
  events: incidentEvents,
  path,
  plan: () => null,
  leaseMs: Number(leaseMs),
  onError: (error) => console.log(String(error)),
});
console.log("open");
const idle = async () => {
  while (host.health().waiting > 0) await new Promise((resolve) => setTimeout(resolve, 5));
  return "stored";
};
for await (const number of createInterface({ input: process.stdin })) {
  const outcome = await host.receive(delivery(Number(number))).then(idle, (error: unknown) => String(error));
  console.log(outcome);
}
await host.close();
