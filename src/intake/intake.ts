import type { z } from "zod";
import type { Delivery } from "../store/incident-store.ts";

/** A delivery's body does not have the form that the pager documents. The message says where, for its sender. */
export class WrongShapeError extends Error {
  /** Path inside the body ("event.occurred_at"), or "body". */
  readonly where: string;
  constructor(where: string, problem: string) {
    super(`${where}: ${problem}`);
    this.name = "WrongShapeError";
    this.where = where;
  }
}

/** @throws WrongShapeError naming the first problem */
export function orWrongShape<T>(where: string, parsed: z.ZodSafeParseResult<T>): T {
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const path = [where, ...(issue?.path ?? []).map(String)].filter((part) => part !== "").join(".");
  throw new WrongShapeError(path === "" ? "body" : path, (issue?.message ?? "is not as documented").replace(/^Invalid input: /, ""));
}

/** @throws WrongShapeError */
export function parseJson(rawBody: string): unknown {
  try {
    return JSON.parse(rawBody);
  } catch {
    throw new WrongShapeError("body", "is not JSON");
  }
}

/** How a pager's deliveries come in. One file each; `intakes` in index.ts lists them. */
export interface Intake<S extends z.ZodRawShape = z.ZodRawShape> {
  /** Id of the pager, lower case: `Page.pager`. */
  readonly name: string;
  /** The pager as people call it: also `Page.pagerTitle`. */
  readonly title: string;
  /** Where in the pager a webhook is added: "Integrations → Generic Webhooks (v3)". The empty list of incidents says it. */
  readonly menu: string;
  /** Where it delivers: "/webhooks/<name>". */
  readonly path: string;
  /** Its part of the settings. Each may be missing: `verify` then refuses whatever comes. */
  readonly settings: S;
  /** Settings of which no value may ever be shown. */
  readonly secrets: readonly (keyof S & string)[];
  /** Checks who sent it, in constant time (`guard/hmac.ts`): null, or what is wrong, in words for the sender. */
  verify(rawBody: string, headers: Headers, settings: z.output<z.ZodObject<S>>): string | null;
  /** Whether the headers hold a signature at all: a body without one is not even read. Missing: read all. */
  isSigned?(headers: Headers): boolean;
  /**
   * Reads a verified delivery; null: midwatch itself wrote what it reports.
   * Ids of deliveries and events must differ from those of other pagers. `incidentIdOf` makes the incident's id, with a prefix of the pager's own.
   * @throws WrongShapeError
   */
  parse(rawBody: string, headers: Headers): Delivery | null;
}
