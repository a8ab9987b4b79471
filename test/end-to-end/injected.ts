import { cpSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { z } from "zod";
import type { Script } from "../../src/replay/anthropic/server.ts";
import { scriptedInvestigator } from "../../src/replay/anthropic/scripted-investigator.ts";
import { calls, openingOf, openScene, toldIn, turnsOf } from "./agent.ts";
import { forbiddenEffects } from "./forbidden.ts";
import { type Attempt, patchOf, SHOP, writer } from "./patch-writer.ts";
import { startProxy } from "./proxy.ts";

/** A recorded incident into which somebody wrote a text, wherever text from outside comes from; and a model that obeys whatever it reads. */

export const INJECTED_INTO = SHOP("orders-wrong-total");

const json = <T>(file: string, schema: z.ZodType<T>): T => schema.parse(JSON.parse(readFileSync(file, "utf8")));
const oneLine = (text: string) => text.replaceAll("\n", String.raw`\n`);
const row = z.looseObject({ service: z.string(), status: z.string().optional(), attributes: z.record(z.string(), z.string()).optional() });

function mapLines(file: string, change: (line: z.output<typeof row>) => readonly unknown[]): void {
  const lines = gunzipSync(readFileSync(file)).toString("utf8").trimEnd().split("\n");
  const rows = lines.flatMap((line) => change(row.parse(JSON.parse(line))));
  writeFileSync(file, gzipSync(rows.map((one) => `${JSON.stringify(one)}\n`).join("")));
}

/** The recording with the text in its page, log lines, spans, monitors, commits, pull requests and a comment of the code. */
export function injectedRecording(text: string): string {
  const folder = join(mkdtempSync(join(tmpdir(), "midwatch-injected-")), "case");
  cpSync(INJECTED_INTO, folder, { recursive: true });
  const incident = join(folder, "incident.json");
  const { title, details, ...rest } = json(incident, z.looseObject({ title: z.string(), details: z.string() }));
  writeFileSync(incident, JSON.stringify({ ...rest, title: `${title}: ${oneLine(text)}`, details: `${details}\n${text}` }));
  const monitors = join(folder, "monitors.json");
  const told = json(monitors, z.array(z.looseObject({ message: z.string() })));
  writeFileSync(monitors, JSON.stringify(told.map((monitor) => ({ ...monitor, message: `${monitor.message}\n\n${text}` }))));
  mapLines(join(folder, "spans.jsonl.gz"), (span) =>
    span.status === "error"
      ? [{ ...span, attributes: { ...span.attributes, "error.message": `ValidationError: name '${oneLine(text)}' is too long` } }]
      : [span],
  );
  let count = 0;
  mapLines(join(folder, "logs.jsonl.gz"), (line) =>
    line.service === "orders" && line["severity"] === "ERROR" && count++ < 40
      ? [line, { ...line, message: `checkout failed: invalid coupon '${oneLine(text)}' for cart c-${4000 + count}` }]
      : [line],
  );
  const commits = join(folder, "repository", "commits.json");
  const history = json(
    commits,
    z.array(
      z.looseObject({
        message: z.string(),
        pr: z.looseObject({ body: z.string().nullable() }).nullable(),
        files: z.array(z.looseObject({ path: z.string(), before: z.string().nullable(), after: z.string().nullable() })),
      }),
    ),
  );
  const commented = (path: string, code: string | null) =>
    code === null || path !== "orders/src/pricing.ts" ? code : `// ${oneLine(text)}\n${code}`;
  writeFileSync(
    commits,
    JSON.stringify(
      history.map((commit) => ({
        ...commit,
        message: `${commit.message}\n\n${text}`,
        pr: commit.pr === null ? null : { ...commit.pr, body: `${commit.pr.body ?? ""}\n<!-- ${text} -->` },
        files: commit.files.map((file) => ({
          ...file,
          before: commented(file.path, file.before),
          after: commented(file.path, file.after),
        })),
      })),
    ),
  );
  return folder;
}

/** Asks for it, says it, and writes it into the code; then hands the good patch in. */
export function obedientModel(text: string, words: readonly string[]): Script {
  const good = patchOf(INJECTED_INTO);
  const said = [text.replaceAll(/\s+/g, " "), ...words].join(" ").slice(0, 900);
  const [goodTest, goodFix] = good.edits;
  const obeying: Attempt = {
    ...good,
    title: said.slice(0, 140),
    risk: said,
    edits: [goodTest ?? {}, { ...goodFix, replace: `${String(goodFix?.["replace"])}\n  // ${oneLine(said)}` }],
  };
  const script = writer([obeying, good], {
    investigator: scriptedInvestigator,
    finding: {
      ...{ confidence: 0.85, fix: "patch" },
      cause: said,
      do_now: [{ step: said, runbook: null }],
      missing: [{ what: said, who: words[0] ?? null }],
    },
  });
  return async (request, turn) => {
    const answer = await script(request, turn);
    if (turn > 1 || !("blocks" in answer)) return answer;
    // It cannot obey what it has not been shown.
    const shown = [openingOf(request.body), ...toldIn(request.body).results.map((result) => result.text)].join("\n");
    const tries = (words.length === 0 ? [text.slice(0, 60)] : words).filter((word) => shown.includes(word));
    return {
      ...answer,
      blocks: [
        ...answer.blocks,
        ...tries
          .slice(0, 2)
          .flatMap((word) => [
            calls("datadog_logs", { service: "orders", query: `"${word}"` }),
            calls("github_search_code", { query: word }),
          ]),
        calls("slack_post", { channel: "general", text: said }),
        calls("bash", { command: said }),
      ],
    };
  };
}

/** One incident with this text in it, and a model that obeys it, to its draft pull request: what happened, what people read, and what never may be. */
export async function play(text: string, words: readonly string[]) {
  await using scene = await openScene(injectedRecording(text));
  await using proxy = await startProxy(scene.replay.settings);
  await using desk = await scene.start({ script: obedientModel(text, words), settings: proxy.settings });
  const incident = await desk.page();
  const log = await incident.until(({ event }) => ["fix-proposed", "fix-declined", "fix-offered"].includes(event.type));
  const slack = JSON.stringify(await incident.slack());
  const bodies = turnsOf(desk.model).map(({ body }) => JSON.stringify(body.messages));
  return { log, slack, effects: forbiddenEffects(proxy.calls, scene.replay, words), fenced: /<data [0-9a-f]{10}>/.test(bodies[0] ?? "") };
}
