import type { LoggedEvent } from "../incident/event.ts";
import { postmortemOf } from "../report/postmortem-worded.ts";
import { plainUnlinked } from "../report/text.ts";
import type { Sentence } from "../report/postmortem-facts.ts";
import type { Postmortem } from "../report/postmortem.ts";
import { visibleText } from "../report/visible-text.ts";
import { dayTime } from "../report/words.ts";
import { evidencePath, incidentPath } from "./html.ts";
import { markdownWriter } from "./markdown.ts";

export interface PostmortemText {
  readonly id: string;
  readonly draft: Postmortem;
  /** Where people reach midwatch, without a slash at its end. */
  readonly origin: string;
  readonly now: number;
}

/** Says that nobody has checked it, at its top, wherever it is shown. */
export const draftNotice = ({ isOver }: Postmortem, now: number): string =>
  `Draft, made by midwatch from the incident's log at ${dayTime(now)} UTC. Check it before you share it.${isOver ? "" : " The incident is still open: this is what is known so far."}`;

/** The draft with its title, for a document of its own. */
export const postmortemDocument = ({ id, log, origin, now }: Omit<PostmortemText, "draft"> & { readonly log: readonly LoggedEvent[] }) => {
  const draft = postmortemOf(log);
  return {
    title: `Postmortem draft: ${plainUnlinked(draft.title)}`.slice(0, 250),
    markdown: postmortemMarkdown({ id, draft, origin, now }),
  };
};

/** A postmortem draft as Markdown, for documents and canvases. Every sentence has links to what it rests on. */
export function postmortemMarkdown({ id, draft, origin, now }: PostmortemText): string {
  const { write, link, plain, clock, row } = markdownWriter;
  const page = `${origin}${incidentPath(id)}`;
  const refs = ({ evidence, entries }: Pick<Sentence, "evidence" | "entries">) =>
    [
      ...evidence.map((number) => link(`E${number}`, `${origin}${evidencePath(id, number)}`)),
      ...(evidence.length > 0 ? [] : entries.slice(0, 1).map((key) => link("log", `${page}#t-${key}`))),
    ].join(" ");
  const item = (sentence: Sentence) => `- ${write(sentence.words)} ${refs(sentence)}`;
  const parts = draft.sections.flatMap(({ title, sentences, toFillIn }) =>
    sentences.length + toFillIn.length === 0
      ? []
      : [`## ${title}`, "", ...sentences.map(item), ...toFillIn.map((question) => `- **To fill in:** ${plain(question)}`), ""],
  );
  const rows = draft.timeline.map(({ at, kind, service, text, detail, evidence, key }) => {
    const said = kind === "person" && detail !== null ? `: “${detail}”` : "";
    return row([
      clock(at),
      kind,
      `${service === null || text.includes(service) ? "" : `**${plain(service)}** `}${plain(`${text}${said}`)} ${refs({ evidence, entries: [key] })}`,
    ]);
  });
  const lines = [
    `# Postmortem: ${write(draft.title)}`,
    "",
    `> ${draftNotice(draft, now)} ${link("Incident page", page)}`,
    "",
    ...parts,
    ...(draft.open.length === 0 ? [] : ["## Could not be checked", "", ...draft.open.map(item), ""]),
    ...(rows.length === 0 ? [] : ["## Timeline (UTC)", "", row(["Time", "", "What happened"]), row(["---", "---", "---"]), ...rows, ""]),
  ];
  return visibleText(`${lines.join("\n").trimEnd()}\n`);
}
