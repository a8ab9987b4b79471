import type { Sentence } from "../report/postmortem-facts.ts";
import type { Postmortem } from "../report/postmortem.ts";
import type { Account } from "./account.ts";
import { evidenceLinks, type Html, html, incidentPath, time } from "./html.ts";
import { layout } from "./layout.ts";
import { draftNotice } from "./postmortem-markdown.ts";
import { prose, wordsAsHtml } from "./words.ts";

export interface PostmortemPage {
  readonly id: string;
  readonly draft: Postmortem;
  readonly now: number;
  readonly account: Account | null;
}

function refs(id: string, { evidence, entries }: Pick<Sentence, "evidence" | "entries">): Html {
  const [key] = entries;
  return html`${evidenceLinks(id, evidence)}${
    evidence.length > 0 || key === undefined ? null : html`<a class="ev" href="${incidentPath(id)}#t-${key}">log</a>`
  }`;
}

/** The draft of a postmortem as a page: to be read, corrected in a document, printed. */
export function postmortemPage({ id, draft, now, account }: PostmortemPage): Html {
  const path = incidentPath(id);
  const item = (sentence: Sentence) => html`<li>${wordsAsHtml(sentence.words)} ${refs(id, sentence)}</li>`;
  const card = (title: string, items: readonly Html[]) =>
    items.length === 0
      ? null
      : html`<section class="card">
          <h2>${title}</h2>
          <ul class="points">
            ${items}
          </ul>
        </section>`;
  return layout({
    title: "Postmortem draft",
    now,
    account,
    className: "postmortem",
    main: html`<p><a href="${path}">Back to the incident</a></p>
      <h1>Postmortem: ${wordsAsHtml(draft.title)}</h1>
      <p class="notice" role="note"><b>Draft.</b> ${draftNotice(draft, now).replace(/^Draft, m/, "M")}</p>
      ${draft.sections.map(({ title, sentences, toFillIn }) =>
        card(title, [...sentences.map(item), ...toFillIn.map((question) => html`<li class="muted"><b>To fill in:</b> ${question}</li>`)]),
      )}
      ${card("Could not be checked", draft.open.map(item))}
      <section class="card">
        <h2>Timeline</h2>
        <ol class="timeline">
          ${draft.timeline.map(
            ({ at, kind, service, text, detail, evidence, key }) =>
              html`<li class="entry k-${kind}">
                <span class="when">${time(at)}</span>
                <div class="what">
                  ${service === null ? null : html`<span class="service">${service}</span>`} <span class="text">${prose(text)}</span>
                  <span class="refs">${refs(id, { evidence, entries: [key] })}</span>
                  ${kind === "person" && detail !== null ? html`<div class="detail">${prose(detail)}</div>` : null}
                </div>
              </li>`,
          )}
        </ol>
      </section>
      <footer class="exports">
        <span>Export:</span> <a class="button" href="${path}/postmortem.md">Markdown</a>
        <a class="button" href="${path}/postmortem.json">JSON</a>
      </footer>`,
  });
}
