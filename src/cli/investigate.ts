import type { Catalog } from "../catalog.ts";
import { parseConfig } from "../config.ts";
import { IntegrationError } from "../guard/errors.ts";
import type { IncidentEvent, LoggedEvent } from "../incident/event.ts";
import { incidentIdOf } from "../incident/page.ts";
import { pageTrigger, type Trigger } from "../incident/trigger.ts";
import { viewOf } from "../incident/view.ts";
import { plainText } from "../integrations/slack/mrkdwn.ts";
import { lookOnce } from "../investigation/look.ts";
import { triageWindows } from "../investigation/triage.ts";
import { createMidwatch, type Midwatch } from "../midwatch.ts";
import { pagerduty as vendor } from "../integrations/pagerduty/vendor.ts";
import { loadVendorFiles } from "../node/vendor-files.ts";
import { loadCatalog, loadRedaction, networkOf, readEnvironment, reportSkills } from "../node/environment.ts";
import { openSkillFolders } from "../node/skills.ts";
import { CommandError } from "./command-error.ts";

/** Longest look, ms; a person waits at the terminal, so it may be longer than at a page. */
const DEADLINE_MS = 30_000;

/** A service of the catalog is what the person at the terminal asks about; all else is PagerDuty's id of an incident. */
async function triggerOf(asked: string, { clients }: Midwatch, catalog: Catalog, signal: AbortSignal): Promise<Trigger> {
  const service = catalog.find(asked);
  if (service !== null) {
    const { name } = service;
    return { kind: "person", by: "you", title: `How is ${name}?`, details: "", service: { id: name, name }, at: Date.now(), page: null };
  }
  const pagerduty = clients.of(vendor);
  if (pagerduty === null)
    throw new CommandError(
      `The catalog has no service ${asked}, and PAGERDUTY_API_TOKEN is missing (read-only REST API key): without it no PagerDuty incident can be read.`,
      1,
    );
  return pageTrigger((await pagerduty.readPage(asked, signal)).value);
}

/** `investigate`: looks at a service or a PagerDuty incident and prints what Slack would show. Posts nothing to Slack and opens no PR. */
export async function investigate(asked: string): Promise<number> {
  const config = parseConfig(readEnvironment());
  const files = loadVendorFiles(config);
  const catalog = loadCatalog(config);
  const midwatch = createMidwatch({
    config,
    redaction: loadRedaction(config),
    catalog,
    files,
    library: openSkillFolders(config.SKILLS_PATH ?? null, reportSkills(console.error)).current,
    fetch: networkOf(config, files).fetch,
    yieldNow: () => Promise.resolve(),
    publicUrl: config.PUBLIC_URL ?? null,
  });
  const stop = new AbortController();
  process.once("SIGINT", () => stop.abort(new CommandError("interrupted", 130)));
  try {
    console.error(`reading ${asked} …`);
    const trigger = await triggerOf(asked, midwatch, catalog, stop.signal);
    const incidentId = incidentIdOf(trigger.by, trigger.page === null ? trigger.kind : "pd");
    const windows = triageWindows(trigger.at, Date.now());
    const { events } = await lookOnce(midwatch.parts, trigger, windows, 1, {
      incidentId,
      deadlineMs: DEADLINE_MS,
      now: Date.now,
      signal: stop.signal,
      onProgress: (answered, of) => console.error(`${answered} of ${of} sources answered`),
    });
    const { page, ...about } = trigger;
    const started: IncidentEvent = page === null ? { type: "trigger-received", trigger: about } : { type: "page-received", page };
    const view = viewOf([started, ...events].map((event, index): LoggedEvent => ({ seq: index + 1, at: Date.now(), event })));
    const { messages } = midwatch.parts;
    for (const message of [messages.status(view), messages.finding(view, incidentId)]) console.log(`${plainText(message.text)}\n`);
    return 0;
  } catch (error) {
    if (error instanceof IntegrationError) throw new CommandError(error.message, 1);
    throw error;
  }
}
