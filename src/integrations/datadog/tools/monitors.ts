import { z } from "zod";
import type { Unnumbered } from "../../../incident/answer.ts";
import type { MonitorState } from "../../../incident/telemetry.ts";
import { composeView, counted, outsideLine, utc } from "../../../report/tool-view.ts";
import { defineTool } from "../../../incident/tool.ts";
import type { DatadogClient } from "../client.ts";
import { count } from "../words.ts";
import { datadogService } from "./scope.ts";

const states = ["Alert", "Warn", "No Data", "Unknown", "OK"] as const satisfies readonly MonitorState["state"][];

function describe(monitor: Unnumbered<MonitorState>, nameOf: (service: string) => string): string[] {
  const since = monitor.triggeredAt === null ? "" : ` since ${utc(monitor.triggeredAt)}`;
  const service = monitor.service === null ? "" : `, ${outsideLine(nameOf(monitor.service), 80)}`;
  return [
    `- ${monitor.state}${since}: ${outsideLine(monitor.name, 160)} (id ${monitor.id}${service})`,
    `  | query: ${outsideLine(monitor.query, 700)}`,
    ...(monitor.message.trim() === "" ? [] : [`  | message: ${outsideLine(monitor.message, 300)}`]),
  ];
}

/** Monitors of a service, those in alarm first. */
export const monitorsTool = (datadog: DatadogClient) =>
  defineTool({
    name: "datadog_monitors",
    source: "Datadog monitors",
    description:
      "Which alarms are there, which fire, and what exactly do they measure: state and since when, query with threshold, message.",
    input: z.object({
      service: z
        .string()
        .min(1)
        .max(200)
        .optional()
        .describe("Only those tagged with this service of the catalog, or naming it in their query"),
      text: z.string().min(1).max(200).optional().describe("Only monitors with this text in name, query or message"),
      firing: z.boolean().default(false).describe("true: only those in state Alert, Warn or No Data. Default: all states"),
      limit: z.int().min(1).max(100).default(20).describe("Most monitors, 1 to 100; default 20. Firing ones first"),
    }),
    async run({ service, text, firing, limit }, { question, signal }) {
      const answer = await datadog.listMonitors(service === undefined ? {} : { service: datadogService(question, service) }, signal);
      const wanted = text?.toLowerCase();
      const found = answer.value
        .filter(
          ({ name, query, message }) => wanted === undefined || [name, query, message].some((part) => part.toLowerCase().includes(wanted)),
        )
        .filter(({ state }) => !firing || (state !== "OK" && state !== "Unknown"))
        .toSorted(
          (a, b) => states.indexOf(a.state) - states.indexOf(b.state) || (b.triggeredAt ?? 0) - (a.triggeredAt ?? 0) || a.id - b.id,
        );
      const counts = states.flatMap((state) => {
        const number = found.filter((monitor) => monitor.state === state).length;
        return number === 0 ? [] : [`${count(number)} ${state}`];
      });
      const about = [
        ...(service === undefined ? [] : [` of ${outsideLine(service, 80)}`]),
        ...(text === undefined ? [] : [` with "${outsideLine(text, 80)}"`]),
        ...(firing ? [" that fire"] : []),
      ].join("");
      const summary = found.length === 0 ? `no monitors${about}` : `${counted(found.length, "monitor")}${about}: ${counts.join(", ")}`;
      const [top] = found;
      return {
        answers: [answer],
        view: (evidence) =>
          composeView(
            {
              facts: [summary],
              items: found.slice(0, limit).map((monitor) => ({ lines: describe(monitor, question.nameOf) })),
              rest: (left) => `${count(left)} more monitors do not fit here: give service, text, or firing: true.`,
              notes: [
                ...(found.length > limit
                  ? [`${count(found.length - limit)} further monitors left out; raise limit, or give service, text, or firing: true`]
                  : []),
                ...(answer.cut === null ? [] : [answer.cut]),
                ...(found.length === 0 && (service !== undefined || text !== undefined)
                  ? ["without service and text all monitors are listed"]
                  : []),
              ],
            },
            evidence,
          ),
        fact: outsideLine(`Datadog monitors: ${summary}${top === undefined ? "" : `; first: ${top.state} ${top.name}`}`, 400),
      };
    },
  });
