import { type Json, textIn } from "../json.ts";
import { people } from "../people.ts";
import { mergedTree } from "./merge.ts";
import type { Act } from "./pull-fates.ts";
import { encodePath } from "./answers.ts";
import type { GithubRepository } from "./repository.ts";

/** What people do in the repository while midwatch is at work. Numbers are those that clients see. */
export interface PeopleOnGithub {
  /** Marks it ready where it is a draft, and merges it with a merge commit. @returns the commit's sha */
  merge(number: number, act?: Act): Promise<string>;
  close(number: number, act?: Act): Promise<void>;
  reopen(number: number, act?: Act): Promise<void>;
  ready(number: number): Promise<void>;
  edit(number: number, change: { readonly title?: string; readonly body?: string }): Promise<void>;
  /** Commits whole files (null removes one) on a branch, which begins at the default branch where it is new. @returns the commit's sha */
  push(branch: string, files: Readonly<Record<string, string | null>>, message: string): Promise<string>;
  deleteBranch(branch: string): Promise<void>;
}

const [person] = people;
const me: Act = { by: person.name };

/** Acts as a person of the team does in the browser, past what a token may. */
export function createPeople(repository: GithubRepository): PeopleOnGithub {
  const { fates, numberOffset, now } = repository;
  const inside = (number: number) => {
    if (number <= numberOffset) throw new Error(`#${number} is a recorded pull request: it is merged already`);
    return number - numberOffset;
  };
  const patch = (number: number, body: Json) => repository.must("PATCH", `/pulls/${inside(number)}`, body);
  const identity = () => ({ name: person.realName, email: person.email, date: `${new Date(now()).toISOString().slice(0, 19)}Z` });
  const commit = async (message: string, tree: string, parents: readonly string[]) =>
    textIn(await repository.must("POST", "/git/commits", { message, tree, parents, author: identity(), committer: identity() }), "sha");
  const move = async (branch: string, sha: string, isNew: boolean) => {
    if (isNew) await repository.must("POST", "/git/refs", { ref: `refs/heads/${branch}`, sha });
    else await repository.must("PATCH", `/git/refs/heads/${encodePath(branch)}`, { sha });
    await repository.pushed(branch, sha);
  };
  const mustHead = async (branch: string) => {
    const sha = await repository.head(branch);
    if (sha === null) throw new Error(`there is no branch ${branch}`);
    return sha;
  };

  return {
    async merge(number, act = me) {
      const pull = await repository.must("GET", `/pulls/${inside(number)}`);
      if (pull["state"] !== "open") throw new Error(`#${number} is not open`);
      await patch(number, { draft: false });
      const branch = textIn(pull["head"], "ref");
      const into = textIn(pull["base"], "ref");
      const [theirs, ours] = await Promise.all([mustHead(branch), mustHead(into)]);
      const tree = await mergedTree(repository, ours, theirs);
      const sha = await commit(`Merge pull request #${number} from ${branch}\n\n${textIn(pull, "title")}`, tree, [ours, theirs]);
      await move(into, sha, false);
      await patch(number, { state: "closed" });
      fates.keepHead(inside(number), theirs);
      fates.merged(inside(number), act, sha);
      return sha;
    },
    async close(number, act = me) {
      await repository.keepHead(await repository.must("GET", `/pulls/${inside(number)}`));
      await patch(number, { state: "closed" });
      fates.closed(inside(number), act);
    },
    async reopen(number, act = me) {
      await patch(number, { state: "open" });
      fates.reopened(inside(number), act);
    },
    async ready(number) {
      await patch(number, { draft: false });
    },
    async edit(number, { title, body }) {
      await patch(number, { ...(title === undefined ? {} : { title }), ...(body === undefined ? {} : { body }) });
    },
    async push(branch, files, message) {
      const known = await repository.head(branch);
      const from = known ?? (await mustHead("main"));
      const base = textIn((await repository.must("GET", `/git/commits/${from}`))["tree"], "sha");
      const tree = Object.entries(files).map(([path, content]) => ({
        path,
        mode: "100644",
        type: "blob",
        ...(content === null ? { sha: null } : { content }),
      }));
      const made = textIn(await repository.must("POST", "/git/trees", { base_tree: base, tree }), "sha");
      const sha = await commit(message, made, [from]);
      await move(branch, sha, known === null);
      return sha;
    },
    async deleteBranch(branch) {
      const sha = await mustHead(branch);
      const open = await repository.openOf(branch);
      await repository.must("DELETE", `/git/refs/heads/${encodePath(branch)}`);
      // GitHub closes what has lost its branch.
      for (const pull of open) {
        const number = Number(pull["number"]);
        await repository.must("PATCH", `/pulls/${number}`, { state: "closed" });
        fates.closed(number, me);
        fates.keepHead(number, sha);
      }
    },
  };
}
