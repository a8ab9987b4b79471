import { counted, outsideLine } from "../../report/tool-view.ts";
import { type Check, ok, problem, warning } from "../doctor-check.ts";
import { changedWords, type McpClient } from "./client.ts";
import { looksLikeWriting } from "./pin.ts";

const LOOPBACK = ["127.0.0.1", "localhost", "[::1]"];

/** Of a diff what fits on a line; `mcp check` shows all of it. */
const firstOf = (diff: readonly string[]): string => outsideLine(diff.slice(0, 3).join(" "), 300);

/** Whether a server answers, its tools are as pinned, and none looks as if it wrote. */
export async function checkServer({ server, state }: McpClient, signal: AbortSignal): Promise<Check[]> {
  const { title: name, tools } = server;
  const { listed, changed } = await state(signal);
  const asPinned = tools.length - changed.length;
  const unlisted = listed.filter((one) => !tools.some((tool) => tool.name === one.name)).length;
  return [
    tools.length === 0
      ? warning(name, `answers, and none of its tools is allowed: npm run midwatch -- mcp pin ${server.name}`)
      : ok(name, `answers; ${counted(asPinned, "tool")} as pinned, ${counted(unlisted, "other")} not allowed`),
    ...changed.map((one) =>
      problem(
        name,
        `${changedWords(one)}, so it is refused (npm run midwatch -- mcp check ${server.name}) ${firstOf(one.change.diff())}`.trimEnd(),
      ),
    ),
    ...tools.flatMap((tool) => {
      const why = looksLikeWriting(tool.name, tool.pinned);
      return why === null
        ? []
        : [warning(name, `${tool.shownAs} may write: ${why}. Allow only what reads, and give the token no right to write`)];
    }),
    ...(server.auth !== null && server.url.protocol === "http:" && !LOOPBACK.includes(server.url.hostname)
      ? [warning(name, "its credential goes over the network unencrypted: use https")]
      : []),
  ];
}
