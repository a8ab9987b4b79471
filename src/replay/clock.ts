/** Maps recording time to the time a replay serves it at, and back. Epoch milliseconds. */
export interface ReplayClock {
  /** Served minus recorded. */
  readonly offsetMs: number;
  toServed(recordedAt: number): number;
  toRecorded(servedAt: number): number;
}

/**
 * A clock on which an instant of the recording is served as `startedAt`. As a rule it is the recording's end, so that a client on the real clock sees an
 * incident that just happened, and afterwards nothing new happens. The offset is a whole number of milliseconds and stays for the life of the replay.
 */
export function replayClock(recordedAt: number, startedAt: number): ReplayClock {
  const offsetMs = Math.round(startedAt) - recordedAt;
  return { offsetMs, toServed: (at) => at + offsetMs, toRecorded: (at) => at - offsetMs };
}
