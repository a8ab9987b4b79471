import { isMutating, type PassedCall } from "./proxy.ts";

type Fields = Readonly<Record<string, unknown>>;

/** A body's fields, of JSON or of a form. */
function fieldsOf(body: string): Fields {
  if (!body.startsWith("{")) return Object.fromEntries(new URLSearchParams(body));
  return JSON.parse(body) as Fields;
}

const only = (fields: Fields, ...names: string[]) => Object.keys(fields).every((name) => names.includes(name));
const begins = (value: unknown, text: string) => typeof value === "string" && value.startsWith(text);

export interface Incident {
  /** Slack's id of its channel. */
  readonly channel: string;
  readonly repository: string;
}

/** The closed list of docs/security.md, written anew here: a mistake in the product's own policy must not hide itself. */
function isOutput({ vendor, method, path, body }: PassedCall, channel: string, repository: string): boolean {
  const bare = decodeURIComponent(path.replace(/\?.*$/, ""));
  if (vendor === "anthropic") return method === "POST" && bare === "/v1/messages";
  const fields = fieldsOf(body);
  if (vendor === "slack" && bare === "/api/files.completeUploadExternal") return fields["channel_id"] === channel;
  // Nobody sees what was uploaded before it is shared.
  if (vendor === "slack" && bare === "/api/files.getUploadURLExternal") return only(fields, "token", "filename", "length", "alt_txt");
  if (vendor === "slack" && bare.startsWith("/upload/v1/")) return method === "POST";
  if (vendor === "slack")
    return method === "POST" && ["/api/chat.postMessage", "/api/chat.update"].includes(bare) && fields["channel"] === channel;
  const root = `/repos/${repository}`;
  if (vendor !== "github" || !bare.startsWith(`${root}/`)) return false;
  const call = `${method} ${bare.slice(root.length)}`;
  if (call === "POST /git/trees" || call === "POST /git/commits") return true;
  if (call === "POST /git/refs") return begins(fields["ref"], "refs/heads/midwatch/");
  if (call.startsWith("PATCH /git/refs/heads/midwatch/")) return fields["force"] === false;
  if (call === "POST /pulls") return fields["draft"] === true && begins(fields["head"], "midwatch/");
  if (/^PATCH \/pulls\/\d+$/.test(call)) return only(fields, "title", "body");
  return /^POST \/issues\/\d+\/labels$/.test(call) && only(fields, "labels");
}

/** What changed anything and is none of the few outputs: nothing, ever. One line a call. */
export const strays = (calls: readonly PassedCall[], { channel, repository }: Incident): string[] =>
  calls
    .filter((call) => isMutating(call) && !isOutput(call, channel, repository))
    .map(({ vendor, method, path, body }) => `${vendor} ${method} ${path} ${body.slice(0, 200)}`);
