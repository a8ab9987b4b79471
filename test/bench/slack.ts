import { spawn } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { plainText } from "../../src/integrations/slack/mrkdwn.ts";
import { visibleLength } from "../../src/slack/visible.ts";

/**
 * How many characters people see in Slack of each recorded incident: the status message with what is in its thread once the finding is out.
 * `SLACK_LIST=1` prints the messages too, as wide as a phone.
 *
 * node test/bench/slack.ts [--scripted] [FOLDER...]     default: test/scenarios and ../shared/cases/recorded; `--scripted`: with a model's part
 */

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const DEFAULT_FOLDERS = ["test/scenarios", "../shared/cases/recorded"].map((path) => join(ROOT, path));
const AT_ONCE = 2;
const LONGEST_MS = 180_000;
const PHONE = 40;

const summarySchema = z.object({
  verdict: z.string().nullable(),
  slackMessages: z.array(z.object({ threadTs: z.string().nullable(), text: z.string() })),
});

const scripted = process.argv.includes("--scripted");
const given = process.argv.slice(2).filter((one) => one !== "--scripted");
const cases = (given.length > 0 ? given : DEFAULT_FOLDERS).flatMap((folder) => {
  if (!existsSync(folder)) console.log(`${folder} is not there: left out`);
  if (!existsSync(folder) || existsSync(join(folder, "incident.json"))) return existsSync(folder) ? [folder] : [];
  return readdirSync(folder)
    .map((name) => join(folder, name))
    .filter((path) => existsSync(join(path, "incident.json")));
});

async function told(folder: string): Promise<z.output<typeof summarySchema>> {
  const options = ["demo", "--once", "--json", "--incident", folder, ...(scripted ? ["--scripted"] : [])];
  const child = spawn(process.execPath, [join(ROOT, "src/cli/main.ts"), ...options], {
    ...{ cwd: ROOT, stdio: ["ignore", "pipe", "ignore"], timeout: LONGEST_MS, killSignal: "SIGKILL" },
  });
  let out = "";
  child.stdout?.on("data", (chunk: Buffer) => void (out += String(chunk)));
  await new Promise((resolve) => child.on("close", resolve));
  return summarySchema.parse(JSON.parse(out));
}

/** As lines of a phone. */
const narrow = (text: string): string =>
  text
    .split("\n")
    .map((line) => line.replaceAll(new RegExp(`(?=\\S)(.{1,${PHONE}})(?:\\s+|$)|(\\S{${PHONE}})`, "g"), "    $1$2\n").trimEnd())
    .join("\n");
/** Without the addresses of links, which nobody sees. */
const seen = (text: string) => plainText(text.replaceAll(/<[^<>|]*\|([^<>]*)>/g, "$1"));

const lengths: number[] = [];
const queue = [...cases];
await Promise.all(
  Array.from({ length: AT_ONCE }, async () => {
    for (let folder = queue.shift(); folder !== undefined; folder = queue.shift()) {
      const { verdict, slackMessages } = await told(folder);
      const each = slackMessages.map(({ text }) => visibleLength(text));
      const all = each.reduce((sum, length) => sum + length, 0);
      lengths.push(all);
      console.log(`${basename(folder).padEnd(30)} ${(verdict ?? "none").padEnd(13)} ${String(all).padStart(5)} = ${each.join(" + ")}`);
      if (process.env["SLACK_LIST"] === "1") console.log(slackMessages.map(({ text }) => narrow(seen(text))).join("\n    ----\n"), "\n");
    }
  }),
);
const sorted = lengths.toSorted((a, b) => a - b);
console.log(
  `${sorted.length} incidents, visible characters: median ${sorted[Math.floor(sorted.length / 2)] ?? "-"}, worst ${sorted.at(-1) ?? "-"}`,
);
