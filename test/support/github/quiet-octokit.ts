import { Octokit } from "octokit";

/** Octokit without retries, waits or words. */
export const octokitOf = (url: string, auth = "token"): Octokit =>
  new Octokit({
    auth,
    baseUrl: url,
    retry: { enabled: false },
    throttle: { enabled: false },
    log: { debug() {}, info() {}, warn() {}, error() {} },
  });
