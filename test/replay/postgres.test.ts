import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { parseCatalog } from "../../src/catalog.ts";
import { parseConfig } from "../../src/config.ts";
import { createPostgresClient } from "../../src/integrations/postgres/client.ts";
import { startEmbeddedPostgres } from "../../src/replay/postgres/embedded.ts";
import { startReplay } from "../../src/replay/server.ts";
import { incidentJson, recordingFolder } from "../support/recording-folder.ts";
import { depotRecording } from "./sql-recording.ts";
import { eventually } from "../support/eventually.ts";

const now = Date.parse("2026-06-01T08:00:00Z");
const forever = new AbortController().signal;
const clientOf = (settings: object) => createPostgresClient({ databases: parseConfig({ ...settings }).DATABASES });

describe("a recording with sql/", () => {
  test("serves what was recorded before the server's own, as old as it was then, and is gone when the replay ends", async () => {
    await using folder = await recordingFolder(depotRecording());
    const replay = await startReplay({ folder: folder.path, now: () => now });
    const client = clientOf(replay.settings);
    expect(client.databases).toEqual(["depot-db"]);
    expect(parseCatalog(readFileSync(replay.settings.CATALOG_PATH, "utf8")).find("depot-db")?.names["postgres"]?.["database"]).toBe(
      "depot-db",
    );
    const { value } = await client.activity({ database: "depot-db" }, forever);
    expect(value.sessions).toHaveLength(40);
    expect(value.sessions[0]).toMatchObject({
      user_name: "depot_app",
      query: "SELECT * FROM parcels WHERE depot_code = ? AND handed_over IS NULL",
    });
    // What was not recorded is not known: the replay's own limit and replicas are nobody's.
    expect(value).toMatchObject({ maxConnections: null, replicas: null });
    // Begun 2 s before the page: as old as when it was sampled, however late it is read.
    expect(Math.round((value.sessions[0]?.transaction_ms ?? 0) / 100)).toBe(20);
    const statements = await client.statements({ database: "depot-db" }, forever);
    expect(statements.value.statements[0]).toMatchObject({ calls: 900, unindexed: [{ table: "parcels", columns: ["depot_code"] }] });
    expect(statements.value.statements[1]?.unindexed).toEqual([]);
    const tables = await client.tables({ database: "depot-db" }, forever);
    expect(tables.value).toEqual([expect.objectContaining({ table: "parcels", rows: null, bytes: null })]);
    await replay.close();
    await expect(client.activity({ database: "depot-db" }, forever)).rejects.toThrow("nothing listens at the address");
  });

  test("that may not be read is refused in PostgreSQL's own words; a failing one fails; an empty one is empty", async () => {
    const outcome = async (access: string) => {
      await using folder = await recordingFolder(depotRecording({ "access.json": { sql: access } }));
      await using replay = await startReplay({ folder: folder.path, now: () => now });
      const client = clientOf(replay.settings);
      return await client.statements({ database: "depot-db" }, forever).then(
        ({ value }) => value,
        (error: unknown) => (error instanceof Error ? error.message : error),
      );
    };
    expect(await outcome("forbidden")).toMatch(/permission denied for database "depot-db".*grant pg_monitor/);
    expect(await outcome("error:503")).toMatch(/takes no connections now/);
    expect(await outcome("empty")).toEqual({ available: true, statements: [], indexes: [] });
  });

  test("that cannot be loaded names the file and what PostgreSQL says", async () => {
    await using folder = await recordingFolder(depotRecording({ "sql/seed.sql": "create table broken (" }));
    await expect(startReplay({ folder: folder.path, now: () => now })).rejects.toThrow(/seed\.sql: cannot be loaded \(syntax error/);
  });

  test("cannot take more of the machine than a database of its own", async () => {
    await using folder = await recordingFolder(depotRecording({ "sql/seed.sql": "create table t (a text); copy t from program 'id';" }));
    await expect(startReplay({ folder: folder.path, now: () => now })).rejects.toThrow(/cannot be loaded \(permission denied/);
  });
});

test("a recording without sql/ has no database, in its settings or its catalog", async () => {
  await using folder = await recordingFolder({ "incident.json": incidentJson() });
  await using replay = await startReplay({ folder: folder.path, now: () => now });
  expect(replay.settings.DATABASES).toBeUndefined();
  expect(readFileSync(replay.settings.CATALOG_PATH, "utf8")).not.toContain("database");
});

test("a port that another program took meanwhile is given up for another", async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
  const address = other.address();
  const taken = typeof address === "object" && address !== null ? address.port : 0;
  const asked: number[] = [];
  const findPort = async () => {
    if (asked.push(taken) === 1) return taken;
    await new Promise<void>((resolve) => other.close(() => resolve()));
    return taken;
  };
  await using server = await startEmbeddedPostgres({ findPort });
  expect(asked).toHaveLength(2);
  expect(server.port).toBe(taken);
});

test("a process that is killed leaves neither a server nor a folder behind", async () => {
  const module = fileURLToPath(new URL("../../src/replay/postgres/embedded.ts", import.meta.url));
  const code = `const { startEmbeddedPostgres } = await import(${JSON.stringify(module)}); console.log((await startEmbeddedPostgres()).folder); setInterval(() => undefined, 1_000);`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", code], { stdio: ["ignore", "pipe", "inherit"] });
  const own = await new Promise<string>((resolve) => child.stdout.once("data", (line) => resolve(String(line).trim())));
  expect(existsSync(own)).toBe(true);
  child.kill("SIGKILL");
  await eventually(() => expect(existsSync(own)).toBe(false));
});
