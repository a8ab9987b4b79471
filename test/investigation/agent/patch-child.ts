import { flushCompileCache } from "node:module";
import { draftOf, openPatchDesk } from "./patch-desk.ts";

// Whoever is killed later has loaded its modules for those that come after.
flushCompileCache();
/** A process of its own that writes a patch until that has ended. Its one argument: where model and GitHub are, and its store. */
const { modelUrl, modelKey, githubUrl, database } = JSON.parse(process.argv[2] ?? "{}") as Record<
  "modelUrl" | "modelKey" | "githubUrl" | "database",
  string
>;
await using desk = openPatchDesk({
  ...{ modelUrl, modelKey, githubUrl, database },
  prepare: async (about, proposal, signal) => {
    // Where the repository would be read: a call that whoever watches can see.
    await (await fetch(`${githubUrl}/repos/acme/shop`, { signal })).text();
    return draftOf(about, proposal, signal);
  },
});
await desk.begin();
await desk.ended();
