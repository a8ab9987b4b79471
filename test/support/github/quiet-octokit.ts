import { Octokit } from "octokit";

/** Octokit without retries, waits or words. */
export const octokitOf = (url: string, auth = "token", request: { readonly fetch?: typeof fetch } = {}): Octokit =>
  new Octokit({
    auth,
    baseUrl: url,
    request,
    retry: { enabled: false },
    throttle: { enabled: false },
    log: { debug() {}, info() {}, warn() {}, error() {} },
  });
