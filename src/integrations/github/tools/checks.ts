import { z } from "zod";
import { IntegrationError } from "../../../guard/errors.ts";
import type { Answer } from "../../../incident/answer.ts";
import { defineTool, type Tool } from "../../../incident/tool.ts";
import { composeView, outsideLine, outsideLines, utc, quotedLine } from "../../../report/tool-view.ts";
import type { Check } from "../check.ts";
import type { CheckFailure } from "../checks.ts";
import type { GithubClient } from "../client.ts";
import { checkedRef, refInput, repositoryInput, repositoryOf } from "./input.ts";

/** Failed check runs of which the reasons are read, one call each. */
const MOST_FAILURES = 4;
const ANNOTATIONS_SHOWN = 12;
const LINES_OF_MESSAGE = 15;

const order: readonly Check["state"][] = ["failed", "running", "passed", "skipped"];

function failureLines({ annotations }: CheckFailure): string[] {
  const shown = annotations.toSorted((a, b) => Number(b.level === "failure") - Number(a.level === "failure")).slice(0, ANNOTATIONS_SHOWN);
  return [
    ...shown.flatMap(({ path, line, level, title, message }) => {
      const lines = outsideLines(message.slice(0, 4_000).trim());
      return [
        `    ${outsideLine(level, 20)} at ${outsideLine(path, 160)}:${line}${title === null ? "" : ` ${quotedLine(title, 120)}`}`,
        ...lines.slice(0, LINES_OF_MESSAGE),
        ...(lines.length > LINES_OF_MESSAGE ? [`    (${lines.length - LINES_OF_MESSAGE} more lines of this message)`] : []),
      ];
    }),
    ...(annotations.length > shown.length ? [`    and ${annotations.length - shown.length} more annotations`] : []),
  ];
}

/** `github_checks`: CI of a commit. */
export function checksTool(github: GithubClient): Tool {
  return defineTool({
    name: "github_checks",
    description: "CI of a commit or branch: each check with its outcome, and what failed ones noted on lines of files.",
    source: "GitHub",
    input: z.object({
      repository: repositoryInput,
      ref: refInput.describe("Commit sha, branch or tag"),
    }),
    async run({ repository, ref }, { question, signal }) {
      const name = repositoryOf(question, repository);
      const at = checkedRef(ref);
      const answer = await github.listChecks({ repository: name, ref: at }, signal);
      const checks = answer.value.toSorted((a, b) => order.indexOf(a.state) - order.indexOf(b.state));
      const broken = checks.filter(({ state, id }) => state === "failed" && id !== null);
      const notes = answer.cut === null ? [] : [answer.cut];
      const failures = new Map<number, Answer<CheckFailure>>();
      await Promise.all(
        broken.slice(0, MOST_FAILURES).map(async ({ id, name: check }) => {
          try {
            if (id !== null) failures.set(id, await github.checkFailure({ repository: name, id }, signal));
          } catch (error) {
            if (!(error instanceof IntegrationError)) throw error;
            notes.push(`${outsideLine(check, 80)}: ${error.message}`);
          }
        }),
      );
      if (broken.length > MOST_FAILURES) notes.push(`why ${broken.length - MOST_FAILURES} more failed was not read; open their links`);
      const count = (state: Check["state"]) => checks.filter((check) => check.state === state).length;
      const counted = checks.length === 0 ? "no CI reported on it" : order.map((state) => `${count(state)} ${state}`).join(", ");
      const failedNames = checks
        .filter(({ state }) => state === "failed")
        .slice(0, 3)
        .map((check) => outsideLine(check.name, 60));
      const fact = `Checks of ${name} at ${at}: ${counted}${failedNames.length === 0 ? "" : ` (failed: ${failedNames.join(", ")})`}`;
      return {
        answers: [answer, ...broken.flatMap(({ id }) => (id === null ? [] : (failures.get(id) ?? [])))],
        fact,
        view: (evidence) =>
          composeView(
            {
              facts: [`${fact}.`],
              items: checks.map((check) => {
                const failure = check.id === null ? undefined : failures.get(check.id);
                return {
                  lines: [
                    `- ${check.state} ${quotedLine(check.name, 120)} (${check.kind === "status" ? "status" : "check run"}: ${outsideLine(check.conclusion, 40)})${
                      check.finishedAt === null ? "" : ` at ${utc(check.finishedAt)}`
                    }${check.state === "failed" && check.link !== null ? ` ${outsideLine(check.link, 200)}` : ""}`,
                    ...(check.state === "failed" && check.summary !== null ? [`    it says: ${quotedLine(check.summary, 300)}`] : []),
                    ...(failure === undefined ? [] : failureLines(failure.value)),
                  ],
                  cut: (left: number) => `(${left} more lines about this check: open its link)`,
                };
              }),
              rest: (left) =>
                `${left} checks that did not fail before those above are not shown: open ${outsideLine(answer.link ?? "GitHub", 200)}.`,
              notes,
              parts: [
                "all checks",
                ...broken.flatMap(({ id, name: check }) => (id !== null && failures.has(id) ? [`why ${check} failed`] : [])),
              ],
            },
            evidence,
          ),
      };
    },
  });
}
