import { z } from "zod";
import { IntegrationError } from "../../../guard/errors.ts";
import type { Answer, Unnumbered } from "../../../incident/answer.ts";
import { codeOf, type Question } from "../../../incident/source.ts";
import type { ChangeEvent, TimeWindow } from "../../../incident/telemetry.ts";
import { defineTool, type Tool } from "../../../incident/tool.ts";
import { composeView, outsideLine, utc, type ViewItem, quotedLine } from "../../../report/tool-view.ts";
import { shortSha } from "../../../report/words.ts";
import type { GithubClient } from "../client.ts";
import type { ServiceInRepository } from "../production-changes.ts";
import { servicesByRepository } from "../services.ts";
import { byWorth, countsOf, fileLine, filesWord } from "./file-words.ts";
import { aroundInput } from "../../../report/compared-windows.ts";
import { checkedWindow, repositoriesOf, repositoryInput, repositoryOf } from "./input.ts";

type Change = Unnumbered<ChangeEvent>;

/** Repositories asked at once; each costs some ten calls. */
const MOST_REPOSITORIES = 6;
/** Merged commits of which files and pull request are read, two calls each. */
const MOST_MERGED_READ = 8;
const FILES_NAMED = 6;

/** Services of a repository as the client wants them; only the asked one where one is asked for. */
function servicesIn(question: Question, repository: string, only: string | undefined): ServiceInRepository[] {
  return (servicesByRepository(question).get(repository) ?? []).filter(({ name }) => only === undefined || name === only);
}

function serviceOf(question: Question, asked: string | undefined): Question["services"][number] | undefined {
  if (asked === undefined) return undefined;
  const found = question.services.find(({ name }) => name.toLowerCase() === asked.trim().toLowerCase());
  if (found === undefined)
    throw new IntegrationError(
      "github",
      `${JSON.stringify(outsideLine(asked, 80))} is not a service of the catalog that this incident knows.`,
    );
  if (codeOf(found) === null) throw new IntegrationError("github", `The catalog has no repository of ${found.name}.`);
  return found;
}

/** Squashed and merged commits carry their pull request's number in GitHub's own words. */
const numberInTitle = (title: string): number | null => {
  const [, squashed, merged] = /\(#(\d{1,9})\)$|^Merge pull request #(\d{1,9}) /.exec(title) ?? [];
  return squashed === undefined && merged === undefined ? null : Number(squashed ?? merged);
};

interface Read {
  readonly repository: string;
  readonly answer: Answer<readonly Change[]>;
  readonly merged: Answer<readonly Change[]> | null;
}

/** How github_diff is asked for a change: a deploy may bring many commits. */
const diffInput = (sha: string | null, previousSha: string | null) =>
  previousSha === null ? `commit=${shortSha(sha ?? "")}` : `base=${shortSha(previousSha)} head=${shortSha(sha ?? "")}`;

function changeLines(change: Change, several: boolean): string[] {
  const { at, kind, service, sha, previousSha, pullRequest, title, author, files, repository, version } = change;
  const number = pullRequest?.number ?? numberInTitle(title);
  const words = [
    utc(at),
    kind === "other" ? "failed deploy" : kind === "commit" ? "merge" : kind,
    service ?? "(service unknown)",
    sha === null ? "" : shortSha(sha),
    previousSha === null ? "" : `(before: ${shortSha(previousSha)})`,
    version === null ? "" : `version ${outsideLine(version, 40)}`,
    number === null ? "" : `PR #${number}`,
    `${quotedLine(pullRequest?.title ?? title, 140)}`,
    author === null ? "" : `by ${outsideLine(author, 60)}`,
    files === null ? "files not read" : `${filesWord(files.length)} ${countsOf(files)}`,
    several && repository !== null ? `in ${repository}` : "",
  ].filter((word) => word !== "");
  // The title says more than the pull request's if it names a rollback, further commits or a rollout that is not over.
  const told = pullRequest !== null && kind !== "commit" && title !== pullRequest.title ? [`    ${outsideLine(title, 200)}`] : [];
  const named = byWorth(files ?? []).slice(0, FILES_NAMED);
  const more = (files ?? []).length - named.length;
  return [
    `- ${words.join(" · ")}`,
    ...told,
    ...named.map((file) => `    ${fileLine(file)}`),
    ...(more > 0 ? [`    and ${filesWord(more)} more (github_diff with ${diffInput(sha, previousSha)})`] : []),
  ];
}

/** What merged commits hold, so that they are shown as deploys are. Those that cannot be read stay as they are. */
async function readMerged(
  github: GithubClient,
  repository: string,
  changes: readonly Change[],
  signal: AbortSignal,
): Promise<Answer<readonly Change[]> | null> {
  const commits = changes.filter(({ kind }) => kind === "commit").slice(0, MOST_MERGED_READ);
  const raws: string[] = [];
  let refused: string | null = null;
  const read = await Promise.all(
    commits.map(async (change): Promise<Change> => {
      try {
        const sha = change.sha ?? "";
        const [commit, pulls] = await Promise.all([
          github.getCommit({ repository, sha }, signal),
          numberInTitle(change.title) === null ? github.pullRequestsOfCommit({ repository, sha }, signal) : null,
        ]);
        raws.push(commit.raw, ...(pulls === null ? [] : [pulls.raw]));
        const pull = pulls?.value.find(({ merged }) => merged);
        return {
          ...change,
          files: commit.value.files,
          ...(pull === undefined ? {} : { pullRequest: { number: pull.number, title: pull.title, url: pull.url } }),
        };
      } catch (error) {
        if (!(error instanceof IntegrationError)) throw error;
        refused ??= `not all merged commits were read: ${error.message}`;
        return change;
      }
    }),
  );
  if (commits.length === 0) return null;
  const link = commits[0]?.link ?? null;
  return {
    source: "GitHub",
    query: `merged commits of ${repository}`,
    window: null,
    link,
    value: read,
    raw: raws.join("\n"),
    cut: refused,
  };
}

/** `github_changes`: what reached production and what was only merged. */
export function changesTool(github: GithubClient): Tool {
  return defineTool({
    name: "github_changes",
    description:
      "What changed in code in a window: what reached production (time, service, commit, the one before, pull request, author, files), and apart from it what was merged but is not deployed. Ask it first when you look for a change.",
    source: "GitHub",
    input: z.object({
      repository: repositoryInput.describe("owner/name. Default: all of the incident's services (the first six)."),
      service: z
        .string()
        .max(120)
        .optional()
        .describe("Only this service, as the catalog names it. Default: all services of the repository."),
      from: z.string().max(40).optional().describe("Start. Default: some hours before the page."),
      to: z.string().max(40).optional().describe("End. Default: the latest data."),
      around: aroundInput,
    }),
    async run({ repository, service, ...times }, context) {
      const { question, signal } = context;
      const only = serviceOf(question, service);
      const named = only === undefined ? repository : codeOf(only)?.repository;
      const asked = named === undefined ? repositoriesOf(question) : [repositoryOf(question, named)];
      if (asked.length === 0) repositoryOf(question, undefined);
      const window = checkedWindow(times, { from: question.changesFrom, to: question.window.to }, context);
      const repositories = asked.slice(0, MOST_REPOSITORIES);
      const settled = await Promise.allSettled(
        repositories.map(async (name): Promise<Read> => {
          const services = servicesIn(question, name, only?.name);
          const answer = await github.productionChanges({ repository: name, services, environment: question.environment, window }, signal);
          return { repository: name, answer, merged: await readMerged(github, name, answer.value, signal) };
        }),
      );
      const read = settled.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
      const failures = settled.flatMap((result) => (result.status === "rejected" ? [result.reason as unknown] : []));
      const strange = failures.find((error) => !(error instanceof IntegrationError));
      if (strange !== undefined) throw strange;
      if (read.length === 0) throw failures[0];
      const notes = [
        ...failures.map((error) => (error instanceof Error ? error.message : "")),
        ...(asked.length > MOST_REPOSITORIES
          ? [
              `${asked.length - MOST_REPOSITORIES} repositories were not asked: ${asked.slice(MOST_REPOSITORIES).join(", ")}; name one as repository`,
            ]
          : []),
        ...read.flatMap(({ answer, merged }) => [answer.cut ?? [], merged?.cut ?? []].flat()),
      ];
      return changesResult(read, window, notes, only?.name);
    },
  });
}

function changesResult(read: readonly Read[], window: TimeWindow, notes: readonly string[], service: string | undefined) {
  const several = read.length > 1;
  const all = read.flatMap(({ answer, merged }) => {
    const richer = new Map((merged?.value ?? []).map((change) => [change.sha, change]));
    return answer.value.map((change) => (change.kind === "commit" ? (richer.get(change.sha) ?? change) : change));
  });
  const changes = (service === undefined ? all : all.filter((change) => change.service === null || change.service === service)).toSorted(
    (a, b) => b.at - a.at,
  );
  const live = changes.filter(({ kind }) => kind === "deploy" || kind === "rollback");
  const failed = changes.filter(({ kind }) => kind === "other");
  const merged = changes.filter(({ kind }) => kind === "commit");
  const of = `${read.map(({ repository }) => repository).join(", ")}${service === undefined ? "" : `, service ${service}`}`;
  const between = `${utc(window.from)} to ${utc(window.to)}`;
  const section = (title: string, list: readonly Change[]): ViewItem[] =>
    list.map((change, index) => ({ lines: [...(index === 0 ? [title] : []), ...changeLines(change, several)] }));
  const count = `${live.length} reached production, ${merged.length} merged and not seen in production${failed.length === 0 ? "" : `, ${failed.length} failed to deploy`}`;
  const fact = `GitHub changes of ${outsideLine(of, 160)}, ${between}: ${count}${
    live[0] === undefined ? "" : `; latest ${live[0].kind} ${live[0].service ?? ""} ${shortSha(live[0].sha ?? "")} at ${utc(live[0].at)}`
  }`;
  return {
    answers: read.flatMap(({ answer, merged: more }) => (more === null ? [answer] : [answer, more])),
    fact,
    view: (evidence: readonly number[]) =>
      composeView(
        {
          facts: [`Changes of ${of}, ${between} (UTC): ${count}.`],
          items: [
            ...section("Reached production, newest first:", live),
            ...section(
              "Merged, not seen in production (not deployed yet, or nothing to deploy); cannot be to blame while that is so:",
              merged,
            ),
            ...section("Deploys that failed, so that they changed nothing for good:", failed),
          ],
          rest: (left) => `${left} older changes are not shown: give a shorter window (from, to), or a service.`,
          notes,
          parts: read.flatMap(({ repository, merged: more }) => [
            `what reached production from ${repository}`,
            ...(more === null ? [] : [`merged in ${repository}`]),
          ]),
        },
        evidence,
      ),
  };
}
