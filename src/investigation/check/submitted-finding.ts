import { z } from "zod";
import { faultClasses, verdicts } from "../../incident/finding.ts";

/** Longest texts (characters) and lists of a finding. The schema only states them; `checkFinding` cuts what is longer. */
export const LIMITS = {
  sentence: 300,
  /** Of a cause: what a headline shows. */
  shown: 110,
  text: 600,
  quote: 400,
  name: 120,
  claims: 12,
  quotes: 4,
  evidence: 8,
  hops: 8,
  ruledOut: 10,
  steps: 6,
  missing: 6,
} as const;

/** A text that is longer by so much is not worth a turn of the model: it is kept. */
export const ALLOWANCE = 1.2;

// Said once for all fields: how many numbers, how long a text.
const evidence = z.array(z.number());
const name = (what: string) => z.string().describe(what);
const sentence = name;
const text = name;

const quoteSchema = z.object({
  text: z.string().describe("Words copied from one place of the answer, with the words that negate them."),
  evidence: z.number().describe("Number of the one evidence entry that it is copied from."),
});

/**
 * What the agent hands in with the tool `submit_finding`. Every field is there, `null` or an empty list where there is nothing to say:
 * strict tool schemas take neither ranges nor lengths, so those are in the descriptions and checked in code.
 */
export const submittedFindingSchema = z.object({
  verdict: z
    .enum(verdicts)
    .describe(
      `incident: something is wrong and you know what. inconclusive: something is, or may be, and the cause stays open. recovered: it was wrong and is over, the paged service is back in its usual range; the cause is what it was. nothing-wrong: the page was a false alarm. Of all fields: a sentence (cause, what, why, step, impact) has at most ${LIMITS.sentence} characters, a claim's text ${LIMITS.text}, a quote ${LIMITS.quote}, a name ${LIMITS.name}. Evidence is numbers (7 for E7), at most ${LIMITS.evidence} a field, [] where none.`,
    ),
  cause: sentence(
    `The cause in one plain sentence; a headline shows its first ${LIMITS.shown} characters. Where the verdict is not incident: why.`,
  ),
  cause_evidence: evidence,
  service: name("The service where the cause lies, by its catalog name; of a false alarm, the paged one."),
  instance: name("The one pod, host or shard where it shows; null where it shows in all.").nullable(),
  fault: z
    .enum(faultClasses)
    .describe(
      "The kind of fault of that service that fits best. latency: slow, as by a slow statement; overload: more work than it can take; dependency: what it calls; code, config: a defect or a setting of its own.",
    )
    .nullable(),
  change: z
    .object({
      id: name("Commit sha or version that went live."),
      repository: name("owner/name, or null where it is not code.").nullable(),
    })
    .describe("The deployed change that caused it, live before the onset, its diff read by you; null where none is to blame.")
    .nullable(),
  confidence: z.number().describe("0 to 1: of findings that you give 0.8, eight in ten should be right."),
  causal_path: z
    .array(
      z.object({
        service: name("The service of this hop."),
        what: sentence("What happened there, with figures and units."),
        evidence,
      }),
    )
    .describe(`From the cause to the symptom; the last hop is the paged service. At most ${LIMITS.hops}.`),
  claims: z
    .array(
      z.object({
        text: text("One fact, with figures and units as the evidence has them."),
        evidence,
        quotes: z.array(quoteSchema).describe(`Lines that show it; an empty list where figures do. At most ${LIMITS.quotes}.`),
      }),
    )
    .describe(`The facts that the cause rests on, strongest first. At most ${LIMITS.claims}.`),
  ruled_out: z
    .array(
      z.object({
        what: sentence("A few words: a service, a change, traffic, a provider."),
        why: sentence("What in the evidence speaks against it, in at most 140 characters."),
        evidence,
      }),
    )
    .describe(`What else it could have been, likeliest first: four are shown. At most ${LIMITS.ruledOut}.`),
  impact: z
    .object({ text: sentence("Who or what is hit, how much, since when, and whether it still grows."), evidence })
    .describe("null where nothing in the evidence says.")
    .nullable(),
  do_now: z
    .array(
      z.object({
        step: sentence("One step for a person, imperative, in words: a command only as a runbook or skill has it, in backticks."),
        runbook: name("The runbook that has the details, or null.").nullable(),
        evidence,
      }),
    )
    .describe(`What people should do now, in order. At most ${LIMITS.steps}.`),
  do_not: sentence("What people would do and must not, and why: the words after “Do not”; or null.").nullable(),
  fix: z
    .enum(["revert", "patch", "none"])
    .describe(
      "revert: taking the deploy of `change` back helps; code opens the draft. patch: a few lines fix the mechanism that you read in code or configuration, and a revert does not or takes too much. none: neither, or people must decide.",
    ),
  missing: z
    .array(
      z.object({
        what: sentence("What you could not check, and why it matters."),
        who: name("Which team or access it needs, or null.").nullable(),
        evidence,
      }),
    )
    .describe(`What would make you surer, at most ${LIMITS.missing}.`),
});

const { do_now: steps, do_not: warning, missing } = submittedFindingSchema.shape;
const mayCite = { evidence: evidence.optional() };

/** As {@link submittedFindingSchema}; what earlier versions took has no evidence of cause, steps and gaps, and no `do_not`. */
export const anySubmittedFinding = submittedFindingSchema.extend({
  cause_evidence: evidence.optional(),
  do_now: z.array(steps.element.extend(mayCite)),
  do_not: warning.optional(),
  missing: z.array(missing.element.extend(mayCite)),
});

/** As it is handed in. */
export type SubmittedFinding = z.output<typeof anySubmittedFinding>;
/** As it is checked. */
export type WholeFinding = z.output<typeof submittedFindingSchema>;
