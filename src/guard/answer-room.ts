/**
 * How many bytes of answers may be in memory at once, before those who asked read them. Vendors decide how long their answers are and how many come
 * at the same time; an answer that finds no room waits in its connection, and fails nothing.
 */

/** What one answer has taken. */
export interface Place {
  /** Takes so many bytes more; a promise where it has to wait for them. */
  take(bytes: number): Promise<void> | null;
  /** Nothing of the answer is still to come: from here on its bytes wait for their reader alone. */
  arrived(): void;
  /** Gives all of it back. Any number of times. */
  leave(): void;
}

export interface AnswerRoom {
  enter(): Place;
}

/** An answer that nobody has read for so long is read by nobody, ms: its reader wanted the status alone, or has failed. */
const PATIENCE_MS = 60_000;

/** Answers up to this size take no room: most are, and thousands of them fit. */
const FREE_BYTES = 262_144;

interface Arriving {
  taken: number;
  waiting: { readonly bytes: number; readonly go: () => void } | null;
}

/**
 * The answer that began first always goes on, so some answer always arrives: all together hold `most` bytes and the rest of that one.
 * @param most bytes
 * @param patienceMs how long an answer that has arrived may wait for its reader and keep its room
 */
export function createAnswerRoom(most: number, patienceMs = PATIENCE_MS): AnswerRoom {
  /** Of which something is still to come, in the order in which they began. */
  const arriving = new Set<Arriving>();
  let taken = 0;
  const fits = (one: Arriving, bytes: number) => {
    const [first] = arriving;
    return one === first || taken + bytes <= most;
  };
  const letIn = () => {
    for (const one of arriving) {
      const { waiting } = one;
      if (waiting === null) continue;
      if (!fits(one, waiting.bytes)) return;
      one.waiting = null;
      one.taken += waiting.bytes;
      taken += waiting.bytes;
      waiting.go();
    }
  };
  return {
    enter() {
      const one: Arriving = { taken: 0, waiting: null };
      let read = 0;
      let timer: ReturnType<typeof setTimeout> | undefined;
      const leave = () => {
        clearTimeout(timer);
        arriving.delete(one);
        taken -= one.taken;
        one.taken = 0;
        letIn();
      };
      return {
        take(bytes) {
          read += bytes;
          if (read <= FREE_BYTES) return null;
          arriving.add(one);
          if (fits(one, bytes)) {
            one.taken += bytes;
            taken += bytes;
            return null;
          }
          return new Promise((go) => (one.waiting = { bytes, go }));
        },
        arrived() {
          arriving.delete(one);
          if (one.taken > 0) timer = setTimeout(leave, patienceMs);
          // A command that is done does not wait for it. Workers have numbers for timers.
          if (typeof timer === "object") timer.unref();
          letIn();
        },
        leave,
      };
    },
  };
}

/** Half a dozen searches of a thousand log lines. One answer may take it all. */
const MOST_BYTES = 16 * 1024 * 1024;

/** Of all answers that this thread reads. */
export const answersInFlight: AnswerRoom = createAnswerRoom(MOST_BYTES);
