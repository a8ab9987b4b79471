import { afterAll, afterEach } from "vitest";
import { createGithubClient, type GithubClient } from "../../../src/integrations/github/client.ts";
import { type EmulatedGithub, emulateGithub, TOKEN } from "./github.ts";

/** GitHub for the tests of one file, with a client of its token. What a test makes it fail or refuse is over with the test. */
export async function githubForTests(
  fetchWith?: typeof fetch,
): Promise<{ readonly github: EmulatedGithub; readonly client: GithubClient }> {
  const github = await emulateGithub();
  afterAll(() => github[Symbol.asyncDispose]());
  afterEach(() => github.behave());
  const auth = { token: TOKEN };
  return {
    github,
    client: createGithubClient({ baseUrl: github.url, auth, fetch: fetchWith ?? github.fetch, sleep: async () => undefined }),
  };
}
