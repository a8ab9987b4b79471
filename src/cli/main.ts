import { keepCompiled } from "../node/compile-cache.ts";

keepCompiled();
const { runCommandLine } = await import("./command-line.ts");

// `… | head` has read enough: that is no error of the command.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit(0);
});
process.exitCode = await runCommandLine(process.argv.slice(2));
// What a start that failed half-way left open (a port, a connection) must not keep the process. Output is given the time to get out.
if (process.exitCode !== 0) setTimeout(() => process.exit(), 100).unref();
