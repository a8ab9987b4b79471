import { z } from "zod";

/** The fields of Slack's answers that midwatch reads, tolerant of all others. Source: docs.slack.dev method reference. */

const text = z
  .string()
  .nullish()
  .transform((value) => value ?? null);
const yes = z
  .boolean()
  .nullish()
  .transform((value) => value === true);

export const authSchema = z.object({
  user_id: z.string(),
  user: text,
  team_id: z.string(),
  team: text,
  url: text,
  bot_id: text,
  enterprise_id: text,
});

export const channelSchema = z.object({
  id: z.string(),
  name: text,
  creator: text,
  is_archived: yes,
  is_private: yes,
  is_member: yes,
  is_shared: yes,
  is_ext_shared: yes,
  is_org_shared: yes,
  is_pending_ext_shared: yes,
  topic: z.object({ value: text }).nullish().catch(null),
  purpose: z.object({ value: text }).nullish().catch(null),
});
export type RestChannel = z.output<typeof channelSchema>;

/** The mark that midwatch leaves on its messages, and finds them by. */
const metadataSchema = z
  .object({ event_type: z.string(), event_payload: z.looseObject({ key: z.unknown() }) })
  .nullish()
  .catch(null);

export const messageSchema = z.object({
  ts: z.string(),
  thread_ts: text,
  user: text,
  bot_id: text,
  subtype: text,
  text,
  metadata: metadataSchema,
  username: text,
  bot_profile: z.object({ name: text }).nullish().catch(null),
  reply_count: z.number().nullish().catch(null),
  // What monitors post is often here and not in `text`.
  attachments: z
    .array(z.object({ title: text, fallback: text, text }))
    .nullish()
    .catch(null),
});
export type RestMessage = z.output<typeof messageSchema>;

export const postedSchema = z.object({ channel: z.string(), ts: z.string() });
export const permalinkSchema = z.object({ permalink: z.string() });
export const userSchema = z.object({
  user: z.object({
    id: z.string(),
    name: text,
    real_name: text,
    profile: z.object({ display_name: text, real_name: text }).nullish(),
    team_id: text,
    deleted: yes,
    is_bot: yes,
    is_app_user: yes,
    is_workflow_bot: yes,
    is_restricted: yes,
    is_ultra_restricted: yes,
    is_stranger: yes,
    is_invited_user: yes,
    enterprise_user: z
      .object({ enterprise_id: text, teams: z.array(z.string()).nullish().catch(null) })
      .nullish()
      .catch(null),
  }),
});
export type RestUser = z.output<typeof userSchema>["user"];
export const bookmarksSchema = z.object({ bookmarks: z.array(z.object({ link: text })) });
export const groupSchema = z.object({ users: z.array(z.string()) });
export const toUploadSchema = z.object({ upload_url: z.string(), file_id: z.string().regex(/^F[A-Z0-9]+$/) });
/** Of messages, which files they show. */
export const sharedFilesSchema = z.object({
  messages: z.array(
    z.object({
      files: z
        .array(z.object({ id: z.string() }))
        .nullish()
        .catch(null),
    }),
  ),
});
export const canvasSchema = z.object({ canvas_id: z.string().regex(/^F[A-Z0-9]+$/) });
export const cursorSchema = z.object({ response_metadata: z.object({ next_cursor: text }).nullish() });

export const refusedSchema = z.object({
  error: z.string().regex(/^[\w.:-]{1,100}$/),
  needed: z.string().nullish().catch(null),
  response_metadata: z
    .object({ messages: z.array(z.string()).nullish().catch(null) })
    .nullish()
    .catch(null),
});
export type Refused = z.output<typeof refusedSchema>;
