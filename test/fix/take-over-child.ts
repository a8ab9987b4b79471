import { parseCode } from "../../src/node/code-parser.ts";
import { flushCompileCache } from "node:module";
import { createFixer } from "../../src/fix/fixer.ts";
import type { LoggedEvent } from "../../src/incident/event.ts";
import type { PatchDraft } from "../../src/incident/fix.ts";
import { openNodeSqlite } from "../../src/durable/node-sqlite.ts";
import { type Effects, Outbox, outboxMigrations } from "../../src/durable/outbox.ts";
import { migrate } from "../../src/durable/sql.ts";
import { viewOf } from "../../src/incident/view.ts";
import { createGithubClient } from "../../src/integrations/github/client.ts";

/** What a process is given to do: put a patch on the branch of the revert that the log tells of. */
export interface TakeOver {
  readonly githubUrl: string;
  readonly token: string;
  /** Path of the store with the outbox, which outlives the process. */
  readonly database: string;
  readonly incidentId: string;
  readonly log: readonly LoggedEvent[];
  readonly draft: PatchDraft;
}

/** A process of its own: once through the step. Its one argument is a {@link TakeOver}; it prints what came of it. */
// Whoever is killed later has loaded its modules for those that come after.
flushCompileCache();
const given = JSON.parse(process.argv[2] ?? "") as TakeOver;
const signal = AbortSignal.timeout(30_000);
const store = openNodeSqlite(given.database);
migrate(store.sql, [outboxMigrations]);
const box = new Outbox(store.sql, given.incidentId, { now: () => 0, sleep: async () => undefined });
const effects: Effects = {
  deliver: (key, kind, payload, calls) => box.deliver(key, kind, payload, calls, signal),
  wasMeant: (key) => box.wasMeant(key),
};
const fixer = createFixer({
  parseCode,
  github: createGithubClient({ baseUrl: given.githubUrl, auth: { token: given.token }, fetch }),
  placeOf: () => null,
  repositoryOf: (named) => named,
  timelineUrl: () => null,
});
const about = { incidentId: given.incidentId, view: viewOf(given.log), title: "pay: error rate", draft: given.draft };
console.log(JSON.stringify(await fixer.patch(about, effects, signal)));
store.close();
