import type { App, AppOptions, Receiver, SocketModeReceiver } from "@slack/bolt";
import { quietLogger, type SlackConnection, slackFetch, webClientOptions } from "../integrations/slack/call.ts";
import { retryOf, toInbound } from "./inbound.ts";
import { type BoltDispatch, commandReply, deliver, dialogReply, NotStored, type SlackHandlerOptions } from "./receiver.ts";

/** What a receiver is made with. */
export interface BoltParts {
  readonly SocketModeReceiver: typeof SocketModeReceiver;
  readonly clientOptions: NonNullable<AppOptions["clientOptions"]>;
}

/**
 * An app of Slack's Bolt whose listeners give every event, click and command to `onInbound`. Bolt is loaded here and not before: it takes
 * 200 to 300 ms, and nothing needs it until Slack calls.
 */
export async function createBoltApp(
  connection: SlackConnection,
  options: SlackHandlerOptions,
  receiver: (parts: BoltParts) => Receiver,
): Promise<App> {
  const { App: BoltApp, SocketModeReceiver: SocketMode } = await import("@slack/bolt");
  const clientOptions = webClientOptions(connection.baseUrl, slackFetch(connection));
  const app = new BoltApp({
    receiver: receiver({ SocketModeReceiver: SocketMode, clientOptions }),
    // One workspace, one token: no question to Slack at start. What apps say (midwatch too) is passed over by `toInbound`.
    authorize: () => Promise.resolve({ botToken: connection.token }),
    ignoreSelf: false,
    // Bolt would remember every conversation in memory.
    convoStore: false,
    clientOptions,
    logger: quietLogger,
  });
  const take = async (body: unknown, retryNum: unknown, retryReason: unknown) => {
    const inbound = toInbound(
      body,
      retryOf(typeof retryNum === "number" ? retryNum : null, typeof retryReason === "string" ? retryReason : null),
    );
    return { inbound, outcome: await deliver(inbound, options) };
  };
  app.event(/.*/, async ({ body, context }) => {
    const { outcome } = await take(body, context.retryNum, context.retryReason);
    if (outcome.state === "failed") throw new NotStored();
  });
  app.action(/.*/, async ({ body, context, ack }) => {
    const { outcome } = await take(body, context.retryNum, context.retryReason);
    if (outcome.state === "failed") throw new NotStored();
    await ack();
  });
  app.shortcut(/.*/, async ({ body, context, ack }) => {
    const { outcome } = await take(body, context.retryNum, context.retryReason);
    if (outcome.state === "failed") throw new NotStored();
    await ack();
  });
  app.view(/.*/, async ({ body, context, ack }) => {
    const { inbound, outcome } = await take(body, context.retryNum, context.retryReason);
    const reply = dialogReply(outcome, inbound.type === "submission" ? (Object.keys(inbound.values)[0] ?? "") : "");
    await (reply === null ? ack() : ack({ response_action: reply.response_action, errors: { ...reply.errors } }));
  });
  app.command(/.*/, async ({ body, context, ack }) => {
    const { outcome } = await take(body, context.retryNum, context.retryReason);
    const reply = commandReply(outcome);
    await (reply === null ? ack() : ack(reply));
  });
  return app;
}

/** Bolt behind our own HTTP: give the result to `createSlackReceiver`. It is made with the first body that comes, or by `warm`. */
export function createBolt(connection: SlackConnection, options: SlackHandlerOptions): { dispatch: BoltDispatch; warm(): Promise<void> } {
  let making: Promise<App> | undefined;
  const started = Promise.resolve(undefined);
  const make = () =>
    (making ??= createBoltApp(connection, options, () => ({ init: () => undefined, start: () => started, stop: () => started })));
  return {
    warm: async () => void (await make()),
    dispatch: async (body, retry) => {
      const app = await make();
      let reply: unknown = null;
      await app.processEvent({
        body,
        // Bolt acknowledges events before it calls listeners. Slack is answered when the event is stored instead, so nothing is kept of that.
        ack: (response?: unknown) => Promise.resolve(void (reply = response ?? null)),
        ...(retry === null ? {} : { retryNum: retry.num }),
        ...(retry === null || retry.reason === null ? {} : { retryReason: retry.reason }),
      });
      return reply;
    },
  };
}
