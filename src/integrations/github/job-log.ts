import { z } from "zod";
import { IntegrationError } from "../../guard/errors.ts";
import { type Answer, answerOf } from "../../incident/answer.ts";
import type { Connection } from "./connection.ts";

// Colours, cursor moves, titles and links of terminals (ECMA-48: CSI, OSC and two-character sequences).
const escapes = new RegExp(String.raw`\u001B(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001B\n]*(?:\u0007|\u001B\\)?|[ -/]*[0-~]?)`, "g");
// Each line of an Actions log begins with when it was written, the first one with a byte order mark.
const timestamps = /^\uFEFF?(?:\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?Z(?: |$))?/gm;

/** Short lines are mostly timestamp; this many bytes hold the text that is asked for nearly always. */
const bytesFor = (most: number) => Math.max(1024 * 1024, 4 * most);

/** A log as people read it: without timestamps, colours and carriage returns. */
export const plainLog = (text: string): string => text.replace(/\r\n?/g, "\n").replace(timestamps, "").replace(escapes, "");

/** The last characters of a text, from the beginning of a line. */
function endOf(text: string, most: number): string {
  if (text.length <= most) return text;
  const end = text.slice(text.length - most);
  const line = end.indexOf("\n");
  return line < 0 ? end : end.slice(line + 1);
}

/** Logs of GitHub Actions. */
export function jobLogCalls(connection: Connection) {
  return {
    /**
     * The end of the log of a GitHub Actions job, as people read it. `raw` is the same text, so that quotes can be found in it.
     * @param id of the job, which is that of its check run
     * @param most longest text returned, characters; what is left out before it is said in `cut`
     * @returns null where there is no such log: no Actions job, not finished yet, or deleted
     * @throws ForbiddenError when the credential lacks "actions: read"
     */
    async jobLog(
      args: { readonly repository: string; readonly id: number; readonly most: number },
      signal: AbortSignal,
    ): Promise<Answer<string> | null> {
      const { repository, id, most } = args;
      let reply;
      try {
        reply = await connection.call(
          {
            route: "GET /repos/{owner}/{repo}/actions/jobs/{job_id}/logs",
            repository,
            parameters: { job_id: id },
            schema: z.unknown(),
            what: `the log of job ${id}`,
            permission: "actions: read",
          },
          signal,
        );
      } catch (error) {
        if (error instanceof IntegrationError && (error.status === 404 || error.status === 410)) return null;
        throw error;
      }
      const { location } = reply.headers;
      // A proxy that follows redirects itself answers with the log.
      const direct = new TextEncoder().encode(reply.raw);
      const tail =
        location === undefined ? { bytes: direct, total: direct.byteLength } : await connection.download(location, bytesFor(most), signal);
      if (tail === null) return null;
      const text = new TextDecoder().decode(tail.bytes);
      const whole = tail.bytes.byteLength === tail.total;
      const value = endOf(plainLog(whole ? text : text.slice(text.indexOf("\n") + 1)), most);
      return answerOf("GitHub", {
        query: `log of job ${id} of ${repository}`,
        link: `${connection.web}/${repository}/runs/${id}`,
        value,
        raw: value,
        cut: whole && value.length === plainLog(text).length ? null : `last ${value.length} characters of a log of ${tail.total} bytes`,
      });
    },
  };
}
