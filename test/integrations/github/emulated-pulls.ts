import { type EmulatedAnswer, type Json, type SeenCall, account, iso, json, paged, parsed, problem } from "./emulated-answer.ts";

/** What people do with pull requests of one repository of the fake, and what of it the emulator does not tell. */
export interface EmulatedPulls {
  /** Records that a merged pull request brought a commit. */
  merged(sha: string, pull: { readonly number: number; readonly title: string }): void;
  merge(number: number, options?: { readonly by?: string; readonly at?: number }): Promise<string>;
  close(number: number, options?: { readonly by?: string; readonly at?: number }): Promise<void>;
  reopen(number: number, options?: { readonly by?: string; readonly at?: number }): Promise<void>;
  /** A pull request of the emulator as GitHub would tell it. */
  shown(pull: Json): Promise<Json>;
  /** Null: not one of these. */
  answer(call: SeenCall, rest: string): Promise<EmulatedAnswer | null>;
}

interface Around {
  /** `owner/name`. */
  readonly name: string;
  readonly url: string;
  readonly api: (method: string, path: string, body?: unknown) => Promise<{ status: number; body: Json }>;
  readonly must: (method: string, path: string, body?: unknown) => Promise<Json>;
  readonly forward: (call: SeenCall) => Promise<EmulatedAnswer>;
  readonly head: (branch: string) => Promise<string | null>;
  readonly refusal: (call: SeenCall, repository: string, permission: string, level?: "read" | "write") => EmulatedAnswer | null;
}

export function emulatePulls({ name, url, api, must, forward, head, refusal }: Around): EmulatedPulls {
  const root = `/repos/${name}`;
  const broughtBy = new Map<string, Json[]>();
  const merges = new Map<number, Json>();
  const events = new Map<number, Json[]>();

  const record = (number: number, event: string, by: string, at: number) => {
    const all = events.get(number) ?? [];
    const id = number * 1000 + all.length;
    const more = { commit_id: null, commit_url: null, created_at: iso(at), performed_via_github_app: null };
    events.set(number, [...all, { id, node_id: `E_${id}`, url: `${url}${root}/issues/events/${id}`, actor: account(by), event, ...more }]);
  };

  const shown: EmulatedPulls["shown"] = async (pull) => {
    // The emulator keeps the head that a pull request was opened with.
    const sha = pull.state === "open" ? ((await head(pull.head.ref)) ?? pull.head.sha) : pull.head.sha;
    return { ...pull, active_lock_reason: null, head: { ...pull.head, sha }, ...merges.get(pull.number) };
  };

  async function shownAnswer(answer: EmulatedAnswer): Promise<EmulatedAnswer> {
    if (answer.status >= 300) return answer;
    const body = parsed(answer);
    const told = Array.isArray(body) ? await Promise.all(body.map(shown)) : await shown(body);
    return { ...answer, body: JSON.stringify(told) };
  }

  /** GitHub's labels are the same whatever their letter case. */
  const labelOf = async (wanted: string): Promise<Json | null> => {
    const all: Json[] = await must("GET", `${root}/labels?per_page=100`);
    return all.find((label) => label.name.toLowerCase() === wanted.toLowerCase()) ?? null;
  };

  async function opened(call: SeenCall): Promise<EmulatedAnswer> {
    const { head: branch } = call.body as { head: string };
    const owner = name.split("/")[0] ?? "";
    const open = await must("GET", `${root}/pulls?state=open&head=${owner}:${encodeURIComponent(branch)}`);
    if (open.length === 0) return shownAnswer(await forward(call));
    const message = `A pull request already exists for ${owner}:${branch}.`;
    return json(422, {
      message: "Validation Failed",
      errors: [{ resource: "PullRequest", code: "custom", message }],
      documentation_url: "https://docs.github.com/rest/pulls/pulls#create-a-pull-request",
    });
  }

  return {
    merged(sha, { number, title }) {
      const pull = {
        number,
        title,
        body: null,
        state: "closed",
        html_url: `${url}/${name}/pull/${number}`,
        draft: false,
        merged_at: iso(0),
        user: { login: "ana" },
        head: { ref: `topic-${number}`, sha },
        base: { ref: "main" },
      };
      broughtBy.set(sha, [...(broughtBy.get(sha) ?? []), pull]);
    },
    async merge(number, { by = "ana", at = Date.now() } = {}) {
      const pull = await shown(await must("GET", `${root}/pulls/${number}`));
      const { tree } = await must("GET", `${root}/git/commits/${pull.head.sha}`);
      const parents = [await head(pull.base.ref), pull.head.sha];
      const commit = await must("POST", `${root}/git/commits`, { message: `Merge pull request #${number}`, tree: tree.sha, parents });
      await must("PATCH", `${root}/git/refs/heads/${pull.base.ref}`, { sha: commit.sha, force: true });
      await must("PATCH", `${root}/pulls/${number}`, { state: "closed" });
      const when = iso(at);
      merges.set(number, {
        ...{ state: "closed", draft: false, merged: true, merged_by: account(by), merge_commit_sha: commit.sha },
        ...{ head: pull.head, merged_at: when, closed_at: when, updated_at: when },
      });
      record(number, "merged", by, at);
      record(number, "closed", by, at);
      return commit.sha as string;
    },
    async close(number, { by = "ana", at = Date.now() } = {}) {
      await must("PATCH", `${root}/pulls/${number}`, { state: "closed" });
      record(number, "closed", by, at);
    },
    async reopen(number, { by = "ana", at = Date.now() } = {}) {
      await must("PATCH", `${root}/pulls/${number}`, { state: "open" });
      record(number, "reopened", by, at);
    },
    shown,
    async answer(call, rest) {
      const [, sha] = /^commits\/([0-9a-f]{40})\/pulls$/.exec(rest) ?? [];
      if (sha !== undefined) return json(200, broughtBy.get(sha) ?? []);
      if (rest === "pulls" && call.method === "POST") return opened(call);
      if (/^pulls(\/\d+)?$/.test(rest)) return shownAnswer(await forward(call));
      const [, number, what] = /^issues\/(\d+)\/(timeline|labels)$/.exec(rest) ?? [];
      if (number !== undefined && what === "timeline")
        return refusal(call, name, "pull_requests") ?? paged(url, call, events.get(Number(number)) ?? []);
      if (number !== undefined && call.method === "POST") {
        // As GitHub does, the emulator makes up labels that are not there; other than GitHub, it asks for "issues: write".
        const refused = refusal(call, name, "pull_requests", "write");
        if (refused !== null) return refused;
        const answer = await api("POST", `${root}/issues/${number}/labels`, call.body);
        return json(answer.status, answer.body);
      }
      const [, label] = /^labels\/([^/]+)$/.exec(rest) ?? [];
      if (label !== undefined && call.method === "GET") {
        const refused = refusal(call, name, "pull_requests");
        if (refused !== null) return refused;
        const found = await labelOf(decodeURIComponent(label));
        return found === null ? problem(404, "Not Found") : json(200, found);
      }
      return null;
    },
  };
}
