/** An answer whose body is in memory, once: the usual `Response` copies it when it is made and again when it is read. */

/** Answers of which only the beginning was read. */
const cut = new WeakSet<Response>();

/** Whether the body is only the beginning of what the vendor had to say. */
export const wasCut = (response: Response): boolean => cut.has(response);

/** Statuses that may not have a body, by the Fetch standard. */
const bodiless = new Set([204, 205, 304]);

export interface HeldInit extends ResponseInit {
  /** SDKs read it (octokit pages by it), and a `Response` that was made has an empty one. */
  readonly url: string;
  /** See {@link wasCut}. */
  readonly isCut: boolean;
  /** Called when the body was taken, or never will be. */
  readonly onTaken: () => void;
}

/** @param bytes the body; it belongs to the answer from then on */
export function heldAnswer(bytes: Uint8Array<ArrayBuffer>, init: HeldInit): Response {
  const { url, isCut, onTaken, ...head } = init;
  const isBodiless = bodiless.has(head.status ?? 200);
  let left: Uint8Array<ArrayBuffer> | null = bytes;
  const take = (): Uint8Array<ArrayBuffer> => {
    if (left === null) throw new TypeError("The body of this answer was read before.");
    const taken = left;
    left = null;
    onTaken();
    return taken;
  };
  if (isBodiless || bytes.byteLength === 0) onTaken();
  const stream = () =>
    new ReadableStream<Uint8Array<ArrayBuffer>>(
      {
        pull(controller) {
          const taken = take();
          if (taken.byteLength > 0) controller.enqueue(taken);
          controller.close();
        },
        cancel: () => void (left === null || take()),
      },
      { highWaterMark: 0 },
    );
  const answer = new Response(isBodiless ? null : stream(), head);
  if (isCut) cut.add(answer);
  const text = async () => new TextDecoder().decode(take());
  const quick = {
    url,
    text,
    json: async (): Promise<unknown> => JSON.parse(await text()) as unknown,
    arrayBuffer: async () => take().buffer,
    clone: () => heldAnswer(left ?? take(), { ...init, onTaken: () => undefined }),
  };
  for (const [name, value] of Object.entries(isBodiless ? { url } : quick)) Object.defineProperty(answer, name, { value });
  return answer;
}
