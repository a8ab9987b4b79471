import type { buildConnector } from "undici";
import { addressOf, connectCall, refusalOf } from "../guard/connecting.ts";
import { TimedOutError } from "../guard/errors.ts";
import { sleepFor } from "../guard/outgoing.ts";
import { openGate } from "../guard/policy.ts";
import { createBoltApp } from "./bolt.ts";
import { quietLogger, type SlackConnection, translated } from "../integrations/slack/call.ts";
import { slackSocketPolicy } from "../integrations/slack/policy.ts";
import type { SlackHandlerOptions } from "./receiver.ts";

/** Between two tries to connect again, after Bolt's own have ended. */
const AGAIN_MS = 30_000;
/** Longest wait for the first connection. */
const FIRST_WITHIN_MS = 15_000;

/** Resolves a host for a connection, as Node's `net` takes it. */
export type Lookup = NonNullable<Extract<buildConnector.BuildOptions, { readonly lookup?: unknown }>["lookup"]>;

export interface SocketModeOptions extends SlackHandlerOptions {
  /** The connection broke and could not be opened again yet; it is tried on. */
  readonly onBroken: (error: unknown) => void;
  /** How long a broken connection is left before it is opened again, and Slack's answer to a ping waited for. Default 5,000. */
  readonly reconnectMs?: number;
}

/**
 * Slack over a connection that midwatch opens itself (Socket Mode): no public address and no signing secret are needed. For Node only.
 * Events are acknowledged by Bolt before they are stored; what a crash in between loses, Slack does not send again. The connection itself is
 * a WebSocket to the address that Slack names, if that is one of Slack's; the question for that address goes through `fetch` like all other calls.
 * @param connection `appToken`: app-level token (xapp-) with `connections:write`
 * @throws IntegrationError when the first connection fails; after later breaks it reconnects for as long as it takes
 */
export async function startSocketMode(
  connection: SlackConnection & { readonly appToken: string; readonly lookup?: Lookup },
  options: SocketModeOptions,
): Promise<{ stop(): Promise<void> }> {
  const { appToken, sleep = sleepFor } = connection;
  const stopping = new AbortController();
  const sockets = await openSockets(connection);
  const app = await createBoltApp(connection, options, ({ SocketModeReceiver, clientOptions }) => {
    const receiver = new SocketModeReceiver({
      appToken,
      logger: quietLogger,
      dispatcher: sockets.dispatcher,
      installerOptions: { clientOptions },
      clientPingTimeout: options.reconnectMs ?? 5_000,
    });
    const { client } = receiver;
    const start = client.start.bind(client);
    let starts = 0;
    // Bolt calls this again after a break. There a rejection would be one that nobody catches, and end the process.
    client.start = async () => {
      const first = starts++ === 0;
      for (;;) {
        try {
          return await start();
        } catch (error) {
          if (first) throw error;
          if (!stopping.signal.aborted) options.onBroken(await wordsOf(error));
          await sleep(AGAIN_MS, stopping.signal).catch(() => undefined);
          // Nobody waits for the answer any more.
          if (stopping.signal.aborted) return new Promise(() => undefined);
        }
      }
    };
    return receiver;
  });
  const stop = async () => {
    stopping.abort();
    await app.stop();
    await sockets.close();
  };
  const connected = new AbortController();
  const tooLate = async () => {
    await sleep(FIRST_WITHIN_MS, connected.signal);
    throw new TimedOutError("slack", "the opening of Socket Mode", FIRST_WITHIN_MS);
  };
  try {
    await Promise.race([app.start(), tooLate()]);
  } catch (error) {
    await stop();
    throw await wordsOf(error);
  } finally {
    connected.abort();
  }
  return { stop };
}

/** What opens the WebSocket's connection: to the hosts of the policy alone, whatever address Slack's answer names. */
async function openSockets({ baseUrl, lookup, onCall }: Pick<SlackConnection, "baseUrl" | "onCall"> & { readonly lookup?: Lookup }) {
  const { Agent, buildConnector } = await import("undici");
  const gate = openGate(slackSocketPolicy, URL.canParse(baseUrl) ? new URL(baseUrl).origin : "");
  const connect = buildConnector({ allowH2: false, ...(lookup === undefined ? {} : { lookup }) });
  const dispatcher = new Agent({
    connect: (options, done) => {
      const secure = options.protocol === "https:";
      const port = options.port || (secure ? "443" : "80");
      const refused = refusalOf({ vendor: "slack", gate, onCall }, options.hostname, port, secure);
      if (refused !== null) return done(refused, null);
      const startedAt = Date.now();
      // It stays open, so all we can report is that it is open.
      return connect(options, (...told) => {
        const outcome = told[0] === null ? "answered" : "failed";
        const url = addressOf(options.hostname, port);
        onCall?.(connectCall({ vendor: "slack", url, outcome, purpose: "a connection of Socket Mode", tookMs: Date.now() - startedAt }));
        done(...told);
      });
    },
  });
  return { dispatcher, close: () => dispatcher.destroy() };
}

const wordsOf = async (error: unknown): Promise<unknown> =>
  translated(error, "apps.connections.open", null, await import("@slack/web-api"));
