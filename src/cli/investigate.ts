import { parseConfig } from "../config.ts";
import { IntegrationError } from "../guard/errors.ts";
import type { IncidentEvent, LoggedEvent } from "../incident/event.ts";
import { incidentIdOf } from "../incident/page.ts";
import { pageTrigger } from "../incident/trigger.ts";
import { viewOf } from "../incident/view.ts";
import { plainText } from "../integrations/slack/mrkdwn.ts";
import { lookOnce } from "../investigation/look.ts";
import { triageWindows } from "../investigation/triage.ts";
import { createMidwatch } from "../midwatch.ts";
import { pagerduty as vendor } from "../integrations/pagerduty/vendor.ts";
import { loadVendorFiles } from "../node/vendor-files.ts";
import { loadCatalog, loadRedaction, networkOf, readEnvironment, reportSkills } from "../node/node.ts";
import { openSkillFolders } from "../node/skills.ts";
import { CommandError } from "./command-error.ts";

/** Longest look, ms; a person waits at the terminal, so it may be longer than at a page. */
const DEADLINE_MS = 30_000;

/** `investigate`: reads one PagerDuty incident and prints what Slack would show. Says nothing to Slack and opens no PR. */
export async function investigate(pagerdutyId: string): Promise<number> {
  const config = parseConfig(readEnvironment());
  const files = loadVendorFiles(config);
  const midwatch = createMidwatch({
    config,
    redaction: loadRedaction(config),
    catalog: loadCatalog(config),
    files,
    library: openSkillFolders(config.SKILLS_PATH ?? null, reportSkills(console.error)).current,
    fetch: networkOf(config, files).fetch,
    yieldNow: () => Promise.resolve(),
    publicUrl: config.PUBLIC_URL ?? null,
  });
  const pagerduty = midwatch.clients.of(vendor);
  if (pagerduty === null)
    throw new CommandError("PAGERDUTY_API_TOKEN is missing (read-only REST API key): without it the incident cannot be read.", 1);
  const stop = new AbortController();
  process.once("SIGINT", () => stop.abort(new CommandError("interrupted", 130)));
  try {
    console.error(`reading ${pagerdutyId} …`);
    const { value: page } = await pagerduty.readPage(pagerdutyId, stop.signal);
    const trigger = pageTrigger(page);
    const windows = triageWindows(trigger.at, Date.now());
    const { events } = await lookOnce(midwatch.parts, trigger, windows, 1, {
      incidentId: incidentIdOf(page.id),
      deadlineMs: DEADLINE_MS,
      now: Date.now,
      signal: stop.signal,
      onProgress: (answered, of) => console.error(`${answered} of ${of} sources answered`),
    });
    const all: IncidentEvent[] = [{ type: "page-received", page }, ...events];
    const view = viewOf(all.map((event, index): LoggedEvent => ({ seq: index + 1, at: Date.now(), event })));
    const { messages } = midwatch.parts;
    for (const message of [messages.status(view), messages.brief(view, pagerdutyId), messages.finding(view, pagerdutyId)])
      console.log(`${plainText(message.text)}\n`);
    return 0;
  } catch (error) {
    if (error instanceof IntegrationError) throw new CommandError(error.message, 1);
    throw error;
  }
}
