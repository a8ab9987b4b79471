import { fileURLToPath } from "node:url";

import { handedOver, stagedIncidents } from "./blind/talk.ts";
import { untilFinished, startBot, webhookOf } from "../support/bot.ts";
import { startScriptedModel } from "../../src/replay/anthropic/server.ts";
import { scriptedInvestigator } from "../../src/replay/anthropic/scripted-investigator.ts";
import { startReplay } from "../../src/replay/server.ts";
import { incidentIdOf } from "../../src/incident/page.ts";
import { viewOf } from "../../src/incident/view.ts";
import { plainText } from "../../src/integrations/slack/mrkdwn.ts";
import { catchUp } from "../../src/report/for-people.ts";
import { createMessages } from "../../src/slack/messages.ts";
import { incidentPage } from "../../src/web/incident-page.ts";
import { asText } from "./blind/page-text.ts";

/**
 * What a person sees who joins an incident at minute 20: the first message, `/midwatch catchup` and the incident's page, of three incidents in which
 * people have talked, acted and decided meanwhile. Give each text to somebody who knows nothing of it, with the five questions; the answers that the stage
 * holds for right are printed last, behind a line, and not for them.
 *
 * npm run bench -- blind [NAME]     one of the staged incidents; default: all
 */

const MINUTE_MS = 60_000;
const JOINS_AT = 20 * MINUTE_MS;
const QUESTIONS = [
  "What is broken, and what is the cause as far as it is known?",
  "Since when?",
  "How many or which customers does it hurt?",
  "Who leads, and who works on what?",
  "What was tried, and what comes next?",
];

const [wanted] = process.argv.slice(2);

for (const stage of stagedIncidents.filter(({ name }) => wanted === undefined || name === wanted)) {
  await using model = stage.withModel ? await startScriptedModel({ script: scriptedInvestigator }) : null;
  await using replay = await startReplay({ folder: fileURLToPath(new URL(`../scenarios/${stage.folder}`, import.meta.url)) });
  const ofModel =
    model === null ? {} : { ANTHROPIC_BASE_URL: model.url, ANTHROPIC_API_KEY: model.apiKey, MIDWATCH_MODEL: "claude-haiku-5-5" };
  await using bot = await startBot({ ...replay.settings, ...ofModel });
  await replay.page(webhookOf(bot.url));
  const id = incidentIdOf(replay.pagerduty.incidentIds[0] ?? "", "pd");
  const log = handedOver(await untilFinished(bot, id, 180_000), stage.talk);
  const pagedAt = viewOf(log).page?.createdAt ?? log[0]?.at ?? 0;
  const now = pagedAt + JOINS_AT;
  const messages = createMessages({
    timelineUrl: (incident) => `https://midwatch.example/incidents/${incident}`,
    withoutModel: stage.withModel ? null : "ANTHROPIC_API_KEY is not set",
  });
  console.log(
    [
      `${"=".repeat(20)} ${stage.name}`,
      "",
      ...QUESTIONS.map((question, index) => `${index + 1}. ${question}`),
      "",
      "--- the first message of the incident, in Slack",
      plainText(messages.status(viewOf(log)).text),
      "",
      "--- /midwatch catchup, seen by you alone",
      ...catchUp(log, now),
      "",
      "--- the incident's page",
      asText(String(incidentPage({ id, log, evidence: [], now, withoutModel: null }))),
      "",
      `${"-".repeat(20)} not for the reader: what the stage holds for right`,
      ...stage.right,
      "",
    ].join("\n"),
  );
}
