import type { Account } from "./account.ts";
import { type Html, html } from "./html.ts";
import { layout } from "./layout.ts";

/** A page that says what is wrong with the address, or with midwatch, and where to go. */
export function problemPage(problem: {
  title: string;
  text: string;
  now: number;
  back?: { href: string; label: string };
  account?: Account | null;
}): Html {
  const back = problem.back ?? { href: "/incidents", label: "All incidents" };
  return layout({
    title: problem.title,
    now: problem.now,
    account: problem.account,
    className: "narrow",
    main: html`<section class="card problem">
      <h1>${problem.title}</h1>
      <p>${problem.text}</p>
      <p><a class="button" href="${back.href}">${back.label}</a></p>
    </section>`,
  });
}
