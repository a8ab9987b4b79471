import { type Json, textIn } from "../json.ts";
import { people } from "../people.ts";
import { mergedTree, type RepositoryCalls } from "./merge.ts";
import type { PullFates } from "./pull-fates.ts";

/** What people do in the repository while midwatch is at work. Numbers are those that clients see. */
export interface PeopleOnGithub {
  /** Marks it ready where it is a draft, and merges it with a merge commit. @returns the commit's sha */
  merge(number: number): Promise<string>;
  close(number: number): Promise<void>;
  reopen(number: number): Promise<void>;
  ready(number: number): Promise<void>;
  edit(number: number, change: { readonly title?: string; readonly body?: string }): Promise<void>;
  /** Commits whole files (null removes one) on a branch, which begins at the default branch where it is new. @returns the commit's sha */
  push(branch: string, files: Readonly<Record<string, string | null>>, message: string): Promise<string>;
  deleteBranch(branch: string): Promise<void>;
}

export interface PeopleOptions extends RepositoryCalls {
  readonly fates: PullFates;
  /** Added to the emulator's numbers. */
  readonly numberOffset: number;
  /** The emulator's pull requests with a branch, open ones only. */
  readonly openOf: (branch: string) => Promise<readonly Json[]>;
  readonly head: (branch: string) => Promise<string | null>;
  /** Called with each commit that becomes a branch's head. */
  readonly pushed: (branch: string, sha: string) => Promise<void>;
  readonly now: () => number;
}

const [person] = people;
const encode = (branch: string) => branch.split("/").map(encodeURIComponent).join("/");

/** Acts as a person of the team does in the browser, past what a token may. */
export function createPeople(options: PeopleOptions): PeopleOnGithub {
  const { get, must, fates, numberOffset, openOf, head, pushed, now } = options;
  const inside = (number: number) => {
    if (number <= numberOffset) throw new Error(`#${number} is a recorded pull request: it is merged already`);
    return number - numberOffset;
  };
  const patch = (number: number, body: Json) => must("PATCH", `/pulls/${inside(number)}`, body);
  const identity = () => ({ name: person.realName, email: person.email, date: `${new Date(now()).toISOString().slice(0, 19)}Z` });
  const commit = async (message: string, tree: string, parents: readonly string[]) =>
    textIn(await must("POST", "/git/commits", { message, tree, parents, author: identity(), committer: identity() }), "sha");
  const move = async (branch: string, sha: string, isNew: boolean) => {
    if (isNew) await must("POST", "/git/refs", { ref: `refs/heads/${branch}`, sha });
    else await must("PATCH", `/git/refs/heads/${encode(branch)}`, { sha });
    await pushed(branch, sha);
  };
  const mustHead = async (branch: string) => {
    const sha = await head(branch);
    if (sha === null) throw new Error(`there is no branch ${branch}`);
    return sha;
  };

  return {
    async merge(number) {
      const pull = await must("GET", `/pulls/${inside(number)}`);
      if (pull["state"] !== "open") throw new Error(`#${number} is not open`);
      await patch(number, { draft: false });
      const branch = textIn(pull["head"], "ref");
      const into = textIn(pull["base"], "ref");
      const [theirs, ours] = await Promise.all([mustHead(branch), mustHead(into)]);
      const tree = await mergedTree({ get, must }, ours, theirs);
      const sha = await commit(`Merge pull request #${number} from ${branch}\n\n${textIn(pull, "title")}`, tree, [ours, theirs]);
      await move(into, sha, false);
      await patch(number, { state: "closed" });
      fates.merged(inside(number), { by: person.name, sha });
      return sha;
    },
    async close(number) {
      await patch(number, { state: "closed" });
      fates.closed(inside(number), person.name);
    },
    async reopen(number) {
      await patch(number, { state: "open" });
      fates.closed(inside(number), null);
    },
    async ready(number) {
      await patch(number, { draft: false });
    },
    async edit(number, { title, body }) {
      await patch(number, { ...(title === undefined ? {} : { title }), ...(body === undefined ? {} : { body }) });
    },
    async push(branch, files, message) {
      const known = await head(branch);
      const from = known ?? (await mustHead("main"));
      const base = textIn((await must("GET", `/git/commits/${from}`))["tree"], "sha");
      const tree = Object.entries(files).map(([path, content]) => ({
        path,
        mode: "100644",
        type: "blob",
        ...(content === null ? { sha: null } : { content }),
      }));
      const made = textIn(await must("POST", "/git/trees", { base_tree: base, tree }), "sha");
      const sha = await commit(message, made, [from]);
      await move(branch, sha, known === null);
      return sha;
    },
    async deleteBranch(branch) {
      const sha = await mustHead(branch);
      const open = await openOf(branch);
      await must("DELETE", `/git/refs/heads/${encode(branch)}`);
      // GitHub closes what has lost its branch.
      for (const pull of open) {
        const number = Number(pull["number"]);
        await must("PATCH", `/pulls/${number}`, { state: "closed" });
        fates.closed(number, person.name);
        fates.branchDeleted(number, sha);
      }
    },
  };
}
