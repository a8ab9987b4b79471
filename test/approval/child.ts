import { openApprovalDesk, type DeskOptions } from "./desk.ts";

/** A process of its own that asks, is answered by one click, and opens what was released. Its one argument: where everybody is, and its store. */
const options = JSON.parse(process.argv[2] ?? "{}") as Pick<DeskOptions, "slackUrl" | "vendorUrl" | "database">;
await using desk = openApprovalDesk(options);
await desk.begin();
const value = await desk.button();
await desk.click("U0ANA", value);
await desk.until((log) => log.some(({ event }) => event.type === "fix-proposed"));
