import { spawnSync } from "node:child_process";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { AuditLog, auditMigrations } from "../../src/durable/audit.ts";
import { openNodeSqlite } from "../../src/durable/node-sqlite.ts";
import { migrate } from "../../src/durable/sql.ts";
import { freshDatabase } from "../support/bot.ts";
import { runHere } from "../support/command.ts";
import { callTo } from "../durable/audit-cases.ts";

/** A store with entries of two incidents, an hour apart. @param more of the second one's */
function written(more = 0): string {
  const path = freshDatabase();
  const { sql, close } = openNodeSqlite(path);
  migrate(sql, [auditMigrations]);
  let at = Date.parse("2026-01-31T09:00:00Z");
  const audit = new AuditLog({ sql, now: () => at, redact: (text) => text.replaceAll("s3cret-token", "[redacted]") });
  audit.append(callTo("https://api.vendor.example/a"), { incidentId: "pd-1", step: "triage" });
  at += 3_600_000;
  audit.append(callTo("https://gateway.example/s3cret-token/v1"), { incidentId: "pd-2", step: "ask" });
  for (let entry = 0; entry < more; entry++) audit.append(callTo("https://api.vendor.example/b"), { incidentId: "pd-2", step: "ask" });
  close();
  return path;
}

async function run(words: readonly string[], path: string) {
  const { code, stdout: out, stderr: error } = await runHere(["audit", ...words], { DATABASE_PATH: path });
  return { code, out, error };
}

test("entries are exported as JSON lines, of one incident or from a time on, without a credential", async () => {
  const path = written();
  const whole = await run(["export"], path);
  expect(whole.code).toBe(0);
  const lines = whole.out
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(lines).toMatchObject([
    { seq: 1, time: "2026-01-31T09:00:00.000Z", incident: "pd-1", step: "triage", record: { url: "https://api.vendor.example/a" } },
    { seq: 2, time: "2026-01-31T10:00:00.000Z", incident: "pd-2", record: { url: "https://gateway.example/[redacted]/v1" } },
  ]);
  expect(lines[1]?.["previous"]).toBe(lines[0]?.["hash"]);
  const [first, second] = whole.out.trim().split("\n");
  expect((await run(["export", "--incident", "pd-2"], path)).out).toBe(`${second}\n`);
  expect((await run(["export", "--since", "2026-01-31T09:30:00Z"], path)).out).toBe(`${second}\n`);
  expect((await run(["export", "--incident", "pd-1"], path)).out).toBe(`${first}\n`);
});

test("a reader who has seen enough ends the export without a complaint", () => {
  const main = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));
  // Far more than a pipe holds.
  const { stdout, stderr } = spawnSync("sh", ["-c", '"$0" "$1" audit export | head -n 1', process.execPath, main], {
    env: { PATH: process.env.PATH, DATABASE_PATH: written(600) },
    encoding: "utf8",
  });
  expect(stderr).toBe("");
  expect(JSON.parse(stdout)).toMatchObject({ seq: 1 });
});

test("a changed entry is named, with exit code 1", async () => {
  const path = written();
  expect(await run(["verify"], path)).toMatchObject({ code: 0, out: expect.stringMatching(/^✓ 2 entries/) });
  const db = new DatabaseSync(path);
  db.exec("drop trigger audit_not_changed; update audit set body = replace(body, 'vendor.example', 'other.example') where seq = 1");
  db.close();
  expect(await run(["verify"], path)).toMatchObject({ code: 1, out: expect.stringMatching(/^✗ entry 1 is broken: its text/) });
  expect(JSON.parse((await run(["verify", "--json"], path)).out)).toMatchObject({ ok: false, broken: { seq: 1 } });
});

test("what is asked wrongly, or of no store, is told in one line", async () => {
  const path = written();
  expect(await run(["export", "--since", "yesterday"], path)).toMatchObject({
    code: 2,
    error: expect.stringMatching(/^--since must be a time/),
  });
  expect(await run(["verify", "--head", "12"], path)).toMatchObject({ code: 2, error: expect.stringMatching(/^--head must be/) });
  expect(await run(["verify"], `${path}.none`)).toMatchObject({ code: 1, error: expect.stringMatching(/^There is no /) });
  const other = freshDatabase();
  openNodeSqlite(other).close();
  expect(await run(["verify"], other)).toMatchObject({ code: 1, error: expect.stringMatching(/holds no audit/) });
});
