import { type Html, html } from "./html.ts";

/** Who looks at a page, for its bar. */
export interface Account {
  readonly name: string;
  readonly role: string;
  /** Comes back with each form; null where there is nothing to sign out of. */
  readonly csrf: string | null;
}

/** "ana@example.com · viewer", with the way out. */
export function accountView(account: Account | null): Html | null {
  if (account === null) return null;
  const { name, role, csrf } = account;
  return html`<span class="account"
    ><span class="who muted">${name} · ${role}</span>${
      csrf === null
        ? null
        : html`<form method="post" action="/sign-out">
            <input type="hidden" name="csrf" value="${csrf}" /><button type="submit" class="plain">Sign out</button>
          </form>`
    }</span
  >`;
}
