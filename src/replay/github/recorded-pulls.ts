import type { Json } from "../json.ts";
import type { PlannedCommit } from "./history.ts";

/** A pull request of the recording: merged, and one commit of the default branch. */
export interface RecordedPull {
  readonly number: number;
  readonly title: string;
  readonly body: string;
  /** Epoch milliseconds, served time. */
  readonly mergedAt: number;
  readonly committedAt: number;
  readonly sha: string;
  /** The commit before it, or its own where it is the first. */
  readonly baseSha: string;
  readonly author: string;
}

/**
 * The merged pull requests of a planned history.
 * @param toServed from recorded time
 * @param endsAt recorded time after which nothing has happened yet
 */
export function recordedPulls(plan: readonly PlannedCommit[], toServed: (at: number) => number, endsAt: number): RecordedPull[] {
  return plan.flatMap((commit, index): RecordedPull[] => {
    const { pr, sha } = commit;
    if (pr === null || sha === null || (pr.mergedAt ?? 0) > endsAt) return [];
    return [
      {
        number: pr.number,
        title: pr.title,
        body: pr.body,
        mergedAt: pr.mergedAt === null ? commit.at : toServed(pr.mergedAt),
        committedAt: commit.at,
        sha,
        baseSha: plan[index - 1]?.sha ?? sha,
        author: commit.author.name,
      },
    ];
  });
}

export const timeText = (at: number): string => `${new Date(at).toISOString().slice(0, 19)}Z`;

/** A GitHub account as answers show it. Accounts of a recording have no id; one is made of the login. */
export function accountJson(login: string, base: string, type: "User" | "Organization" | "Bot" = "User"): Json {
  const url = `${base}/users/${login}`;
  const id = [...login].reduce((hash, character) => (hash * 31 + (character.codePointAt(0) ?? 0)) % 1_000_000_007, 7);
  return {
    login,
    id,
    node_id: `U_${id}`,
    avatar_url: `${base}/avatars/u/${login}`,
    gravatar_id: "",
    url,
    html_url: `${base}/${login}`,
    followers_url: `${url}/followers`,
    following_url: `${url}/following{/other_user}`,
    gists_url: `${url}/gists{/gist_id}`,
    starred_url: `${url}/starred{/owner}{/repo}`,
    subscriptions_url: `${url}/subscriptions`,
    organizations_url: `${url}/orgs`,
    repos_url: `${url}/repos`,
    events_url: `${url}/events{/privacy}`,
    received_events_url: `${url}/received_events`,
    type,
    site_admin: false,
  };
}

/** A recording has names; a login has no blanks. */
export const loginOf = (name: string): string =>
  name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-|-$/g, "") || "unknown";

/**
 * As `GET /pulls/{number}` answers it; lists show a part of it.
 * @param repository the repository's own JSON
 */
export function recordedPullJson(pull: RecordedPull, repository: Json, base: string, files: readonly Json[]): Json {
  const fullName = String(repository["full_name"]);
  const owner = repository["owner"];
  const ownerLogin = fullName.split("/")[0] ?? "";
  const api = `${base}/repos/${fullName}`;
  const web = `${base}/${fullName}/pull/${pull.number}`;
  const url = `${api}/pulls/${pull.number}`;
  const author = accountJson(loginOf(pull.author), base);
  const head = `pull-${pull.number}`;
  const sum = (key: string) => files.reduce((total, file) => total + Number(file[key] ?? 0), 0);
  return {
    url,
    id: 1_000_000 + pull.number,
    node_id: `PR_${pull.number}`,
    html_url: web,
    diff_url: `${web}.diff`,
    patch_url: `${web}.patch`,
    issue_url: `${api}/issues/${pull.number}`,
    number: pull.number,
    state: "closed",
    locked: false,
    title: pull.title,
    user: author,
    body: pull.body,
    created_at: timeText(Math.min(pull.committedAt, pull.mergedAt)),
    updated_at: timeText(pull.mergedAt),
    closed_at: timeText(pull.mergedAt),
    merged_at: timeText(pull.mergedAt),
    merge_commit_sha: pull.sha,
    assignee: null,
    assignees: [],
    requested_reviewers: [],
    requested_teams: [],
    labels: [],
    milestone: null,
    draft: false,
    commits_url: `${url}/commits`,
    review_comments_url: `${url}/comments`,
    review_comment_url: `${api}/pulls/comments{/number}`,
    comments_url: `${api}/issues/${pull.number}/comments`,
    statuses_url: `${api}/statuses/${pull.sha}`,
    head: { label: `${ownerLogin}:${head}`, ref: head, sha: pull.sha, user: owner, repo: repository },
    base: { label: `${ownerLogin}:main`, ref: "main", sha: pull.baseSha, user: owner, repo: repository },
    _links: {
      self: { href: url },
      html: { href: web },
      issue: { href: `${api}/issues/${pull.number}` },
      comments: { href: `${api}/issues/${pull.number}/comments` },
      review_comments: { href: `${url}/comments` },
      review_comment: { href: `${api}/pulls/comments{/number}` },
      commits: { href: `${url}/commits` },
      statuses: { href: `${api}/statuses/${pull.sha}` },
    },
    author_association: "MEMBER",
    auto_merge: null,
    active_lock_reason: null,
    merged: true,
    mergeable: null,
    rebaseable: null,
    mergeable_state: "unknown",
    merged_by: author,
    comments: 0,
    review_comments: 0,
    maintainer_can_modify: false,
    commits: 1,
    additions: sum("additions"),
    deletions: sum("deletions"),
    changed_files: files.length,
  };
}

/** A pull request's JSON as `GET /issues/{number}` answers it. */
export function issueJson(pull: Json, closedBy: Json | null): Json {
  const api = String(pull["issue_url"]);
  const [repositoryUrl = ""] = api.split("/issues/");
  const same = [
    "node_id",
    "number",
    "title",
    "user",
    "labels",
    "state",
    "locked",
    "assignee",
    "assignees",
    "milestone",
    "comments",
    "created_at",
  ];
  const more = ["updated_at", "closed_at", "author_association", "active_lock_reason", "body", "id", "draft", "html_url"];
  return {
    ...Object.fromEntries([...same, ...more].map((key) => [key, pull[key] ?? null])),
    url: api,
    repository_url: repositoryUrl,
    labels_url: `${api}/labels{/name}`,
    comments_url: `${api}/comments`,
    events_url: `${api}/events`,
    timeline_url: `${api}/timeline`,
    closed_by: closedBy,
    state_reason: null,
    pull_request: {
      url: pull["url"],
      html_url: pull["html_url"],
      diff_url: pull["diff_url"],
      patch_url: pull["patch_url"],
      merged_at: pull["merged_at"] ?? null,
    },
  };
}
