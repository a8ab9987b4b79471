import type { LoggedEvent } from "./event.ts";

/** Tools that give the team's own texts and ask nobody. */
const OWN_TEXTS: ReadonlySet<string> = new Set(["read_skill", "read_runbook"]);

/** Texts that operators wrote and midwatch has shown: steps of runbooks that fit, commands, and what the model read of skills and runbooks. */
export const trustedTexts = (log: readonly LoggedEvent[]): readonly string[] =>
  log.flatMap(({ event }) => {
    if (event.type === "triage-finished")
      return [
        ...event.runbooks.flatMap(({ title, steps, doNot }) => [title, ...steps, ...(doNot === undefined ? [] : [doNot])]),
        ...(event.rollbacks ?? []).map(({ command }) => command),
      ];
    // What it says was cleaned of others' words when it was accepted; its steps may dictate.
    if (event.type === "finding-submitted") return event.finding.do_now.map(({ step }) => step);
    if (event.type !== "tools-answered") return [];
    return event.answers
      .filter(({ name, evidence, failed }) => OWN_TEXTS.has(name) && evidence.length === 0 && !failed)
      .map(({ view }) => view);
  });
