import { type Account, accountView } from "./account.ts";
import { type Html, html } from "./html.ts";
import { scriptPath } from "./script.ts";
import { stylesheetPath } from "./stylesheet.ts";

// A moon and a bell's dot, as text so that no file is needed.
const ICON =
  "data:image/svg+xml," +
  encodeURIComponent(
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="#1c2540"/><path d="M21 22.5A9 9 0 0 1 14 6.6a10 10 0 1 0 12 12 9 9 0 0 1-5 3.9z" fill="#ffd479"/><circle cx="23" cy="10" r="3.2" fill="#ff7b72"/></svg>',
  );

/** A whole page. `live` is a word about the stream, shown in the bar at the top of an incident's page; `account` is who looks at it. */
export function layout(options: {
  title: string;
  now: number;
  main: Html;
  live?: Html;
  className?: string;
  account?: Account | null | undefined;
}): Html {
  return html`<!doctype html>
    <html lang="en" data-now="${options.now}">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="robots" content="noindex" />
        <title>${options.title} · midwatch</title>
        <link rel="icon" href="${ICON}" />
        <link rel="stylesheet" href="${stylesheetPath}" />
        <script src="${scriptPath}" defer></script>
      </head>
      <body>
        <a class="skip" href="#main">Skip to content</a>
        <header class="bar">
          <a class="brand" href="/incidents">midwatch</a>
          <span class="bar-right"
            >${options.live}<span class="muted"><span class="wide">times in </span>UTC</span
            ><button
              type="button"
              id="keys"
              class="plain"
              aria-label="Keyboard shortcuts"
              title="Keyboard shortcuts (?)"
              data-script
              hidden
            >
              ?</button
            >${accountView(options.account ?? null)}</span
          >
        </header>
        <main id="main" tabindex="-1" class="${options.className ?? ""}">${options.main}</main>
      </body>
    </html>`;
}
