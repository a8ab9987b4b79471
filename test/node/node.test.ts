import { spawnSync } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { secretSettings } from "../../src/config.ts";

test("credentials are read once, and then stand in no environment: not the process's, not a thread's, not a child's", () => {
  const folder = mkdtempSync(join(tmpdir(), "midwatch-environment-"));
  const [inFile = "", ...given] = secretSettings;
  writeFileSync(join(folder, ".env"), `${inFile}=canary-of-${inFile}\nCATALOG_PATH=team.yaml\n`);
  const code = `
    import { execFileSync } from "node:child_process";
    import { Worker } from "node:worker_threads";
    const { readEnvironment } = await import(${JSON.stringify(new URL("../../src/node/environment.ts", import.meta.url).href)});
    const read = readEnvironment();
    const child = execFileSync(process.execPath, ["-e", "console.log(JSON.stringify(process.env))"], { encoding: "utf8" });
    const thread = await new Promise((resolve) =>
      new Worker("import { parentPort } from 'node:worker_threads'; parentPort.postMessage({ ...process.env })", { eval: true }).on("message", resolve));
    console.log(JSON.stringify({ read, left: [process.env, JSON.parse(child), thread].map((one) => ({ ...one })) }));`;
  const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", code], {
    cwd: folder,
    encoding: "utf8",
    env: { PATH: process.env["PATH"] ?? "", ...Object.fromEntries(given.map((name) => [name, `canary-of-${name}`])) },
  });
  expect(stderr).toBe("");
  const { read, left } = JSON.parse(stdout) as { read: Record<string, string>; left: Record<string, string>[] };
  for (const name of secretSettings) expect(read[name]).toBe(`canary-of-${name}`);
  expect(left).toHaveLength(3);
  for (const environment of left) {
    expect(environment["CATALOG_PATH"]).toBe("team.yaml");
    expect(JSON.stringify(environment)).not.toContain("canary-of-");
  }
});
