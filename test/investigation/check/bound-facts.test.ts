import { expect, test } from "vitest";
import type { CheckLedger } from "../../../src/investigation/check/check-context.ts";
import { checkFinding } from "../../../src/investigation/check/check-finding.ts";
import { context, trueFinding } from "./finding-fixture.ts";

/** Facts that are in the evidence, and not together: of another instance, beside another figure, of a service that nothing cited names. */

interface Told {
  readonly raw: string;
  readonly query?: string;
  readonly view?: string;
}

/** Whether one claim on these answers stands without a mark. */
async function stands(text: string, answers: readonly Told[]): Promise<boolean> {
  const ledger: CheckLedger = {
    entry: (number) =>
      answers[number - 1] === undefined ? null : { source: "made up", query: answers[number - 1]?.query ?? "", from: null, to: null },
    raw: (number) => Promise.resolve(answers[number - 1]?.raw ?? null),
    views: (number) => [answers[number - 1]?.view ?? ""],
  };
  const claims = [{ text, evidence: answers.map((_, index) => index + 1), quotes: [] }];
  const { cleaned } = await checkFinding({ ...trueFinding, claims }, ledger, context);
  const [kept] = cleaned.claims;
  return kept?.text === text && kept.unverified === undefined;
}

const [one, two] = ["payments-7d9f6c4b8-x2k8p", "payments-7d9f6c4b8-9qzst"];
const pods = JSON.stringify({
  data: [
    { pod: one, node: "ip-10-0-7-21.internal", state: "CrashLoopBackOff", last: "2026-03-14T03:12:07Z", message: "pool gone" },
    { pod: two, node: "ip-10-0-9-84.internal", state: "Running", last: "2026-03-14T03:12:31Z", message: "pool gone" },
  ],
});

test.each([
  [`${one} runs on ip-10-0-7-21`, true],
  [`${one} runs on ip-10-0-9-84`, false],
  [`${two} lives on node ip-10-0-9-84.internal and never stopped`, true],
  [`On ip-10-0-7-21.internal, ${two} is in CrashLoopBackOff`, false],
  [`${one} logged it at 03:12:07`, true],
  [`${one} logged it at 03:12:31`, false],
  [`At 03:12:31 it was the turn of ${two}`, true],
  [`First ${one} at 03:12:07, then ${two} at 03:12:31`, true],
  [`First ${two} at 03:12:07, then ${one} at 03:12:31`, false],
  [`${one} and ${two} are on two nodes, ip-10-0-7-21 and ip-10-0-9-84`, true],
])("an instance is in a row with its node and its second: “%s” %s", async (text, holds) => {
  expect(await stands(text, [{ raw: pods }])).toBe(holds);
});

const statements = JSON.stringify({
  data: [
    { query: "SELECT name FROM parcels WHERE depot = $1", share_pct: 48.3, mean_exec_ms: 1_900, max_exec_ms: 5_100 },
    { query: "UPDATE labels SET printed = now()", share_pct: 31.2, mean_exec_ms: 12, max_exec_ms: 77 },
  ],
});
const sessions = "E1 sessions by state: 38 on CPU, 8 waiting for IO, 3 idle";

test.each([
  ["Reading parcels costs 48.3 % of the time, updating labels 31.2 %", statements, true],
  ["Reading parcels costs 31.2 % of the time, updating labels 48.3 %", statements, false],
  ["The worst statement took 5,100 ms, the mean one 1,900 ms", statements, true],
  ["The worst statement took 1,900 ms, the mean one 5,100 ms", statements, false],
  ["38 sessions are on the CPU and 8 wait for IO", sessions, true],
  ["8 sessions are on the CPU and 38 wait for IO", sessions, false],
])("two figures that changed places are marked: “%s” %s", async (text, answer, holds) => {
  const isView = answer === sessions;
  expect(await stands(text, [{ raw: isView ? "{}" : answer, view: isView ? answer : "" }])).toBe(holds);
});

test.each([
  ["payments and checkout both answer, payments in 212 ms", ["payments", "checkout"], true],
  ["payments and orders-db2 both answer, payments in 212 ms", ["payments", "checkout"], false],
  ["payments answers in 212 ms, orders-db2 only waits for it", ["payments"], false],
  ["payments answers in 212 ms, and is no link to orders-db2", ["payments"], true],
  ["payments answers in 212 ms, checkout, which was paged, only waits for it", ["payments"], true],
])("each service that a sentence names is named by what it cites: “%s” %s", async (text, services, holds) => {
  const raw = JSON.stringify({ data: services.map((service) => ({ service, duration_ms: service === "payments" ? 212 : 15 })) });
  expect(await stands(text, [{ raw }])).toBe(holds);
});

test("figures that are together in another service's record are not those of the one that is named", async () => {
  const raw = JSON.stringify({
    data: [
      { service: "payments", cpu_pct: 27.1, memory_pct: 99.6, disk_pct: 61.7 },
      { service: "checkout", cpu_pct: 27.1, memory_pct: 44.2, disk_pct: 12.4 },
    ],
    fleet_pct: [99.6, 61.7],
  });
  expect(await stands("payments is at 27.1 % CPU, 99.6 % memory and 61.7 % disk", [{ raw }])).toBe(true);
  expect(await stands("checkout is at 27.1 % CPU, 99.6 % memory and 61.7 % disk", [{ raw }])).toBe(false);
});

test.each([
  ["payments logs «pool gone»", true],
  ["payments logs «pool drained»", false],
  ["payments logs „pool gone“", true],
  ["payments logs „pool drained“", false],
])("words in quotation marks of other languages are quotes too: “%s” %s", async (text, holds) => {
  expect(await stands(text, [{ raw: pods }])).toBe(holds);
});
