import { expect, test } from "vitest";
import { eventLogMigrations } from "../../src/durable/event-log.ts";
import { auditMigrations } from "../../src/durable/audit.ts";
import { openNodeSqlite } from "../../src/durable/node-sqlite.ts";
import { migrate } from "../../src/durable/sql.ts";
import { incidentLog } from "../../src/store/incident-store.ts";
import { freshDatabase } from "../support/bot.ts";
import { runHere } from "../support/command.ts";
import { logUntil } from "../support/example-log.ts";

test("stats shows what people said, how long answers took, and names services", async () => {
  const path = freshDatabase();
  const { sql, close } = openNodeSqlite(path);
  migrate(sql, [eventLogMigrations, auditMigrations]);
  const log = incidentLog(sql);
  for (const id of ["pd-1", "pd-2"]) for (const { event, at } of logUntil("finding-posted")) log.append(id, event, at, null);
  log.append(
    "pd-1",
    { type: "slack-action-received", action: "right", value: "", user: "ana", userId: "U1", channel: "C1" },
    Date.parse("2026-11-23T03:30:00Z"),
    null,
  );
  close();
  const { code, stdout } = await runHere(["stats"], { DATABASE_PATH: path });
  expect(code).toBe(0);
  expect(stdout).toMatch(/^Incidents: 2\nMedian after the page: first words 0\.8 s, brief 5\.5 s, finding 8\.0 s\nModels: \$0\.00\n/);
  expect(stdout).toMatch(/as people judged them\n {2}checkout {2}1 of 1 right, 1 without a word\n/);
});
