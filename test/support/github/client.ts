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

/** A client that is dead after its first network failure, as a killed process is. */
export function dyingClient(github: EmulatedGithub): GithubClient {
  let dead = false;
  const dying: typeof fetch = async (input, init) => {
    if (dead) throw new TypeError("the process was killed");
    try {
      return await fetch(input, init);
    } catch (error) {
      dead = true;
      throw error;
    }
  };
  return createGithubClient({ baseUrl: github.url, auth: { token: TOKEN }, fetch: dying, sleep: async () => undefined });
}
