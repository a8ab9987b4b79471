import { z } from "zod";

/** The fields we use of GitHub's answers (REST, version 2022-11-28); everything else is let through unread. */

// Git's are 40 or 64 hexadecimal digits. One commit of which the id looks otherwise must not make all others unreadable; letters and digits
// alone keep it from being somebody else's path.
const sha = z.string().regex(/^[0-9A-Za-z]{7,64}$/);
const instant = z.string().transform((text, context) => {
  const at = Date.parse(text);
  if (Number.isNaN(at)) context.addIssue({ code: "custom", message: `${JSON.stringify(text.slice(0, 40))} is not a time` });
  return at;
});
/** Epoch milliseconds; null where nothing is said, or nothing that is a time. */
const instantOrNull = z
  .string()
  .nullish()
  .transform((text) => {
    const at = Date.parse(text ?? "");
    return Number.isNaN(at) ? null : at;
  });
const user = z.object({ login: z.string() }).nullish();

export const repositorySchema = z.object({
  full_name: z.string(),
  default_branch: z.string(),
  private: z.boolean(),
  archived: z.boolean().default(false),
  html_url: z.string(),
  permissions: z.record(z.string(), z.boolean()).optional(),
});

export const commitSchema = z.object({
  sha,
  html_url: z.string(),
  commit: z.object({
    message: z.string(),
    author: z.object({ name: z.string().optional(), date: instant.optional() }).nullable(),
    committer: z.object({ date: instant.optional() }).nullable(),
  }),
  author: user,
  parents: z.array(z.object({ sha })),
});

export const fileSchema = z.object({
  filename: z.string(),
  status: z.enum(["added", "removed", "modified", "renamed", "copied", "changed", "unchanged"]),
  additions: z.number(),
  deletions: z.number(),
  patch: z.string().optional(),
  previous_filename: z.string().optional(),
});

export const commitWithFilesSchema = commitSchema.extend({ files: z.array(fileSchema).default([]) });

export const comparisonSchema = z.object({
  status: z.enum(["ahead", "behind", "diverged", "identical"]),
  html_url: z.string(),
  total_commits: z.number(),
  commits: z.array(commitSchema),
  files: z.array(fileSchema).default([]),
});

export const pullRequestSchema = z.object({
  number: z.number(),
  title: z.string(),
  body: z.string().nullish(),
  state: z.string(),
  html_url: z.string(),
  draft: z.boolean().optional(),
  updated_at: instantOrNull,
  closed_at: instantOrNull,
  merged_at: instantOrNull,
  // Only where one is asked for by its number.
  merged_by: user,
  merge_commit_sha: z.string().nullish(),
  user,
  // A fork that is gone leaves no repository.
  head: z.object({ ref: z.string(), sha: z.string(), repo: z.object({ full_name: z.string() }).nullish() }),
  base: z.object({ ref: z.string() }),
});

/** What happened to an issue or pull request; commits and comments come without an actor. */
export const timelineEventSchema = z.object({ event: z.string().optional(), actor: user });

export const labelSchema = z.object({ name: z.string() });

/** Rules of a branch that are in force, by rulesets of the repository and of its owners. */
export const branchRulesSchema = z.array(
  z.object({
    type: z.string(),
    ruleset_id: z.number().optional(),
    parameters: z.object({ required_approving_review_count: z.number().optional() }).optional(),
  }),
);
export const rulesetSchema = z.object({ name: z.string(), current_user_can_bypass: z.string().optional() });
export const branchSchema = z.object({ name: z.string(), protected: z.boolean().optional() });

export const deploymentSchema = z.object({
  id: z.number(),
  sha,
  ref: z.string(),
  task: z.string().default("deploy"),
  environment: z.string(),
  production_environment: z.boolean().optional(),
  description: z.string().nullish(),
  payload: z.unknown(),
  creator: user,
  created_at: instant,
  /** It moves with each status. */
  updated_at: instant.nullish(),
});

export const deploymentStatusSchema = z.object({ state: z.string(), created_at: instant, description: z.string().nullish() });

const fileContentSchema = z.object({
  type: z.string(),
  path: z.string(),
  sha: z.string(),
  size: z.number(),
  html_url: z.string().nullish(),
  encoding: z.string().optional(),
  content: z.string().optional(),
  target: z.string().optional(),
});
export const contentsSchema = z.union([fileContentSchema, z.array(fileContentSchema)]);

export const codeSearchSchema = z.object({
  total_count: z.number(),
  incomplete_results: z.boolean(),
  items: z.array(
    z.object({
      path: z.string(),
      sha: z.string(),
      html_url: z.string(),
      repository: z.object({ full_name: z.string() }),
      text_matches: z.array(z.object({ fragment: z.string().optional() })).optional(),
    }),
  ),
});

export const checkRunsSchema = z.object({
  total_count: z.number(),
  check_runs: z.array(
    z.object({
      id: z.number(),
      name: z.string(),
      status: z.string(),
      conclusion: z.string().nullable(),
      output: z.object({ title: z.string().nullish(), summary: z.string().nullish() }).nullish(),
      completed_at: instantOrNull,
      html_url: z.string().nullish(),
      app: z.object({ slug: z.string().nullish() }).nullish(),
    }),
  ),
});

export const workflowRunsSchema = z.object({
  total_count: z.number(),
  workflow_runs: z.array(
    z.object({
      id: z.number(),
      name: z.string().nullish(),
      status: z.string().nullable(),
      conclusion: z.string().nullable(),
      updated_at: instantOrNull,
      html_url: z.string(),
    }),
  ),
});

export const jobsSchema = z.object({
  total_count: z.number(),
  jobs: z.array(
    z.object({
      id: z.number(),
      name: z.string(),
      status: z.string(),
      conclusion: z.string().nullable(),
      completed_at: instantOrNull,
      html_url: z.string().nullish(),
      steps: z.array(z.object({ name: z.string(), conclusion: z.string().nullish() })).default([]),
    }),
  ),
});

export const combinedStatusSchema = z.object({
  sha,
  total_count: z.number(),
  statuses: z.array(
    z.object({
      context: z.string(),
      state: z.string(),
      target_url: z.string().nullish(),
      description: z.string().nullish(),
      updated_at: instantOrNull,
    }),
  ),
});

export const annotationSchema = z.object({
  path: z.string(),
  start_line: z.number(),
  annotation_level: z.string().nullish(),
  title: z.string().nullish(),
  message: z.string().nullish(),
});

export const refSchema = z.object({ ref: z.string(), object: z.object({ type: z.string(), sha }) });
export const gitCommitSchema = z.object({
  sha,
  message: z.string(),
  tree: z.object({ sha }),
  parents: z.array(z.object({ sha })),
});
export const treeSchema = z.object({
  sha,
  truncated: z.boolean().default(false),
  tree: z.array(z.object({ path: z.string(), mode: z.string(), type: z.string(), sha, size: z.number().optional() })),
});
export const blobSchema = z.object({ sha, size: z.number().nullable(), encoding: z.string(), content: z.string() });
export const createdSchema = z.object({ sha });

export const appSchema = z.object({ name: z.string(), permissions: z.record(z.string(), z.string()) });
export const installationSchema = z.object({
  id: z.number(),
  permissions: z.record(z.string(), z.string()),
  suspended_at: z.string().nullish(),
});
export const installationTokenSchema = z.object({ token: z.string().min(1), expires_at: instant });
