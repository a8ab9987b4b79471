import { patchAllowance } from "../../guard/allowances.ts";
import { findSensitive } from "../../guard/sensitive.ts";
import { readYaml } from "../../guard/yaml-file.ts";
import { VendorFileError } from "../vendor.ts";
import { type ArgumentPolicy, argumentPolicy, isFixed } from "./arguments.ts";
import { type PinnedDefinition, serversSchema } from "./schema.ts";

/** Tools that the model may be given by all MCP servers together: each costs attention and tokens in every turn. */
export const MOST_TOOLS = 25;
const LONGEST_NAME = 64;

/** First words of the names that the agent's own tools have; no server may pose for one of them, nor for a vendor. */
export const OWN_NAMES = ["hypotheses", "propose", "read", "submit"];

/** One tool that the operator allowed. */
export interface AllowedTool {
  /** The server's name for it. */
  readonly name: string;
  /** The model's name for it. */
  readonly shownAs: string;
  readonly pinned: PinnedDefinition;
  /** The operator's words in place of the server's, or null. */
  readonly description: string | null;
  readonly policy: ArgumentPolicy;
  /** For one call with all that it takes: connection, list, tries. */
  readonly timeoutMs: number;
  readonly largestAnswerBytes: number;
}

/** One server of the operator's file. */
export interface McpServer {
  readonly name: string;
  /** As the coverage and messages name it. */
  readonly title: string;
  readonly url: URL;
  readonly auth: { readonly token: string; readonly header: string; readonly scheme: string } | null;
  readonly timeoutMs: number;
  readonly largestAnswerBytes: number;
  readonly tools: readonly AllowedTool[];
}

/** The file of MCP servers is wrong: which line, what about it, what to write. Every problem at once. */
export class McpServersError extends VendorFileError {
  constructor(problems: readonly string[]) {
    super("MCP", problems);
    this.name = "McpServersError";
  }
}

const holdsSecret = (text: string) => findSensitive(text, { allowed: patchAllowance }).some(({ secret }) => secret);
const nameOf = (server: string, tool: string) =>
  `${server}_${tool
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "_")
    .replaceAll(/^_+|_+$/g, "")}`;

/**
 * Parses the file that MCP_SERVERS_PATH names.
 * @param tokens names that MCP_TOKENS has
 * @param file shown in errors only
 * @param taken further first words that no server may have: ids of the vendors
 * @throws McpServersError with line numbers
 */
export function parseMcpServers(text: string, tokens: readonly string[], file = "mcp.yaml", taken: readonly string[] = []): McpServer[] {
  const { value, problemAt } = readYaml(text, serversSchema, {
    file,
    empty: { version: 1 },
    refused: (problems) => new McpServersError(problems),
  });
  const problems: string[] = [];
  const shown = new Map<string, string>();
  const servers = Object.entries(value.servers).map(([name, server]): McpServer => {
    const at = ["servers", name];
    const wrong = (path: readonly string[], words: string) =>
      problems.push(problemAt([...at, ...path], `${[...at, ...path].join(".")}: ${words}`));
    if (OWN_NAMES.includes(name) || taken.includes(name))
      wrong([], `midwatch's own tools begin with "${name}_"; give the server another name`);
    const url = new URL(server.url);
    // Only what MCP_TOKENS holds is known to be a secret, and hidden wherever it may show.
    if (url.username !== "" || url.password !== "" || holdsSecret(server.url))
      wrong(["url"], "holds a credential; put it into MCP_TOKENS and name it in auth");
    const { auth } = server;
    if (auth !== undefined && !tokens.includes(auth.token))
      wrong(["auth", "token"], "MCP_TOKENS has no token of this name. Add name=token there");
    const tools = Object.entries(server.tools).map(([tool, about]): AllowedTool => {
      const path = ["tools", tool];
      const shownAs = about.as === undefined ? nameOf(name, tool) : `${name}_${about.as}`;
      const other = shown.get(shownAs);
      if (other !== undefined) wrong(path, `the model would know it as ${shownAs}, as it does ${other}; tell them apart with "as"`);
      if (shownAs.length > LONGEST_NAME || shownAs === `${name}_`)
        wrong(path, `no name of at most ${LONGEST_NAME} letters and digits can be made of it; give it one with "as"`);
      shown.set(shownAs, `${name}.${tool}`);
      for (const [argument, rule] of Object.entries(about.arguments))
        if (isFixed(rule) && holdsSecret(JSON.stringify({ [argument]: rule.fixed })))
          wrong([...path, "arguments", argument], "holds what looks like a credential, and the ledger keeps fixed values");
      const policy = argumentPolicy(about.arguments, about.pinned, (argument, words) =>
        wrong(argument === null ? path : [...path, "arguments", argument], words),
      );
      return {
        name: tool,
        shownAs,
        pinned: about.pinned,
        description: about.description ?? null,
        policy,
        timeoutMs: (about.timeout_seconds ?? server.timeout_seconds) * 1_000,
        largestAnswerBytes: (about.largest_answer_kb ?? server.largest_answer_kb) * 1_024,
      };
    });
    const header = auth?.header.toLowerCase() ?? "";
    return {
      name,
      title: `MCP ${name}`,
      url,
      auth: auth === undefined ? null : { token: auth.token, header, scheme: auth.scheme ?? (header === "authorization" ? "Bearer" : "") },
      timeoutMs: server.timeout_seconds * 1_000,
      largestAnswerBytes: server.largest_answer_kb * 1_024,
      tools,
    };
  });
  const count = servers.reduce((sum, { tools }) => sum + tools.length, 0);
  if (count > MOST_TOOLS)
    problems.push(
      problemAt(
        ["servers"],
        `${count} tools are allowed, and at most ${MOST_TOOLS} may be: each is read by the model in every turn. Keep those that incidents need`,
      ),
    );
  if (problems.length > 0) throw new McpServersError(problems);
  return servers;
}
