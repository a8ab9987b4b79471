import { NO_LIMITS } from "../../src/slack/pace.ts";
import { connect } from "node:net";
import { parseCatalog } from "../../src/catalog.ts";
import { parseConfig } from "../../src/config.ts";
import { startNode } from "../../src/node/node.ts";
import { CHANNEL, startSlackPeople } from "../support/slack-people.ts";
import { freshDatabase } from "../support/bot.ts";
import { type HostileRequest, secrets, signatureHeaders } from "./hostile-requests.ts";

/** What came back: the status, or that the connection ended without one. */
export type Answer = number | "no answer";

const PATIENCE_MS = 20_000;

/** Whether a header says that more bytes come: the server would be right to wait for them. */
const promisesMore = ({ headers }: HostileRequest): boolean =>
  headers.some(([name, value]) => /^(content-length|transfer-encoding|expect|upgrade|connection)$/.test(name) || value.includes("\n"));

/** Writes a request byte by byte, as no client library would. @returns the status of its first answer */
function sendRaw(url: URL, request: HostileRequest, now: number): Promise<Answer> {
  const { path, body, framing } = request;
  const length: (readonly [string, string])[] = [
    ["content-length", String(body.length + (framing === "too short" || framing === "cut" ? 10 : 0))],
  ];
  const chunked: (readonly [string, string])[] = [["transfer-encoding", "chunked"]];
  const framed = { length, chunked, both: [...length, ...chunked], "too short": length, "bad chunk": chunked, cut: length }[framing];
  const headers = [["host", url.host] as const, ...request.headers, ...signatureHeaders(request, now), ...framed];
  const head = `POST ${path} HTTP/1.1\r\n${headers.map(([name, value]) => `${name}: ${value}\r\n`).join("")}\r\n`;
  const sized = framing === "bad chunk" ? "zz" : body.length.toString(16);
  const last = body.length === 0 ? "0\r\n\r\n" : "\r\n0\r\n\r\n";
  const parts =
    (framing === "chunked" || framing === "bad chunk") && body.length > 0 ? [Buffer.from(`${sized}\r\n`), body, Buffer.from(last)] : [body];
  if (framing === "chunked" && body.length === 0) parts[0] = Buffer.from(last);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(url.port), url.hostname);
    let read = "";
    const end = (answer: Answer) => {
      // A reset leaves no port behind that waits: a hundred thousand of them would be all there are.
      socket.resetAndDestroy();
      resolve(answer);
    };
    socket.setTimeout(PATIENCE_MS, () => {
      socket.destroy();
      reject(new Error(`${path}: no answer within ${PATIENCE_MS} ms`));
    });
    socket.on("data", (part: Buffer) => {
      read += part.toString("latin1");
      // "100 Continue" is not the answer yet.
      const status = /^(?:HTTP\/1\.1 1\d\d [^\r]*\r\n(?:[^\r]+\r\n)*\r\n)*HTTP\/1\.[01] ([2-9]\d\d) /.exec(read)?.[1];
      if (status !== undefined) end(Number(status));
    });
    socket.on("error", () => end("no answer"));
    socket.on("close", () => end("no answer"));
    socket.write(Buffer.concat([Buffer.from(head, "latin1"), ...parts]), () => {
      if (framing === "cut") end("no answer");
      else if (framing === "too short" || framing === "bad chunk" || promisesMore(request)) socket.end();
    });
  });
}

export interface FuzzTarget extends AsyncDisposable {
  send(request: HostileRequest): Promise<Answer>;
  /** Status of `/healthz`. */
  health(): Promise<number>;
  /** Incidents in the store. */
  incidents(): number;
  /** What the bot has written into its log since it was last asked. */
  newLines(): readonly string[];
}

/** The whole bot on this machine, on a real store and a real port; Slack is a stand-in that knows people and takes messages. */
export async function startTarget(): Promise<FuzzTarget> {
  const slack = await startSlackPeople(false);
  let lines: string[] = [];
  const config = parseConfig({
    PORT: "0",
    DATABASE_PATH: freshDatabase(),
    PAGERDUTY_WEBHOOK_SECRET: secrets.pagerduty,
    SLACK_BOT_TOKEN: "xoxb-fuzz-of-sixteen-and-more",
    SLACK_SIGNING_SECRET: secrets.slack,
    SLACK_API_URL: slack.url,
  });
  const running = await startNode({
    config,
    catalog: parseCatalog(`version: 1\ndefaults:\n  slack_channel: ${CHANNEL}\n`),
    log: (line) => void lines.push(line),
    fetch: (input, init) => fetch(input, init),
    instead: { slackLimits: NO_LIMITS },
  });
  await running.warm();
  const url = new URL(running.url);
  return {
    send: (request) => sendRaw(url, request, Date.now()),
    health: async () => (await fetch(`${running.url}/healthz`)).status,
    incidents: () => running.store.sql.all<{ n: number }>("select count(*) n from incident")[0]?.n ?? 0,
    newLines() {
      const since = lines;
      lines = [];
      return since;
    },
    async [Symbol.asyncDispose]() {
      await running.close();
      await slack[Symbol.asyncDispose]();
    },
  };
}

/** Whether an answer is one that an endpoint may give to a request, whatever is in it. */
export function allowed(request: HostileRequest, answer: Answer): boolean {
  // Node closes a connection whose bytes are no HTTP; what a proxy would refuse is not for midwatch to answer.
  if (answer === "no answer") return !/^(length|chunked)$/.test(request.framing) || promisesMore(request);
  if (answer >= 500 && answer !== 501) return false;
  const letIn = answer >= 200 && answer < 300;
  return !letIn || request.signature === "right";
}
