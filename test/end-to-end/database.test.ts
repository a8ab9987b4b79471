import { expect, test } from "vitest";
import { startReplay } from "../../src/replay/server.ts";
import { recordingFolder } from "../support/recording-folder.ts";
import { depotRecording } from "../replay/sql-recording.ts";
import { eventsOf, shown, startBot, untilFinished, webhookOf } from "../support/bot.ts";

async function investigated(files = depotRecording()) {
  await using folder = await recordingFolder(files);
  await using replay = await startReplay({ folder: folder.path });
  await using bot = await startBot(replay.settings);
  await replay.page(webhookOf(bot.url));
  const log = await untilFinished(bot, `pd-${replay.pagerduty.incidentIds[0]}`);
  const [triage] = eventsOf(log, "triage-finished");
  return {
    triage,
    said: shown(replay)
      .map(({ text }) => text)
      .join("\n"),
  };
}

test("a page of a slow service ends at the statement of the database it calls, with the table and column that have no index", async () => {
  const { triage, said } = await investigated();
  expect(triage?.coverage.find(({ source }) => source === "PostgreSQL")).toMatchObject({ status: "read" });
  const [suspect] = triage?.analysis.suspects ?? [];
  expect(suspect).toMatchObject({ service: "depot-db" });
  expect(suspect?.reasons[0]?.text).toMatch(
    /^`SELECT \* FROM parcels WHERE depot_code = \$1.*95\.2 % of the statement time.*no index of table parcels begins with the filtered column depot_code.*40 of 40 active sessions run it now/,
  );
  expect(suspect?.reasons[0]?.evidence.length).toBeGreaterThan(0);
  expect(said).toContain("parcels");
  // A value that a session's statement held.
  expect(said).not.toContain("BER-1");
});

test("a database that may not be read costs its own line of the coverage, with what to grant", async () => {
  const { triage } = await investigated(depotRecording({ "access.json": { sql: "forbidden" } }));
  expect(triage?.coverage.find(({ source }) => source === "PostgreSQL")).toMatchObject({
    status: "failed",
    detail: expect.stringContaining("grant pg_monitor"),
  });
});
