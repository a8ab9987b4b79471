import { expect, test } from "vitest";
import { context } from "./finding-fixture.ts";
import { stands, type Told } from "./told-answers.ts";

/** Facts that are in the evidence, and not together: of another instance, of a service that nothing cited names. */

/** Whether one claim that cites all of these answers stands without a mark. */
const standsOn = (text: string, answers: readonly Told[]): Promise<boolean> =>
  stands(
    text,
    answers,
    context,
    answers.map((_, index) => index + 1),
  );

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
  expect(await standsOn(text, [{ raw: pods }])).toBe(holds);
});

test.each([
  ["payments and checkout both answer, payments in 212 ms", ["payments", "checkout"], true],
  ["payments and orders-db2 both answer, payments in 212 ms", ["payments", "checkout"], false],
  ["payments answers in 212 ms, orders-db2 only waits for it", ["payments"], false],
  ["payments answers in 212 ms, and nothing of orders-db2 is on record", ["payments"], true],
  ["payments answers in 212 ms, checkout, which was paged, only waits for it", ["payments"], true],
])("each service that a sentence names is named by what it cites: “%s” %s", async (text, services, holds) => {
  const raw = JSON.stringify({ data: services.map((service) => ({ service, duration_ms: service === "payments" ? 212 : 15 })) });
  expect(await standsOn(text, [{ raw }])).toBe(holds);
});

test.each([
  ["payments logs «pool gone»", true],
  ["payments logs «pool drained»", false],
  ["payments logs „pool gone“", true],
  ["payments logs „pool drained“", false],
])("words in quotation marks of other languages are quotes too: “%s” %s", async (text, holds) => {
  expect(await standsOn(text, [{ raw: pods }])).toBe(holds);
});
