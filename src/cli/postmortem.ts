import { postmortemMarkdown } from "../web/postmortem-markdown.ts";
import { postmortemOf } from "../report/postmortem-worded.ts";
import { incidentLog } from "../store/incident-store.ts";
import { CommandError } from "./command-error.ts";
import { openStore } from "./open-store.ts";

/** `postmortem`: the draft of one incident as Markdown. @param origin where people reach midwatch */
export function postmortem({ incident, origin }: { readonly incident: string; readonly origin: string }): number {
  const store = openStore();
  try {
    const log = incidentLog(store.sql).read(incident);
    if (log.length === 0) throw new CommandError(`${store.path} has no incident ${JSON.stringify(incident)}.`, 1);
    console.log(postmortemMarkdown({ id: incident, draft: postmortemOf(log), origin, now: Date.now() }).trimEnd());
    return 0;
  } finally {
    store.close();
  }
}
