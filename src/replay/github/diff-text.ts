import { isObject, type Json, objectsIn, textIn } from "../json.ts";

function fileDiff(file: Json): string {
  const path = textIn(file, "filename");
  const from = textIn(file, "previous_filename") || path;
  const status = textIn(file, "status");
  const sha = textIn(file, "sha").slice(0, 7);
  const patch = textIn(file, "patch");
  const head = [`diff --git a/${from} b/${path}`];
  if (status === "added") head.push("new file mode 100644", `index 0000000..${sha}`);
  if (status === "removed") head.push("deleted file mode 100644", `index ${sha}..0000000`);
  if (status === "renamed") head.push("similarity index 100%", `rename from ${from}`, `rename to ${path}`);
  if (patch === "") return `${head.join("\n")}\n`;
  head.push(status === "added" ? "--- /dev/null" : `--- a/${from}`, status === "removed" ? "+++ /dev/null" : `+++ b/${path}`);
  return `${head.join("\n")}\n${patch}\n`;
}

/** The media type `application/vnd.github.diff`: what `git diff` would print, from the files of a commit, comparison or pull request. */
export const diffText = (files: readonly Json[]): string => files.map(fileDiff).join("");

/** The media type `application/vnd.github.patch`: what `git format-patch --stdout` would print for one commit. */
export function patchText(commit: Json, files: readonly Json[]): string {
  const about = isObject(commit["commit"]) ? commit["commit"] : {};
  const author = isObject(about["author"]) ? about["author"] : {};
  const [subject = "", ...rest] = textIn(about, "message").split("\n");
  const date = new Date(textIn(author, "date"));
  return [
    `From ${textIn(commit, "sha")} Mon Sep 17 00:00:00 2001`,
    `From: ${textIn(author, "name")} <${textIn(author, "email")}>`,
    `Date: ${Number.isNaN(date.getTime()) ? "" : date.toUTCString()}`,
    `Subject: [PATCH] ${subject}`,
    ...rest,
    "---",
    diffText(files),
  ].join("\n");
}

/** Which of GitHub's text forms an Accept header asks for. */
export function textFormOf(accept: string | undefined): "diff" | "patch" | "sha" | null {
  const form = /application\/vnd\.github\.(?:v3\.)?(diff|patch|sha)\b/.exec(accept ?? "")?.[1];
  return form === "diff" || form === "patch" || form === "sha" ? form : null;
}

/** Files of an answer that has them (commit, comparison), else none. */
export const filesIn = (answer: unknown): Json[] => (isObject(answer) ? objectsIn(answer["files"]) : []);
