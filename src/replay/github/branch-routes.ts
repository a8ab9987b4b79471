import type { Context, Hono } from "hono";
import { isObject, type Json, objectsIn, textIn } from "../json.ts";
import { outsideUrl } from "../outside-url.ts";
import type { BackendAnswer } from "./backend.ts";
import { pageOf } from "./paging.ts";

export interface BranchRoutesOptions {
  /** `owner/name`. */
  readonly repository: string;
  readonly call: (method: string, path: string, body?: unknown) => Promise<BackendAnswer>;
  readonly toInside: (ref: string) => string;
  readonly show: (c: Context, value: unknown) => unknown;
  readonly reply: (c: Context, status: number, body: unknown) => Response;
  readonly problem: (c: Context, status: 404 | 422, message: string) => Response;
  /** Names of the checks that the default branch asks for. */
  readonly requiredChecks: readonly string[];
  /** Called with each commit that becomes a branch's head. */
  readonly pushed: (branch: string, sha: string) => Promise<void>;
}

const PROTECTED = "main";
const heads = "refs/heads/";
const encodePath = (path: string) => path.split("/").map(encodeURIComponent).join("/");

/**
 * Branches and refs, with GitHub's refusals in its own words: a ref moves forward only, to a commit that is there, and the default branch is
 * protected: it moves by merged pull requests alone.
 */
export function branchRoutes(repo: Hono, options: BranchRoutesOptions): void {
  const { repository, call, toInside, show, reply, problem, requiredChecks, pushed } = options;

  const commitIsThere = async (sha: string) => /^[0-9a-f]{40}$/.test(sha) && (await call("GET", `/git/commits/${sha}`)).status === 200;
  const after = async (c: Context, answer: BackendAnswer, ref: string): Promise<Response> => {
    const sha = isObject(answer.body) ? textIn(answer.body["object"], "sha") : "";
    if (answer.status < 300 && ref.startsWith(heads)) await pushed(ref.slice(heads.length), sha);
    return reply(c, answer.status, answer.body);
  };

  repo.post("/git/refs", async (c) => {
    const asked: unknown = await c.req.json().catch(() => null);
    const [ref, sha] = [textIn(asked, "ref"), toInside(textIn(asked, "sha"))];
    if (!/^refs\/[^/]+\/./.test(ref)) return problem(c, 422, "Reference name must start with 'refs/' and have at least two slashes.");
    if (!(await commitIsThere(sha))) return problem(c, 422, "Object does not exist");
    return after(c, await call("POST", "/git/refs", { ref, sha }), ref);
  });
  repo.patch("/git/refs/:ref{.+}", async (c) => {
    const asked: unknown = await c.req.json().catch(() => null);
    const ref = `refs/${c.req.param("ref")}`;
    const sha = toInside(textIn(asked, "sha"));
    const force = isObject(asked) && asked["force"] === true;
    const known = await call("GET", `/git/ref/${encodePath(c.req.param("ref"))}`);
    if (known.status !== 200) return problem(c, 422, "Reference does not exist");
    if (!(await commitIsThere(sha))) return problem(c, 422, "Object does not exist");
    if (ref === heads + PROTECTED) return problem(c, 422, "Changes must be made through a pull request.");
    const answer = await call("PATCH", `/git/refs/${encodePath(c.req.param("ref"))}`, { sha, force });
    if (answer.status === 422 && !force) return problem(c, 422, "Update is not a fast forward");
    return after(c, answer, ref);
  });

  const protection = (): Json => ({
    enabled: true,
    required_status_checks: {
      enforcement_level: requiredChecks.length === 0 ? "off" : "non_admins",
      contexts: requiredChecks,
      checks: requiredChecks.map((context) => ({ context, app_id: null })),
    },
  });
  const unprotected: Json = { enabled: false, required_status_checks: { enforcement_level: "off", contexts: [], checks: [] } };
  repo.get("/branches", async (c) => {
    const all = objectsIn((await call("GET", "/branches?per_page=100")).body);
    const marked = all.map((branch) => ({ ...branch, protected: textIn(branch, "name") === PROTECTED }));
    const wanted = c.req.query("protected");
    return c.json(pageOf(c, objectsIn(show(c, marked))).filter((branch) => wanted === undefined || `${branch["protected"]}` === wanted));
  });
  repo.get("/branches/:branch{.+}", async (c, next) => {
    const branch = c.req.param("branch");
    const known = await call("GET", `/git/ref/heads/${encodePath(branch)}`);
    if (known.status !== 200 || !isObject(known.body))
      return /\/protection(\/|$)/.test(branch) ? next() : problem(c, 404, "Branch not found");
    const commit = (await call("GET", `/commits/${textIn(known.body["object"], "sha")}`)).body;
    const shown = show(c, commit);
    const { files: _files, stats: _stats, ...rest } = isObject(shown) ? shown : {};
    const api = `${outsideUrl(c)}/repos/${repository}/branches/${encodePath(branch)}`;
    return c.json({
      name: branch,
      commit: rest,
      _links: { self: api, html: `${outsideUrl(c)}/${repository}/tree/${encodePath(branch)}` },
      protected: branch === PROTECTED,
      protection: branch === PROTECTED ? protection() : unprotected,
      protection_url: `${api}/protection`,
    });
  });
}
