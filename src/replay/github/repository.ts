import type { Context } from "hono";
import { isObject, type Json, objectsIn, textIn } from "../json.ts";
import { outsideUrl } from "../outside-url.ts";
import { docs, encodePath } from "./answers.ts";
import type { Backend, BackendAnswer } from "./backend.ts";
import type { Ci } from "./ci/ci-run.ts";
import type { Deployment } from "./deployments.ts";
import { diffText, filesIn, patchText, textFormOf } from "./diff-text.ts";
import { type Outward, outwardLink, outwardValue } from "./outward.ts";
import { PullFates } from "./pull-fates.ts";
import { type RecordedPull, recordedPullJson } from "./recorded-pulls.ts";
import { ShaBook } from "./shas.ts";

/** A commit status, as somebody set it. */
export interface CommitStatus {
  readonly context: string;
  readonly state: string;
  readonly description: string | null;
  readonly link: string | null;
  readonly at: number;
}

/** What a repository begins with, beside git's objects. */
export interface GithubState {
  readonly shas?: ShaBook;
  /** Merged ones, newest first. */
  readonly pulls?: RecordedPull[];
  /** Newest first. */
  readonly deployments?: Deployment[];
  /** Branches that move by merged pull requests alone. */
  readonly protectedBranches?: readonly string[];
  readonly now?: () => number;
}

/**
 * One repository of the emulated GitHub as clients see it: what the emulator holds of it, with recorded shas and outside URLs, and what the
 * emulator has no place for.
 */
export class GithubRepository {
  /** `owner/name`. */
  readonly name: string;
  readonly owner: string;
  /** Where the API has it. */
  readonly path: string;
  readonly shas: ShaBook;
  readonly pulls: RecordedPull[];
  readonly deployments: Deployment[];
  /** By the emulator's sha, oldest first. */
  readonly statuses = new Map<string, CommitStatus[]>();
  readonly protectedBranches: Set<string>;
  readonly fates: PullFates;
  readonly now: () => number;
  /** The emulator counts pull requests from 1; outside they follow the recorded ones. */
  readonly numberOffset: number;
  ci: Ci | null = null;
  readonly #backend: Backend;

  constructor(backend: Backend, name: string, state: GithubState = {}) {
    this.#backend = backend;
    this.name = name;
    this.owner = name.split("/")[0] ?? "";
    this.path = `/repos/${name}`;
    this.shas = state.shas ?? new ShaBook();
    this.pulls = state.pulls ?? [];
    this.deployments = state.deployments ?? [];
    this.protectedBranches = new Set(state.protectedBranches);
    this.now = state.now ?? Date.now;
    this.fates = new PullFates(this.now);
    this.numberOffset = Math.max(0, ...this.pulls.map(({ number }) => number));
  }

  /** Calls the emulator below the repository. */
  call(method: string, path: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<BackendAnswer> {
    return this.#backend.call(method, this.path + path, body, headers);
  }

  /** Body of a GET, or null where it is not there. */
  async get(path: string): Promise<unknown> {
    const answer = await this.call("GET", path);
    return answer.status === 200 ? answer.body : null;
  }

  /** Body of a call that has to succeed. */
  async must(method: string, path: string, body?: unknown): Promise<Json> {
    const answer = await this.call(method, path, body);
    if (answer.status >= 300) throw new Error(`${method} ${this.path}${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return isObject(answer.body) ? answer.body : {};
  }

  /** The emulator's sha of a branch or commit, or null. */
  async resolve(ref: string): Promise<string | null> {
    return textIn(await this.get(`/commits/${encodePath(this.shas.toInside(ref))}`), "sha") || null;
  }

  async head(branch: string): Promise<string | null> {
    const ref = await this.get(`/git/ref/heads/${encodePath(branch)}`);
    return isObject(ref) ? textIn(ref["object"], "sha") : null;
  }

  /** Content of a file, or null where it is not there. */
  async textAt(path: string, sha: string): Promise<string | null> {
    const raw = { accept: "application/vnd.github.raw+json" };
    const { status, body } = await this.call("GET", `/contents/${encodePath(path)}?ref=${sha}`, undefined, raw);
    if (status !== 200) return null;
    return Buffer.isBuffer(body) ? body.toString() : body === null ? "" : null;
  }

  /** A commit is a branch's head now. */
  async pushed(branch: string, sha: string): Promise<void> {
    this.ci?.pushed(branch, sha);
    for (const pull of await this.openOf(branch)) this.fates.touched(Number(pull["number"]));
  }

  /** An answer of the emulator as clients see it. */
  show(c: Context, value: unknown): unknown {
    return outwardValue(value, this.#outward(c));
  }

  showObject(c: Context, value: unknown): Json {
    const shown = this.show(c, value);
    return isObject(shown) ? shown : {};
  }

  #outward(c: Context): Outward {
    return { from: this.#backend.ownUrl, to: outsideUrl(c), shas: this.shas, numberOffset: this.numberOffset };
  }

  reply(c: Context, status: number, body: unknown): Response {
    if (body === null) return c.body(null, status as 204);
    // A type that ends in this charset makes octokit hand out text instead of bytes, as GitHub's own does.
    if (Buffer.isBuffer(body))
      return c.body(new Uint8Array(body), status as 200, { "content-type": "application/vnd.github.raw+json; charset=utf-8" });
    const shown = this.show(c, body);
    // The emulator's error pages point at its own documentation.
    const told = isObject(shown) && status >= 400 ? { ...shown, documentation_url: docs, status: String(status) } : shown;
    return c.json(told, status as 200);
  }

  /** Answers as the emulator does, in GitHub's media types. */
  async passOn(c: Context): Promise<Response> {
    const body: unknown = c.req.method === "GET" || c.req.method === "HEAD" ? undefined : await c.req.json().catch(() => undefined);
    const accept = c.req.header("accept");
    const form = textFormOf(accept);
    const headers = accept === undefined || form !== null ? {} : { accept };
    const answer = await this.#backend.call(c.req.method, this.#inwardPath(new URL(c.req.url)), this.#inwardBody(body), headers);
    if (form !== null && answer.status === 200 && isObject(answer.body)) {
      const shown = this.showObject(c, answer.body);
      if (form === "sha") return c.text(textIn(shown, "sha"));
      const last = objectsIn(shown["commits"]).at(-1) ?? shown;
      return c.text(form === "diff" ? diffText(filesIn(shown)) : patchText(last, filesIn(shown)));
    }
    const link = answer.headers.get("link");
    if (link !== null) c.header("link", outwardLink(link, this.#outward(c)));
    return this.reply(c, answer.status, answer.body);
  }

  #inwardBody(body: unknown): unknown {
    if (!isObject(body)) return body;
    const mapped: Json = { ...body };
    for (const key of ["sha", "head_sha", "base_tree", "object", "ref", "target_commitish", "commit_id"])
      if (typeof mapped[key] === "string") mapped[key] = this.shas.toInside(mapped[key]);
    if (Array.isArray(mapped["parents"]))
      mapped["parents"] = mapped["parents"].map((sha) => (typeof sha === "string" ? this.shas.toInside(sha) : sha));
    return mapped;
  }

  /** Recorded shas and pull request numbers in a path become the emulator's. */
  #inwardPath(url: URL): string {
    const { shas, numberOffset, path } = this;
    for (const key of ["sha", "ref"]) {
      const value = url.searchParams.get(key);
      if (value !== null) url.searchParams.set(key, shas.toInside(value));
    }
    if (!url.pathname.startsWith(`${path}/`)) return url.pathname + url.search;
    const mapped = url.pathname
      .slice(path.length)
      .replace(/^(\/(?:git\/)?(?:commits|trees)\/)([^/]+)/, (_whole, before: string, ref: string) => before + shas.toInside(ref))
      .replace(
        /^(\/compare\/)(.+?)(?:\.\.\.|%2E%2E%2E)(.+)$/i,
        (_whole, before: string, base: string, head: string) => `${before}${shas.toInside(base)}...${shas.toInside(head)}`,
      )
      .replace(/^(\/(?:pulls|issues)\/)(\d+)/, (_whole, before: string, number: string) => before + (Number(number) - numberOffset));
    return path + mapped + url.search;
  }

  /** Call it before a pull request is closed. */
  async keepHead(emulated: Json): Promise<void> {
    const sha = await this.head(textIn(emulated["head"], "ref"));
    if (sha !== null) this.fates.keepHead(Number(emulated["number"]), sha);
  }

  /** The emulator's JSON of a pull request, with head, counts and files as they are now. */
  async current(emulated: Json): Promise<{ pull: Json; comparison: Json }> {
    const pull = this.fates.shown(emulated, this.#backend.ownUrl);
    const head = isObject(pull["head"]) ? pull["head"] : {};
    const lastHead = this.fates.lastHead(Number(pull["number"])) ?? textIn(head, "sha");
    // What is pushed to the branch of a closed one is no part of it.
    const headSha = (pull["state"] === "open" ? await this.head(textIn(head, "ref")) : null) ?? lastHead;
    const compared = await this.get(`/compare/${textIn(pull["base"], "sha")}...${headSha}`);
    const comparison = isObject(compared) ? compared : {};
    const files = filesIn(comparison);
    const sum = (key: string) => files.reduce((total, file) => total + Number(file[key] ?? 0), 0);
    return {
      comparison,
      pull: {
        ...pull,
        active_lock_reason: null,
        head: { ...head, sha: headSha },
        commits: Number(comparison["total_commits"] ?? 0),
        additions: sum("additions"),
        deletions: sum("deletions"),
        changed_files: files.length,
      },
    };
  }

  /** All that clients opened, as the emulator lists them. */
  async openedPulls(): Promise<Json[]> {
    const found: Json[] = [];
    for (let page = 1; ; page++) {
      const list = objectsIn(await this.get(`/pulls?state=all&per_page=100&page=${page}`));
      found.push(...list);
      if (list.length < 100) return found;
    }
  }

  async openOf(branch: string): Promise<Json[]> {
    return (await this.openedPulls()).filter((pull) => pull["state"] === "open" && textIn(pull["head"], "ref") === branch);
  }

  async opened(number: number): Promise<Json | null> {
    const pull = number > this.numberOffset ? await this.get(`/pulls/${number - this.numberOffset}`) : null;
    return isObject(pull) ? pull : null;
  }

  async #recorded(c: Context, recorded: RecordedPull): Promise<{ pull: Json; commit: Json }> {
    const [about, commit] = await Promise.all([this.get(""), this.get(`/commits/${this.shas.toInside(recorded.sha)}`)]);
    const shown = this.showObject(c, commit);
    return { commit: shown, pull: recordedPullJson(recorded, this.showObject(c, about), outsideUrl(c), filesIn(shown)) };
  }

  /** The recorded pull requests as answers show them. */
  async recordedPulls(c: Context, of: (pull: RecordedPull) => boolean = () => true): Promise<Json[]> {
    return Promise.all(this.pulls.filter(of).map(async (one) => (await this.#recorded(c, one)).pull));
  }

  /** Any pull request, with its commits and files as answers show them. */
  async pullWithParts(c: Context, number: number): Promise<{ pull: Json; files: Json[]; commits: Json[] } | null> {
    const known = this.pulls.find((one) => one.number === number);
    if (known !== undefined) {
      const { pull, commit } = await this.#recorded(c, known);
      const { files: _files, stats: _stats, ...withoutFiles } = commit;
      return { pull, files: filesIn(commit), commits: [withoutFiles] };
    }
    const found = await this.opened(number);
    if (found === null) return null;
    const { pull, comparison } = await this.current(found);
    return {
      pull: this.showObject(c, pull),
      files: objectsIn(this.show(c, filesIn(comparison))),
      commits: objectsIn(this.show(c, comparison["commits"])),
    };
  }
}
