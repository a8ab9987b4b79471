import { statsOf, type Stats } from "../report/stats.ts";
import { duration } from "../report/words.ts";
import { incidentLog } from "../store/incident-store.ts";
import { openStore } from "./open-store.ts";

type Row = Stats["byService"][number];

const share = ({ right, area, wrong }: Row): string => {
  const said = right + area + wrong;
  return said === 0 ? "nobody said" : `${right} of ${said} right${area > 0 ? `, ${area} in the right area` : ""}`;
};

/** Rows with their names in one column. */
function table(title: string, rows: readonly Row[]): string[] {
  if (rows.length === 0) return [];
  const width = Math.max(...rows.map(({ name }) => name.length));
  return [
    "",
    title,
    ...rows.map((row) => `  ${row.name.padEnd(width)}  ${share(row)}${row.unsaid > 0 ? `, ${row.unsaid} without a word` : ""}`),
  ];
}

const took = (ms: number | null): string => (ms === null ? "none" : duration(ms));

function inWords({ incidents, joined, byService, bySureness, median, dollars }: Stats): string {
  return [
    `Incidents: ${incidents}${joined > 0 ? `, and ${joined} pages that joined one` : ""}`,
    `Median after the page: first words ${took(median.firstWordsMs)}, brief ${took(median.briefMs)}, finding ${took(median.findingMs)}`,
    `Models: $${dollars.toFixed(2)}`,
    ...table("Answers by service, as people judged them", byService),
    ...table("Answers that blame something, by how sure they said they were", bySureness),
  ].join("\n");
}

/** `stats`: what people said of midwatch's answers, how long they took and what they cost. */
export function stats({ json }: { readonly json: boolean }): number {
  const store = openStore();
  try {
    const log = incidentLog(store.sql);
    const ids = store.sql.all<{ incident: string }>("select distinct incident from event order by incident");
    // One at a time: of a year of incidents not all fit into memory.
    const found = statsOf(
      (function* () {
        for (const { incident } of ids) yield log.read(incident);
      })(),
    );
    console.log(json ? JSON.stringify(found) : inWords(found));
    return 0;
  } finally {
    store.close();
  }
}
