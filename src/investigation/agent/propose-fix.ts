import { z } from "zod";
import { defineTool } from "../../incident/tool.ts";
import { outsideLine } from "../../report/tool-view.ts";

export const PROPOSE = "propose_fix";
/** Fields named in one refusal. */
const MOST_NAMED = 10;

const text = z.string();

const editSchema = z.object({
  path: text,
  role: z.enum(["test", "fix"]),
  search: text.describe('Lines as github_file shows them, found exactly once in the file; "" makes a new file.'),
  replace: text,
  delete: z.boolean().describe("Removes the file."),
});

/**
 * What the agent hands in with the tool `propose_fix`. As in a finding, every field is there: strict schemas take neither ranges nor lengths. What
 * a patch may touch, how long its texts may be and whether its blocks fit is checked by code, which knows the repository. Every turn carries
 * this, few need it: the request for a patch says what the texts should say (`fix-text.ts`).
 */
export const proposeFixSchema = z.object({
  decline: text.describe("Why no patch can be made, for people; the rest is empty then. null: here is one.").nullable(),
  title: text,
  cause: text,
  change: text,
  not_changed: text,
  risk: text,
  roll_back: text,
  not_checked: text,
  test: z.object({ name: text.describe("As its runner prints it."), command: text }).nullable(),
  no_test_because: text.nullable(),
  evidence: z.array(z.number()),
  edits: z.array(editSchema),
});

/** The tool as the model sees it. What it hands in is judged where the work on the patch is known (`fix-work.ts`). */
export const proposeFixTool = defineTool({
  name: PROPOSE,
  source: "patch",
  description: "Hands in the patch, once you are asked for it. Code applies its blocks, checks them and opens the draft PR.",
  input: proposeFixSchema,
  strict: true,
  handsIn: true,
  run: async () => ({ answers: [], view: () => "", fact: "patch handed in" }),
});

/** What stays of a patch that code did not even look at. @param because follows "a patch of the model: " */
export const patchNotTaken = (because: string) => ({ fact: `a patch of the model: ${because}`, code: "patch-not-taken" }) as const;

const fieldsOf = (schema: z.ZodObject): ReadonlySet<string> => new Set(Object.keys(schema.shape));
const own = fieldsOf(proposeFixSchema);
const ofEdit = fieldsOf(editSchema);
const ofTest = fieldsOf(proposeFixSchema.shape.test.unwrap());

const record = z.record(z.string(), z.unknown());
const list = z.array(z.unknown());

/** Fields of a value that are none of those known, with the place in front. */
const beyond = (value: unknown, known: ReadonlySet<string>, place = ""): string[] =>
  Object.keys(record.safeParse(value).data ?? {})
    .filter((name) => !known.has(name))
    .map((name) => `${place}${name}`);

/**
 * What an input asks for that is not the model's to say (a repository, a branch, a mode of a file, …), in words for it and for people. A schema
 * alone would drop these without a word, and nobody would see that it was tried.
 */
export function askedBeyond(input: unknown): string[] {
  const { edits, test } = record.safeParse(input).data ?? {};
  const names = [
    ...beyond(input, own),
    ...beyond(test, ofTest, "test."),
    ...(list.safeParse(edits).data ?? []).flatMap((edit) => beyond(edit, ofEdit, "edits.")),
  ];
  const told = [...new Set(names)];
  const more = told.length - MOST_NAMED;
  return [
    ...told.slice(0, MOST_NAMED).map((name) => `${PROPOSE} takes no ${outsideLine(name, 60)}: code decides it`),
    ...(more > 0 ? [`${PROPOSE} takes none of ${more} other fields either`] : []),
  ];
}
