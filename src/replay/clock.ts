/** Maps recording time to the time a replay serves it at, and back. Epoch milliseconds. */
export interface ReplayClock {
  /** Served minus recorded. */
  readonly offsetMs: number;
  toServed(recordedAt: number): number;
  toRecorded(servedAt: number): number;
}

/**
 * A clock on which the recording has just ended: its `window.to` is served as `startedAt`, so that a client on the real clock sees an incident
 * that just happened. The offset is a whole number of milliseconds and stays for the life of the replay: afterwards nothing new happens.
 */
export function replayClock(recordingEndsAt: number, startedAt: number): ReplayClock {
  const offsetMs = Math.round(startedAt) - recordingEndsAt;
  return { offsetMs, toServed: (at) => at + offsetMs, toRecorded: (at) => at - offsetMs };
}
