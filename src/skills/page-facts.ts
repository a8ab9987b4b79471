/** What an alert's text says about its origin, in lower case. */
export interface PageFacts {
  /** Ids and names of monitors. */
  readonly monitors: readonly string[];
  readonly tags: readonly string[];
}

const MONITOR_KEYS = ["monitor", "monitor_id", "monitor_name", "alert_id", "alert_name", "alertname", "alert_title", "rule_name"];
const MOST_TAGS = 500;

/**
 * Finds monitors and tags in a page. Details are lines "key: value" with nested keys joined by points, as the pager's alert text has them.
 * A page's title is its monitor's name, as Datadog sends it: behind "[Triggered]" or "[P2]".
 */
export function pageFacts(title: string, details: string): PageFacts {
  const monitors: string[] = [];
  const tags: string[] = [];
  let name = title.trim();
  for (let end = name.indexOf("]"); name.startsWith("[") && end >= 0; end = name.indexOf("]")) name = name.slice(end + 1).trimStart();
  if (name !== "") monitors.push(name.toLowerCase());
  for (const line of details.split("\n")) {
    const colon = line.indexOf(": ");
    const key =
      colon < 0
        ? ""
        : line
            .slice(line.lastIndexOf(".", colon) + 1, colon)
            .trim()
            .toLowerCase();
    const value =
      colon < 0
        ? ""
        : line
            .slice(colon + 2)
            .trim()
            .toLowerCase();
    if (MONITOR_KEYS.includes(key)) monitors.push(value);
    // Nested objects come as lines of their own: "monitor.id: 4".
    else if (/(?:^|\.)monitor\.(?:id|name)$/.test(line.slice(0, Math.max(colon, 0)).slice(-60).toLowerCase())) monitors.push(value);
    else if (key === "tags" || key === "tag") tags.push(...value.split(/[\s,]+/).filter((tag) => tag !== ""));
    for (const [, id = ""] of line.matchAll(/\/monitors\/(\d{1,20})/g)) monitors.push(id);
  }
  return { monitors, tags: tags.slice(0, MOST_TAGS) };
}
