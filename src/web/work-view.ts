import type { LoggedEvent } from "../incident/event.ts";
import { type Investigation, retryAt, tokenWords, type WorkTurn, workOf } from "../incident/investigation.ts";
import { counted, outsideLine } from "../report/tool-view.ts";
import type { IncidentView } from "../incident/view.ts";
import { duration, figure } from "../report/words.ts";
import { type Board, boardOf, sortedBoard } from "../investigation/agent/hypotheses.ts";
import { type Html, ago, evidenceLinks, html, keepUnits, percent, time } from "./html.ts";
import { modelWords } from "./model-finding-view.ts";

/** Facts in sight while the model works; all of them stand in "How it was found". */
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

function boardList(id: string, board: Board): Html | null {
  if (board.length === 0) return null;
  return html`<ul class="board">
    ${sortedBoard(board).map(
      ({ claim, status, because, evidence }) =>
        html`<li>
          <span class="chip plain b-${status}">${STATUS_WORDS[status]}</span> <span>${modelWords(claim)}</span>
          ${because === null ? null : html`<span class="muted">${modelWords(because)}</span>`} ${evidenceLinks(id, evidence)}
        </li>`,
    )}
  </ul>`;
}

/** "9 turns · 14 tool calls · $0.07 · 61k tokens, 83 % from the cache": what the model's work took so far. */
export function tookWords(investigation: Investigation): string {
  const { startedAt, closedAt, round, turns, toolCalls, cost, model } = investigation;
  const took = closedAt === null ? [] : [`${duration(closedAt - startedAt)}${round > 1 ? ` (round ${round})` : ""}`];
  const tokens = tokenWords(investigation);
  return [
    ...took,
    counted(turns, "turn"),
    counted(toolCalls, "tool call"),
    `$${cost.toFixed(2)}`,
    ...(tokens === "" ? [] : [keepUnits(tokens)]),
    outsideLine(model, 80),
  ].join(" · ");
}

/** While a model works: at which turn it is, what it looked at last and what it holds possible; null when none does. */
export function atWork(id: string, view: IncidentView, log: readonly LoggedEvent[], now: number): Html | null {
  const { investigation } = view;
  if (investigation === null || investigation.closed !== null) return null;
  const work = workOf(log);
  const done = work.filter(({ round }) => round === investigation.round);
  const waits = done.at(-1)?.calls.length === 0;
  const latest = work.flatMap(({ calls }) => calls.filter(({ evidence, failed }) => evidence.length > 0 || failed)).slice(-LATEST);
  const board = boardList(id, boardOf(log).board);
  return html`<section class="card working" id="at-work">
    <h2>Being investigated</h2>
    <p>
      <b>${outsideLine(investigation.model, 80)}</b> is at turn
      ${waits ? done.length : done.length + 1}${investigation.round > 1 ? ` of round ${investigation.round}` : ""}, begun
      ${ago(investigation.startedAt, now)}, ${counted(investigation.toolCalls, "tool call")} so far.
      ${view.status === "resolved" ? null : html`<span class="muted">Reply in the Slack thread to steer it; “stop” ends it.</span>`}
    </p>
    ${
      board === null
        ? null
        : html`<h2>What it may be</h2>
            ${board}`
    }
    ${
      latest.length === 0
        ? null
        : html`<h2>Looked at last</h2>
            <ul class="calls">
              ${latest.toReversed().map((call) => callItem(id, call))}
            </ul>`
    }
  </section>`;
}

/** How the work ended where it ended otherwise than with a finding handed in, and what happens next; null where it did not. */
export function endedEarly(view: IncidentView): Html | null {
  const { investigation, status } = view;
  if (investigation === null || investigation.closed === null || investigation.closed.how === "submitted") return null;
  const because = modelWords(outsideLine(investigation.closed.because, 400).replace(/\.$/, ""));
  const at = retryAt(investigation, status);
  const next =
    at !== null
      ? html`It will be asked again at ${time(at)}.`
      : status === "resolved"
        ? null
        : html`Write “resume” in the Slack thread to have it asked again.`;
  return html`<p class="missed" id="ended">
    ${
      investigation.finding === null
        ? html`<b>No finding of a model:</b> ${because}. Here is what the data alone say.`
        : html`<b>Ended early:</b> ${because}. What had been found by then stands here.`
    }
    ${next}
  </p>`;
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
        ? html`<p class="muted">no tool was asked</p>`
        : html`<ul class="calls">
            ${calls.map((call) => callItem(id, call))}
          </ul>`
    }
  </li>`;
}

/** How the finding came about: what the model asked, turn by turn, and what that brought. */
export function workView(id: string, view: IncidentView, log: readonly LoggedEvent[]): Html {
  const { investigation } = view;
  if (investigation === null) return html``;
  const { model, round, closed, startedAt, closedAt, turns, toolCalls, cost } = investigation;
  const work = workOf(log);
  const board = boardList(id, boardOf(log).board);
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
    ${
      board === null
        ? null
        : html`<h2>What it may have been</h2>
            ${board}`
    }
    ${
      work.length === 0
        ? null
        : html`<h2>Turn by turn</h2>
            <ol class="turns">
              ${work.map((one) => turnItem(id, one, round))}
            </ol>`
    }
  </details>`;
}
