import { stepKind } from "../incident/step-id.ts";

/** "model turn", "model turn (round 2)". */
const numbered =
  (words: string, unit: string) =>
  (number = "1"): string =>
    number === "1" ? words : `${words} (${unit} ${number})`;

const words: Readonly<Record<string, (...about: string[]) => string>> = {
  "first-words": () => "first words",
  "start-triage": () => "start triage",
  join: () => "look for an incident to join",
  pin: () => "tell other incidents",
  "tell-lead": () => "tell the incident that it joins",
  split: () => "split",
  joined: () => "list the joined pages",
  "count-flap": () => "count how often the alert resolved by itself",
  flaps: () => "say that the alert flaps",
  "read-on": () => "read on after the brief",
  "read-again": (number) => `re-reading ${number}`,
  "look-for-changes": () => "look for changes",
  belief: () => "say how it is now",
  feedback: () => "show people's feedback on the answer",
  "hear-channel": () => "read the incident's channel",
  "count-impact": numbered("count the impact", "count"),
  "read-people": () => "read what people decided",
  "ask-proposals": () => "show proposals to their authors",
  "make-channel": () => "make the incident's channel",
  "furnish-channel": () => "set the topic, bookmark and people of the incident's channel",
  chart: () => "chart in Slack",
  note: (about) => `note on the page (${about === "over" ? "end" : about})`,
  "revised-brief": () => "revised brief",
  "say-triage-failed": () => "say that triage failed",
  "revised-finding": () => "revised finding",
  "look-for-answer": () => "look for an answer",
  answer: () => "answer",
  "refuse-investigation": () => "leave the model out",
  settle: () => "give back what was not spent",
  "begin-investigation": () => "begin the investigation",
  "close-investigation": () => "close the investigation",
  "model-turn": numbered("model turn", "round"),
  "model-tools": numbered("tools", "round"),
  "begin-patch": numbered("begin the patch", "attempt"),
  "close-patch": () => "close the work on the patch",
  "patch-turn": numbered("model turn of the patch", "attempt"),
  "patch-tools": numbered("tools of the patch", "attempt"),
  fix: () => "fix",
  "better-fix": () => "better fix",
  "offer-over": () => "say that the offer of a fix is over",
  "fix-commit": (number) => `commit ${number} of the fix`,
  "say-patch-begins": () => "say that a patch is being written",
  "tell-fix": () => "update the pull request",
  "look-at-fix": () => "look at the fix",
  "read-checks": (sha) => `checks ${sha}`,
};

/** What people call a step, by its id. */
export const stepWords = (id: string): string => words[stepKind(id)]?.(...id.split(":").slice(1)) ?? id;
