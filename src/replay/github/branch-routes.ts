import type { Context, Hono } from "hono";
import { isObject, type Json, objectsIn, textIn } from "../json.ts";
import { outsideUrl } from "../outside-url.ts";
import type { BackendAnswer } from "./backend.ts";
import { encodePath, pageOf, problem } from "./answers.ts";
import type { GithubRepository } from "./repository.ts";

const heads = "refs/heads/";

/**
 * Branches and refs, with GitHub's refusals in its own words: a ref moves forward only, to a commit that is there, and a protected branch moves
 * by merged pull requests alone.
 */
export function branchRoutes(repo: Hono, repository: GithubRepository): void {
  const { shas, protectedBranches } = repository;

  const commitIsThere = async (sha: string) =>
    /^[0-9a-f]{40}$/.test(sha) && (await repository.call("GET", `/git/commits/${sha}`)).status === 200;
  const after = async (c: Context, answer: BackendAnswer, ref: string): Promise<Response> => {
    const sha = isObject(answer.body) ? textIn(answer.body["object"], "sha") : "";
    if (answer.status < 300 && ref.startsWith(heads)) await repository.pushed(ref.slice(heads.length), sha);
    return repository.reply(c, answer.status, answer.body);
  };

  repo.post("/git/refs", async (c) => {
    const asked: unknown = await c.req.json().catch(() => null);
    const [ref, sha] = [textIn(asked, "ref"), shas.toInside(textIn(asked, "sha"))];
    if (!/^refs\/[^/]+\/./.test(ref)) return problem(c, 422, "Reference name must start with 'refs/' and have at least two slashes.");
    if (!(await commitIsThere(sha))) return problem(c, 422, "Object does not exist");
    return after(c, await repository.call("POST", "/git/refs", { ref, sha }), ref);
  });
  repo.patch("/git/refs/:ref{.+}", async (c) => {
    const asked: unknown = await c.req.json().catch(() => null);
    const ref = `refs/${c.req.param("ref")}`;
    const sha = shas.toInside(textIn(asked, "sha"));
    const force = isObject(asked) && asked["force"] === true;
    const known = await repository.call("GET", `/git/ref/${encodePath(c.req.param("ref"))}`);
    if (known.status !== 200) return problem(c, 422, "Reference does not exist");
    if (!(await commitIsThere(sha))) return problem(c, 422, "Object does not exist");
    if (ref.startsWith(heads) && protectedBranches.has(ref.slice(heads.length)))
      return problem(c, 422, "Changes must be made through a pull request.");
    const answer = await repository.call("PATCH", `/git/refs/${encodePath(c.req.param("ref"))}`, { sha, force });
    if (answer.status === 422 && !force) return problem(c, 422, "Update is not a fast forward");
    return after(c, answer, ref);
  });

  const protection = (requiredChecks: readonly string[]): Json => ({
    enabled: true,
    required_status_checks: {
      enforcement_level: requiredChecks.length === 0 ? "off" : "non_admins",
      contexts: requiredChecks,
      checks: requiredChecks.map((context) => ({ context, app_id: null })),
    },
  });
  const unprotected: Json = { enabled: false, required_status_checks: { enforcement_level: "off", contexts: [], checks: [] } };
  repo.get("/branches", async (c) => {
    const all = objectsIn((await repository.call("GET", "/branches?per_page=100")).body);
    const marked = all.map((branch) => ({ ...branch, protected: protectedBranches.has(textIn(branch, "name")) }));
    const wanted = c.req.query("protected");
    return c.json(
      pageOf(c, objectsIn(repository.show(c, marked))).filter((branch) => wanted === undefined || `${branch["protected"]}` === wanted),
    );
  });
  repo.get("/branches/:branch{.+}", async (c, next) => {
    const branch = c.req.param("branch");
    const known = await repository.call("GET", `/git/ref/heads/${encodePath(branch)}`);
    if (known.status !== 200 || !isObject(known.body))
      return /\/protection(\/|$)/.test(branch) ? next() : problem(c, 404, "Branch not found");
    const commit = (await repository.call("GET", `/commits/${textIn(known.body["object"], "sha")}`)).body;
    const shown = repository.show(c, commit);
    const { files: _files, stats: _stats, ...rest } = isObject(shown) ? shown : {};
    const api = `${outsideUrl(c)}${repository.path}/branches/${encodePath(branch)}`;
    return c.json({
      name: branch,
      commit: rest,
      _links: { self: api, html: `${outsideUrl(c)}/${repository.name}/tree/${encodePath(branch)}` },
      protected: protectedBranches.has(branch),
      protection: protectedBranches.has(branch) ? protection(repository.ci?.names ?? []) : unprotected,
      protection_url: `${api}/protection`,
    });
  });
}
