import type { Hono } from "hono";
import { isObject, type Json, objectsIn, textIn } from "../json.ts";
import { webPage } from "../web-page.ts";
import { filesIn } from "./diff-text.ts";
import { timeText } from "./recorded-pulls.ts";
import { encodePath } from "./answers.ts";
import type { GithubRepository } from "./repository.ts";

const patches = (files: readonly Json[]) => files.map((file) => ({ path: textIn(file, "filename"), patch: textIn(file, "patch") }));

/** What a link opens in a browser. */
export function webRoutes(app: Hono, repository: GithubRepository): void {
  const { name, shas } = repository;
  app.get(`/${name}/pull/:number{[0-9]+}`, async (c) => {
    const number = Number(c.req.param("number"));
    const found = await repository.pullWithParts(c, number);
    if (found === null) return c.notFound();
    const { pull, files } = found;
    return c.html(
      webPage({
        title: `#${number} ${textIn(pull, "title")}`,
        about: `${pull["draft"] === true ? "Draft. " : ""}${textIn(pull["head"], "ref")} into ${textIn(pull["base"], "ref")}, ${textIn(pull, "state")}.`,
        text: textIn(pull, "body"),
        files: patches(files),
      }),
    );
  });
  app.get(`/${name}/commit/:sha`, async (c) => {
    const shown = repository.show(c, await repository.get(`/commits/${encodePath(shas.toInside(c.req.param("sha")))}`));
    if (!isObject(shown) || !isObject(shown["commit"])) return c.notFound();
    const { author } = shown["commit"];
    return c.html(
      webPage({
        title: textIn(shown["commit"], "message").split("\n", 1)[0] ?? "",
        about: `${textIn(author, "name")}, ${textIn(author, "date")}, ${textIn(shown, "sha")}`,
        text: textIn(shown["commit"], "message"),
        files: patches(filesIn(shown)),
      }),
    );
  });
  app.get(`/${name}/compare/:range`, async (c) => {
    const [base = "", head = ""] = c.req.param("range").split("...");
    const comparison = await repository.get(`/compare/${encodePath(shas.toInside(base))}...${encodePath(shas.toInside(head))}`);
    if (!isObject(comparison)) return c.notFound();
    const commits = objectsIn(repository.show(c, comparison["commits"]));
    return c.html(
      webPage({
        title: `${base.slice(0, 7)}...${head.slice(0, 7)}`,
        about: `${commits.length} ${commits.length === 1 ? "commit" : "commits"}`,
        text: commits.map((one) => `${textIn(one, "sha").slice(0, 7)} ${textIn(one["commit"], "message").split("\n", 1)[0]}`).join("\n"),
        files: patches(filesIn(comparison)),
      }),
    );
  });
  app.get(`/${name}/deployments/:environment?`, (c) => {
    const environment = c.req.param("environment");
    const shown = repository.deployments.filter((one) => environment === undefined || one.environment === environment);
    const lines = shown.map((one) => `${timeText(one.at)}  ${one.service ?? name} ${one.sha.slice(0, 7)} to ${one.environment}`);
    return c.html(webPage({ title: `Deployments of ${name}`, about: `${shown.length}, newest first`, text: lines.join("\n"), files: [] }));
  });
}
