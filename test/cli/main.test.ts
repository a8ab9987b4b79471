import { mkdtempSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { command, leastSettings, run, runHere } from "../support/command.ts";

const folder = mkdtempSync(join(tmpdir(), "midwatch-cli-"));
const settings = { ...leastSettings(), DATABASE_PATH: join(folder, "midwatch.db"), PORT: "0" };
/** One line for people, and no frame of a stack. */
const oneLine = /^[^\n]+\n$/;

describe("a start that fails says what to mend, in one line without a stack, and ends with 1", () => {
  test("a port that is taken", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const { port } = server.address() as AddressInfo;
    const { code, stderr } = await run(["serve"], { ...settings, PORT: String(port) });
    server.close();
    expect(code).toBe(1);
    expect(stderr).toBe(`Port ${port} of 127.0.0.1 is taken by another process. Stop that one, or choose another port (PORT).\n`);
  });

  test("an address that is not this machine's", async () => {
    const { code, stderr } = await run(["serve"], { ...settings, HOST: "203.0.113.9", PROXY_LOGIN: "true" });
    expect(code).toBe(1);
    expect(stderr).toMatch(oneLine);
    expect(stderr).toContain("HOST is 203.0.113.9");
  });

  test("an address that others reach, without a sign-in", async () => {
    const { code, stderr } = await runHere(["serve"], { ...settings, HOST: "0.0.0.0" });
    expect(code).toBe(1);
    expect(stderr).toContain("HOST is 0.0.0.0, so other machines could read the pages without a login.");
    expect(stderr).toContain("Nothing was started.");
  });

  test("a file that is no database", async () => {
    const path = join(folder, "text.db");
    writeFileSync(path, "this is some text and no database, long enough to be looked at as a header of one".repeat(10));
    const { code, stderr } = await run(["serve"], { ...settings, DATABASE_PATH: path });
    expect(code).toBe(1);
    expect(stderr).toMatch(oneLine);
    expect(stderr).toContain(path);
  });

  test("a database that another process owns", async () => {
    await using first = command(["serve"], settings);
    await first.said("stderr", /midwatch listens on/);
    const { code, stderr } = await run(["serve"], settings);
    expect(code).toBe(1);
    expect(stderr).toMatch(oneLine);
    expect(stderr).toContain("is in use by process");
  });

  test("a Slack that Socket Mode cannot reach, though the port and the database are open by then", async () => {
    const server = createServer((_request, response) => response.writeHead(403).end()).listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const { port } = server.address() as AddressInfo;
    const { code, stderr } = await run(["serve"], {
      ...settings,
      DATABASE_PATH: join(folder, "socket.db"),
      SLACK_APP_TOKEN: "xapp-a-of-sixteen-and-more",
      SLACK_API_URL: `http://127.0.0.1:${port}/api`,
    });
    server.close();
    expect(code).toBe(1);
    expect(stderr).toMatch(oneLine);
    expect(stderr).toContain("slack answered apps.connections.open with 403");
  });
});

describe("words that are not understood end with 2 and say where to look", () => {
  test.for([
    { words: ["serve", "now"], says: '"now" is not understood' },
    { words: ["demo", "--nope"], says: "Unknown option '--nope'\nSee: npm run midwatch -- demo --help" },
    { words: ["replay"], says: "The folder of a recorded incident is missing." },
    { words: ["replay", "a", "b"], says: 'Only one folder of a recorded incident is understood; "b" is too much.' },
    { words: ["nonsense"], says: 'There is no command "nonsense".' },
    { words: ["eval"], says: "npm run midwatch -- eval incidents DIR..." },
  ])("$words", async ({ words, says }) => {
    const { code, stderr } = await runHere(words);
    expect(code).toBe(2);
    expect(stderr).toContain(says);
  });
});

describe("help is there in every way that people ask for it", () => {
  test.for([
    ["help", "demo"],
    ["demo", "--help"],
    ["demo", "-h"],
  ])("%s %s", async (words) => {
    const { code, stdout } = await runHere(words);
    expect(code).toBe(0);
    expect(stdout).toContain("npm run midwatch -- demo [options]");
    expect(stdout).toContain("--incident DIR");
  });

  test.for([["--help"], ["help"]])("%s alone lists the commands", async (words) => {
    const { code, stdout } = await runHere(words);
    expect(code).toBe(0);
    for (const name of ["serve", "demo", "replay", "investigate", "doctor"]) expect(stdout).toContain(`\n  ${name} `);
  });
});

test("a command's process ends with it, with the exit code that says how it went, and all that it printed", async () => {
  const doctor = await run(["doctor", "--json"], { ...settings, SLACK_API_URL: "http://127.0.0.1:1" });
  expect(doctor.code).toBe(1);
  expect(JSON.parse(doctor.stdout)).toMatchObject({ checks: expect.arrayContaining([expect.objectContaining({ state: "problem" })]) });
  expect(await run(["policy"])).toEqual(await runHere(["policy"]));
  expect(await run(["nonsense"])).toMatchObject({ code: 2, stdout: "" });
});
