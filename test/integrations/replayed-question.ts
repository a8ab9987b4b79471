import { readFileSync } from "node:fs";
import { parseCatalog } from "../../src/catalog.ts";
import type { Question } from "../../src/incident/source.ts";
import { pageTrigger } from "../../src/incident/trigger.ts";
import { createPagerdutyClient } from "../../src/integrations/pagerduty/client.ts";
import { triageWindows } from "../../src/investigation/triage.ts";
import type { Replay } from "../../src/replay/server.ts";

const HOUR = 3_600_000;

/** The question that a replay's first page asks, as midwatch itself puts it from the replay's catalog. */
export async function replayedQuestion(replay: Replay, now: number): Promise<Question> {
  const catalog = parseCatalog(readFileSync(replay.settings.CATALOG_PATH, "utf8"));
  const pagerduty = createPagerdutyClient({
    baseUrl: replay.settings.PAGERDUTY_API_URL,
    token: replay.settings.PAGERDUTY_API_TOKEN,
    fetch,
    sleep: async () => undefined,
  });
  const { value: page } = await pagerduty.readPage(replay.pagerduty.incidentIds[0] ?? "");
  const windows = triageWindows(page.createdAt, now);
  const service = catalog.find(page.service?.id ?? "")?.name ?? page.service?.name ?? "unknown service";
  return {
    trigger: pageTrigger(page),
    service,
    services: catalog.services
      .toSorted((a, b) => Number(b.name === service) - Number(a.name === service))
      .map(({ name, names }) => ({ name, names })),
    nameOf: (name) => catalog.find(name)?.name ?? name,
    kindOf: () => "other",
    environment: catalog.environment,
    signals: [],
    ...windows,
    changesFrom: windows.window.from - 6 * HOUR,
  };
}
