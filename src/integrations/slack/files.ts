import { IntegrationError } from "../../guard/errors.ts";
import type { Fetch } from "../../guard/outgoing.ts";
import type { Call } from "./call.ts";
import { pages, parsed, searchedSince } from "./reading.ts";
import { sharedFilesSchema, toUploadSchema } from "./schema.ts";

/** A file that is to be shown in a thread. */
interface ToShare {
  readonly channel: string;
  readonly threadTs: string;
  readonly file: string;
  readonly title: string;
}

/** @param send to where Slack takes bytes */
export function fileCalls(call: Call, send: Fetch) {
  return {
    /**
     * Brings bytes to Slack; nobody sees them before they are shared. Needs the scope `files:write`.
     * @param alt what is to be seen, for people who don't see it, at most 1,000 characters
     * @returns the file's id
     */
    async uploadFile(
      { name, alt, bytes }: { readonly name: string; readonly alt: string; readonly bytes: Uint8Array<ArrayBuffer> },
      signal?: AbortSignal,
    ): Promise<string> {
      const method = "files.getUploadURLExternal";
      const told = await call(method, { filename: name, length: bytes.byteLength, alt_txt: alt }, signal);
      const { upload_url: url, file_id: id } = parsed(toUploadSchema, told, method);
      const response = await send(url, {
        method: "POST",
        headers: { "content-type": "application/octet-stream" },
        body: bytes,
        ...(signal === undefined ? {} : { signal }),
      });
      await response.body?.cancel();
      if (response.ok) return id;
      const { status } = response;
      throw new IntegrationError("slack", `slack answered ${status} for the upload of ${name}`, { status, retryable: status >= 500 });
    },

    /** Shows an uploaded file in a thread, once: Slack takes no second time. @throws SlackRefusalError */
    async shareFile({ channel, threadTs, file, title }: ToShare, signal?: AbortSignal): Promise<void> {
      await call("files.completeUploadExternal", { files: [{ id: file, title }], channel_id: channel, thread_ts: threadTs }, signal);
    },

    /** Whether a thread shows a file. @param since no older messages are looked at, epoch milliseconds */
    async findSharedFile(
      { channel, threadTs, file, since }: Pick<ToShare, "channel" | "threadTs" | "file"> & { readonly since: number },
      signal?: AbortSignal,
    ): Promise<boolean> {
      const method = "conversations.replies";
      let found = false;
      await pages(
        call,
        method,
        { channel, ts: threadTs, oldest: searchedSince(since), inclusive: true, limit: 200 },
        (told) => {
          const { messages } = parsed(sharedFilesSchema, told, method);
          return (found = messages.some(({ files }) => files?.some(({ id }) => id === file) === true));
        },
        signal,
      );
      return found;
    },
  };
}
