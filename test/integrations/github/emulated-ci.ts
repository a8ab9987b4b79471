import { type EmulatedAnswer, type Json, type SeenCall, account, iso, json, paged, parsed, problem } from "./emulated-answer.ts";

/** What a check run says. */
export interface TestCheck {
  readonly name: string;
  /** Default "success". */
  readonly state?: "queued" | "in_progress" | "success" | "failure" | "neutral" | "cancelled" | "skipped" | "timed_out" | "action_required";
  /** Slug of the app that reports it. Default "github-actions", whose runs are jobs. */
  readonly app?: string;
  /** When it ended. */
  readonly at?: number;
  readonly title?: string;
  readonly summary?: string;
  readonly annotations?: readonly { readonly path: string; readonly line: number; readonly message: string }[];
  /** Log of the job, as GitHub stores it. Without one the job has none (yet). */
  readonly log?: string | Uint8Array;
}

/** CI of one repository of the fake, as tests set it and as GitHub tells it. */
export interface EmulatedCi {
  check(sha: string, check: TestCheck): Promise<number>;
  status(
    sha: string,
    context: string,
    state: string,
    more?: { readonly at?: number; readonly description?: string; readonly link?: string },
  ): void;
  /** Null: not one of these. */
  answer(call: SeenCall, rest: string): Promise<EmulatedAnswer | null>;
}

interface Around {
  /** `owner/name`. */
  readonly name: string;
  readonly url: string;
  readonly must: (method: string, path: string, body?: unknown) => Promise<Json>;
  readonly forward: (call: SeenCall) => Promise<EmulatedAnswer>;
  /** Sha of a branch or sha. */
  readonly resolve: (ref: string) => Promise<string>;
  /** GitHub's refusal of a caller without a permission, or null. */
  readonly refusal: (call: SeenCall, repository: string, permission: string) => EmulatedAnswer | null;
  /** Puts a log away and answers the signed address where it lies. */
  readonly signedLog: (path: string) => string | null;
  readonly storeLog: (path: string, log: string | Uint8Array) => void;
}

const appJson = (slug: string): Json => ({
  id: slug.length,
  slug,
  node_id: `A_${slug}`,
  owner: account("github"),
  name: slug,
  description: null,
  external_url: "https://example.com",
  html_url: `https://github.com/apps/${slug}`,
  created_at: iso(0),
  updated_at: iso(0),
  permissions: {},
  events: [],
});

export function emulateCi({ name, url, must, forward, resolve, refusal, signedLog, storeLog }: Around): EmulatedCi {
  const apps = new Map<number, string>();
  const statuses = new Map<string, Json[]>();
  const logPath = (id: number | string) => `/actions-results/${name}/${id}`;

  const runJson = (run: Json): Json => {
    const slug = apps.get(run.id);
    const annotations_url = `${url}/repos/${name}/check-runs/${run.id}/annotations`;
    return { ...run, app: slug === undefined ? null : appJson(slug), output: { ...run.output, annotations_url } };
  };

  async function combinedStatus(call: SeenCall, ref: string): Promise<EmulatedAnswer> {
    const sha = await resolve(ref);
    // GitHub tells the newest of each context.
    const latest = [...new Map((statuses.get(sha) ?? []).map((one) => [one.context, one])).values()];
    const states = latest.map((one) => one.state);
    const repository = await must("GET", `/repos/${name}`);
    const link = `${url}/repos/${name}/commits/${sha}`;
    return paged(url, call, latest, (page) => ({
      state:
        states.includes("failure") || states.includes("error")
          ? "failure"
          : states.length === 0 || states.includes("pending")
            ? "pending"
            : "success",
      sha,
      total_count: latest.length,
      statuses: page,
      repository,
      commit_url: link,
      url: `${link}/status`,
    }));
  }

  return {
    async check(sha, { name: check, state = "success", app = "github-actions", at = 0, title, summary, annotations = [], log }) {
      const ended = state !== "queued" && state !== "in_progress";
      const run = await must("POST", `/repos/${name}/check-runs`, {
        name: check,
        head_sha: sha,
        ...(ended ? { status: "completed", conclusion: state, completed_at: iso(at) } : { status: state }),
        output: {
          title: title ?? null,
          summary: summary ?? null,
          annotations: annotations.map(({ path, line, message }) => ({
            path,
            start_line: line,
            end_line: line,
            annotation_level: "failure",
            message,
          })),
        },
      });
      apps.set(run.id, app);
      if (log !== undefined) storeLog(logPath(run.id), log);
      return run.id as number;
    },
    status(sha, context, state, { at = 0, description, link } = {}) {
      const all = statuses.get(sha) ?? [];
      const one = {
        id: all.length + 1,
        node_id: `S_${all.length + 1}`,
        context,
        state,
        description: description ?? null,
        target_url: link ?? null,
        avatar_url: null,
        url: `${url}/repos/${name}/statuses/${sha}`,
        created_at: iso(at),
        updated_at: iso(at),
      };
      statuses.set(sha, [...all.filter((other) => other.context !== context), one]);
    },
    async answer(call, rest) {
      const [, runsOf] = /^commits\/([^/]+)\/check-runs$/.exec(rest) ?? [];
      if (runsOf !== undefined) {
        const refused = refusal(call, name, "checks");
        if (refused !== null) return refused;
        const all = await forward(call);
        if (all.status !== 200) return all;
        const runs = (parsed(all).check_runs as Json[]).map(runJson);
        return paged(url, call, runs, (page) => ({ total_count: runs.length, check_runs: page }));
      }
      const [, noted] = /^check-runs\/(\d+)\/annotations$/.exec(rest) ?? [];
      if (noted !== undefined) {
        const all = await forward(call);
        // The emulator wraps this list as GitHub wraps others.
        return all.status === 200 ? paged(url, call, parsed(all).check_annotations as Json[]) : all;
      }
      const [, statusOf] = /^commits\/([^/]+)\/status$/.exec(rest) ?? [];
      if (statusOf !== undefined) return refusal(call, name, "statuses") ?? combinedStatus(call, decodeURIComponent(statusOf));
      const [, job] = /^actions\/jobs\/(\d+)\/logs$/.exec(rest) ?? [];
      if (job !== undefined) {
        const refused = refusal(call, name, "actions");
        if (refused !== null) return refused;
        const location = signedLog(logPath(job));
        return location === null ? problem(404, "Not Found") : { status: 302, headers: { location }, body: "" };
      }
      if (rest === "actions/runs") return refusal(call, name, "actions") ?? json(200, { total_count: 0, workflow_runs: [] });
      return null;
    },
  };
}
