import { z } from "zod";

/* The fields that midwatch uses of Sentry's answers; others pass by. */

const text = z.string().nullish();
/** Counts come as text. */
const figure = z.union([z.number(), z.string()]).nullish();
const release = z.object({ version: text }).nullish();

export const issuesSchema = z.array(
  z.object({
    id: z.union([z.string(), z.number()]).transform(String),
    title: text,
    culprit: text,
    permalink: text,
    level: text,
    firstSeen: text,
    lastSeen: text,
    count: figure,
    userCount: figure,
    project: z.object({ slug: text }).nullish(),
    /** Over the issue's whole life; the fields above may speak of the time asked for. */
    lifetime: z.object({ firstSeen: text, count: figure }).nullish(),
    /** `new`, `ongoing`, `escalating`, `regressed`: resolved once, and back. */
    substatus: text,
    firstRelease: release,
    lastRelease: release,
  }),
);
export type VendorIssue = z.output<typeof issuesSchema>[number];

const frame = z.object({
  filename: text,
  module: text,
  function: text,
  lineNo: z.number().nullish(),
  inApp: z.boolean().nullish(),
});
/** Data of the entry of type `exception`; other entries hold requests, breadcrumbs and the like, which midwatch does not read. */
export const exceptionSchema = z.object({
  values: z.array(z.object({ type: text, value: text, stacktrace: z.object({ frames: z.array(frame).nullish() }).nullish() })).nullish(),
});

export const eventSchema = z.object({
  eventID: text,
  id: text,
  groupID: text,
  title: text,
  culprit: text,
  dateCreated: text,
  dateReceived: text,
  tags: z.array(z.object({ key: text, value: text })).nullish(),
  entries: z.array(z.object({ type: text, data: z.unknown().optional() })).nullish(),
  release,
});
export type VendorEvent = z.output<typeof eventSchema>;

/** For reads of which only the status matters. */
export const anySchema = z.unknown();

/** Whose token it is, of which only its scopes are read. `auth` is null without a token. */
export const credentialsSchema = z.object({ auth: z.object({ scopes: z.array(z.string()) }).nullish() });
