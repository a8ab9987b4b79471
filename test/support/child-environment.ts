import { tmpdir } from "node:os";

/** What a child process has of this one's environment: the run's folder for temporary files, and the cache of compiled modules, so that it starts sooner. */
export const childEnvironment = (): Record<string, string> => {
  const { PATH = "", MIDWATCH_TEST_COMPILE_CACHE: cache } = process.env;
  return { PATH, TMPDIR: tmpdir(), ...(cache === undefined ? {} : { NODE_COMPILE_CACHE: cache }) };
};

/** All of this process's environment, with that cache: for tools that want more than a path. */
export const wholeEnvironment = (): Record<string, string | undefined> => ({
  ...process.env,
  NODE_DISABLE_COMPILE_CACHE: undefined,
  ...childEnvironment(),
});
