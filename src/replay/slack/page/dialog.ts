import { html } from "hono/html";
import { isObject, type Json, objectsIn } from "../../json.ts";
import { type Drawing, drawBlocks } from "./blocks.ts";
import type { Html } from "./markup.ts";

/** Views: a dialog, and the app's home. */

const textOf = (value: unknown): string => (isObject(value) ? String(value["text"] ?? "") : "");

/** `data-version` changes with its content, so what a person types stays while it does not. */
export function drawDialog(view: Json, drawing: Drawing): Html {
  const { id, hash, title, submit, close, blocks } = view;
  return html`<form
    method="dialog"
    data-view="${String(id)}"
    data-version="${String(id)} ${String(hash)} ${JSON.stringify(drawing.problems ?? {})}"
  >
    <header>
      <h2 id="dialog-title">${textOf(title)}</h2>
      <button type="button" data-dismiss aria-label="Close">×</button>
    </header>
    <div class="fill">${drawBlocks(objectsIn(blocks), drawing)}</div>
    <footer>
      <button type="button" class="button" data-dismiss>${textOf(close) || "Close"}</button>
      ${isObject(submit) ? html`<button type="submit" class="button primary">${textOf(submit)}</button>` : ""}
    </footer>
  </form>`;
}

export const drawHome = (view: Json | null, drawing: Drawing): Html =>
  view === null
    ? html`<p class="empty">midwatch has published nothing here yet.</p>`
    : html`<div class="home" data-version="${String(view["hash"])}">${drawBlocks(objectsIn(view["blocks"]), drawing)}</div>`;
