import type { LoggedEvent } from "../incident/event.ts";
import { type Investigation, type WorkTurn, workOf } from "../incident/investigation.ts";
import { counted, outsideLine } from "../report/tool-view.ts";
import type { IncidentView } from "../incident/view.ts";
import { duration, figure } from "../report/words.ts";
import { type Board, boardOf, sortedBoard } from "../investigation/agent/hypotheses.ts";
import { type Html, ago, evidenceLinks, html, percent, time } from "./html.ts";
import { headed, list, prose } from "./words.ts";

/** A model's words: one line of text, whatever they hold. */
const modelWords = (text: string): Html => prose(outsideLine(text, 1_000));

/** Facts in sight while the model works; all of them are in "How it was found". */
const LATEST = 5;
const STATUS_WORDS = { supported: "supported", open: "open", "ruled-out": "ruled out" } as const;

/** "datadog logs": a tool's name as people read it. A model may name a tool that there is none of. */
const toolWords = (name: string): string => outsideLine(name, 80).replaceAll("_", " ");

function callItem(id: string, { name, fact, evidence, failed, tookMs }: WorkTurn["calls"][number]): Html {
  return html`<li class="${failed ? "failed" : ""}">
    <span class="kind">${toolWords(name)}</span> ${modelWords(outsideLine(fact, 400))} ${evidenceLinks(id, evidence)}
    <small class="muted">${duration(tookMs)}</small>
  </li>`;
}

const boardItems = (id: string, board: Board): Html[] =>
  sortedBoard(board).map(
    ({ claim, status, because, evidence }) =>
      html`<li>
        <span class="chip plain b-${status}">${STATUS_WORDS[status]}</span> <span>${modelWords(claim)}</span>
        ${because === null ? null : html`<span class="muted">${modelWords(because)}</span>`} ${evidenceLinks(id, evidence)}
      </li>`,
  );

/** While a model works: at which turn it is, what it looked at last and what it holds possible; null when none does. */
export function atWork(id: string, view: IncidentView, log: readonly LoggedEvent[], now: number): Html | null {
  const { investigation } = view;
  if (investigation === null || investigation.closed !== null) return null;
  const work = workOf(log);
  const done = work.filter(({ round }) => round === investigation.round);
  const waits = done.at(-1)?.calls.length === 0;
  const latest = work.flatMap(({ calls }) => calls.filter(({ evidence, failed }) => evidence.length > 0 || failed)).slice(-LATEST);
  const board = boardItems(id, boardOf(log).board);
  return html`<section class="card working" id="at-work">
    <h2>Being investigated</h2>
    <p>
      <b>${outsideLine(investigation.model, 80)}</b> is at turn
      ${waits ? done.length : done.length + 1}${investigation.round > 1 ? ` of round ${investigation.round}` : ""}, begun
      ${ago(investigation.startedAt, now)}, ${counted(investigation.toolCalls, "tool call")} so far.
      ${view.status === "resolved" ? null : html`<span class="muted">Reply in the Slack thread to steer it; “stop” ends it.</span>`}
    </p>
    ${headed("What it may be", board, "board")}
    ${headed(
      "Looked at last",
      latest.toReversed().map((call) => callItem(id, call)),
      "calls",
    )}
  </section>`;
}

function tokenFacts({ tokens: { read, cached, written } }: Investigation): string {
  const share = read === 0 ? "" : ` (${percent(cached / read)} from the cache)`;
  return `${figure(read)} read${share}, ${figure(written)} written`;
}

function turnItem(id: string, { turn, round, at, calls }: WorkTurn, rounds: number): Html {
  return html`<li>
    <h3>${rounds > 1 ? `Round ${round}, turn ${turn}` : `Turn ${turn}`} <span class="muted">${time(at)}</span></h3>
    ${
      calls.length === 0
        ? html`<p class="muted">no tool was called</p>`
        : list(
            calls.map((call) => callItem(id, call)),
            "calls",
          )
    }
  </li>`;
}

/** How the finding came about: what the model asked, turn by turn, and what that brought. */
export function workView(id: string, view: IncidentView, log: readonly LoggedEvent[]): Html {
  const { investigation } = view;
  if (investigation === null) return html``;
  const { model, round, closed, startedAt, closedAt, turns, toolCalls, cost } = investigation;
  const work = workOf(log);
  const board = boardItems(id, boardOf(log).board);
  return html`<details class="card" id="work">
    <summary>
      ${investigation.finding === null ? "What the model did" : "How it was found"}: ${counted(turns, "turn")},
      ${counted(toolCalls, "tool call")}, $${cost.toFixed(2)}
    </summary>
    <dl class="facts">
      <dt>Model</dt>
      <dd>${outsideLine(model, 80)}</dd>
      <dt>Time</dt>
      <dd>${time(startedAt)}${closedAt === null ? ", still at work" : html` to ${time(closedAt)}, ${duration(closedAt - startedAt)}`}</dd>
      <dt>Rounds</dt>
      <dd>${round}${closed === null ? null : html`, ended: ${modelWords(closed.because)}`}</dd>
      <dt>Tokens</dt>
      <dd>${tokenFacts(investigation)}</dd>
      <dt>Cost</dt>
      <dd>$${cost.toFixed(cost < 0.1 ? 3 : 2)}</dd>
    </dl>
    ${headed("What it may have been", board, "board")}
    ${headed(
      "Turn by turn",
      work.map((one) => turnItem(id, one, round)),
      "turns",
      "ol",
    )}
  </details>`;
}
