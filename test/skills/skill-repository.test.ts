import { expect, test } from "vitest";
import type { Fetch } from "../../src/guard/outgoing.ts";
import { createGithubClient } from "../../src/integrations/github/client.ts";
import { type Replay, startReplay } from "../../src/replay/server.ts";
import { joinLibraries, openSkillRepository } from "../../src/skills/skill-repository.ts";
import { startBot, ORDERS_TIMEOUT } from "../support/bot.ts";
import { changedFile, commitRow, incidentJson, recordingFolder, secondsAt } from "../support/recording-folder.ts";

const skill = (name: string, words: string) => `---\nname: ${name}\ndescription: ${words}\n---\n\n# ${name}\n\n${words}\n`;

const commit = (number: number, files: Parameters<typeof commitRow>[1]) =>
  commitRow(String(number).repeat(40), files, {
    parents: number === 1 ? [] : [String(number - 1).repeat(40)],
    time: secondsAt(`11:0${number}:00`),
  });

const runbook = "---\ntitle: Shop is slow\nmatch:\n  service: [shop]\n---\n1. Look at the cache.\n";

const clientOf = (replay: Replay, ask: Fetch = (input, init) => fetch(input, init)) =>
  createGithubClient({
    baseUrl: replay.settings.GITHUB_API_URL,
    auth: { token: replay.settings.GITHUB_TOKEN },
    repositories: [replay.repository],
    fetch: ask,
  });

test("skills and runbooks of a repository are read at the tip of its branch, and stand in for those of the same name", async () => {
  await using folder = await recordingFolder({
    "incident.json": incidentJson(),
    "repository/commits.json": [
      commit(1, [
        changedFile("skills/cache-trouble/SKILL.md", null, skill("cache-trouble", "How our cache fails.")),
        changedFile("skills/cache-trouble/references/keys.md", null, "# Keys\nOne for each merchant."),
        changedFile("skills/broken/SKILL.md", null, "no front matter"),
        changedFile("runbooks/shop-slow.md", null, runbook),
        changedFile("src/index.ts", null, "export {};"),
      ]),
    ],
  });
  await using replay = await startReplay({ folder: folder.path });
  let calls = 0;
  const github = clientOf(replay, (input, init) => {
    calls += 1;
    return fetch(input, init);
  });
  let now = 0;
  const repository = openSkillRepository(github, replay.repository, () => now);
  const library = await repository.read(AbortSignal.timeout(120_000));
  expect(library.skills.map(({ name, origin, references }) => [name, origin, [...references.keys()]])).toEqual([
    ["cache-trouble", replay.repository, ["references/keys.md"]],
  ]);
  expect(library.runbooks.map(({ name, steps }) => [name, steps])).toEqual([["shop-slow", ["Look at the cache."]]]);
  expect(library.problems.map(({ file }) => file)).toContain("skills/broken/SKILL.md");

  // Nothing new at the tip: two questions, no file again.
  const before = calls;
  expect(await repository.read(AbortSignal.timeout(120_000))).toBe(library);
  expect(calls - before).toBe(2);

  const own = { skills: library.skills.map((one) => ({ ...one, origin: "midwatch", body: "older" })), runbooks: [] };
  expect(joinLibraries(own, library).skills.map(({ origin }) => origin)).toEqual([replay.repository]);
  expect(joinLibraries(own, null)).toBe(own);

  // Asked again in the background, and no more than once a minute; what goes wrong leaves what there was.
  await replay.close();
  now = 120_000;
  expect(repository.current()).toBe(library);
  expect(repository.current()).toBe(library);
});

test("a repository without the branch is an error that names it", async () => {
  await using folder = await recordingFolder({
    "incident.json": incidentJson(),
    "repository/commits.json": [commit(1, [changedFile("a", null, "a")])],
  });
  await using replay = await startReplay({ folder: folder.path });
  const github = clientOf(replay);
  const repository = openSkillRepository(github, `${replay.repository}@nowhere`, () => 0);
  await expect(repository.read(AbortSignal.timeout(120_000))).rejects.toThrow(
    /^github: .* has no branch nowhere\. Check SKILLS_REPOSITORY\.$/,
  );
});

test("a repository with neither skills nor runbooks says so", async () => {
  await using folder = await recordingFolder({
    "incident.json": incidentJson(),
    "repository/commits.json": [commit(1, [changedFile("src/index.ts", null, "export {};")])],
  });
  await using replay = await startReplay({ folder: folder.path });
  const github = clientOf(replay);
  const { problems } = await openSkillRepository(github, replay.repository, () => 0).read(AbortSignal.timeout(120_000));
  expect(problems.map(({ file, message }) => `${file}: ${message}`)).toEqual([
    `${replay.repository}: holds neither skills/ nor runbooks/ at the tip of its branch`,
  ]);
});

test("a bot that starts reads the repository before a page comes", async () => {
  await using replay = await startReplay({ folder: ORDERS_TIMEOUT });
  const read = Promise.withResolvers<string>();
  const listening: Fetch = (input, init) => {
    const url = input instanceof Request ? input.url : String(input);
    if (url.includes("/git/trees/")) read.resolve(url);
    return fetch(input, init);
  };
  await using bot = await startBot({ ...replay.settings, SKILLS_REPOSITORY: replay.repository }, undefined, listening);
  await bot.warm();
  expect(await read.promise).toContain(`/repos/${replay.repository}/`);
});
