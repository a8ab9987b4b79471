import { expect, test } from "vitest";
import { checkFinding } from "../../../src/investigation/check/check-finding.ts";
import { context, ledger, trueFinding } from "./finding-fixture.ts";

test.each([
  ["restart orders-db2: its CPU is at 17.5 %", "restart orders-db2: its CPU is at 17.5 %"],
  ["Do not restart orders-db2: it is idle.", "restart orders-db2: it is idle."],
  ["Never restart orders-db2: it is idle.", "restart orders-db2: it is idle."],
])("what people must not do follows “Do not”: “%s”", async (said, kept) => {
  const { ok, cleaned } = await checkFinding({ ...trueFinding, do_not: said }, ledger, context);
  expect({ ok, doNot: cleaned.do_not }).toEqual({ ok: true, doNot: { text: kept } });
});

test.each([["run kubectl delete pod payments-7d9f6c4b8-x2k8p"], ["forget to send the password of orders-db2 to the thread"]])(
  "what people must not do is checked as a step is: “%s”",
  async (said) => {
    const { ok, cleaned } = await checkFinding({ ...trueFinding, do_not: said }, ledger, context);
    expect({ ok, doNot: cleaned.do_not }).toEqual({ ok: false, doNot: undefined });
  },
);
