import { html } from "hono/html";

type Html = ReturnType<typeof html>;

const style = html`<style>
  body {
    font: 15px/1.5 system-ui;
    max-width: 60rem;
    margin: 2rem auto;
    padding: 0 1rem;
  }
  pre {
    background: #f6f8fa;
    padding: 0.8rem;
    overflow-x: auto;
  }
  .prose {
    background: none;
    padding: 0;
    white-space: pre-wrap;
    font: inherit;
  }
</style>`;

export interface WebPage {
  readonly title: string;
  readonly about: string;
  readonly text: string;
  readonly files: readonly { readonly path: string; readonly patch: string }[];
}

/** What a link to a commit or pull request opens: enough for a person to read it. Text is escaped; nothing of it is interpreted. */
export const webPage = (page: WebPage): Html =>
  html`<!doctype html><meta charset="utf-8" /><title>${page.title} (replay)</title>${style}
    <h1>${page.title}</h1>
    <p>${page.about}</p>
    <pre class="prose">${page.text}</pre>
    ${page.files.map(
      ({ path, patch }) =>
        html`<h3>${path}</h3>
          <pre>${patch}</pre>`,
    )}`;
