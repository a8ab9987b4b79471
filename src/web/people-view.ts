import { type DeskAction, incidentDesk, type Kept, type Person } from "../incident/desk.ts";
import type { LoggedEvent } from "../incident/event.ts";
import { deskEntryWords } from "../report/desk-words.ts";
import { outsideLine } from "../report/tool-view.ts";
import { type Html, html, time } from "./html.ts";
import { headed } from "./words.ts";

const LONGEST = 1_000;
const words = (text: string) => outsideLine(text, LONGEST);

const roleItem = ({ value: { person, task }, at }: Kept<{ readonly person: Person; readonly task: string }>): Html =>
  html`<li><b>${words(person.user)}</b> ${words(task)} <span class="muted">since ${time(at, "minute")}</span></li>`;

const decisionItem = ({ value, by, at }: Kept<string>): Html =>
  html`<li>${words(value)} <span class="muted">${words(by.user)}, ${time(at, "minute")}</span></li>`;

const actionItem = ({ text, owner, done }: DeskAction): Html =>
  html`<li class="${done === null ? "" : "done"}">
    <span class="chip plain">${done === null ? "open" : "done"}</span> ${words(text)}
    <span class="muted"
      >${owner === null ? "no owner" : words(owner.user)}${done === null ? null : html`, ${time(done.at, "minute")}`}</span
    >
  </li>`;

/** Who works on what, what was decided and what is to do; nothing while nobody has said any of it. */
export function peopleView(log: readonly LoggedEvent[]): Html | null {
  const { roles, decisions, actions, proposals } = incidentDesk(log);
  if (roles.length + decisions.length + actions.length + proposals.length === 0) return null;
  return html`<section class="card" id="people">
    ${headed("Who works on what", roles.map(roleItem), "ruled")} ${headed("Decisions", decisions.map(decisionItem), "ruled")}
    ${headed("Actions", actions.toSorted((a, b) => Number(a.done !== null) - Number(b.done !== null)).map(actionItem), "ruled")}
    ${headed(
      "Proposed, not confirmed",
      proposals.map(
        ({ entry, by }) => html`<li>${words(deskEntryWords(entry))} <span class="muted">in a message from ${words(by.user)}</span></li>`,
      ),
      "ruled",
    )}
  </section>`;
}
