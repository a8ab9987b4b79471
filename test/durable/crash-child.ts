// A small midwatch in a process of its own, made to be killed: crash-child.ts <database> <vendor's URL> <run number>
import { flushCompileCache } from "node:module";
import { incidentEvents } from "../../src/store/incident-store.ts";
import { openNodeHost } from "../../src/durable/node-host.ts";
import { crashPlan } from "./crash-plan.ts";
import { delivery } from "./pages.ts";

// Whoever is killed later has loaded its modules for those that come after.
flushCompileCache();
const [path = "", vendor = "", run = ""] = process.argv.slice(2);

const host = openNodeHost({
  events: incidentEvents,
  path,
  plan: crashPlan(vendor, run),
  settleMs: 120,
  // What a killed predecessor can't tell any more; anything else is a fault of this test's subject.
  onError: (error) => {
    console.error(error);
    process.exitCode = 1;
  },
});
await host.receive(delivery(1));

// Kept alive by more than its alarms, as `serve` is, and gone when whoever started it is.
process.stdin.on("end", () => process.exit()).resume();
