/**
 * How much strangers can make this process read. A signature can only be checked over the whole body, so each large body costs time before
 * anything is known of its sender. Who proves to be the sender gets its bytes back; all others share what is left.
 */

/** A body of this size is always read: pagers and Slack send less, and so genuine ones pass while somebody floods from the same address. */
export const FREE_BYTES = 65_536;
const MEGABYTE = 1_048_576;
/** At once, and more each second: for one address, and for all together. */
const ADDRESS = { most: 2 * MEGABYTE, aSecond: MEGABYTE / 8 };
const ALL = { most: 8 * MEGABYTE, aSecond: MEGABYTE };
/** Addresses that are remembered; the oldest are forgotten. */
const MOST_ADDRESSES = 10_000;

interface Bucket {
  left: number;
  at: number;
}

export interface BodyBudget {
  /** Whether a body may be read now; its bytes are then spent. */
  readonly take: (address: string, bytes: number) => boolean;
  /** For a sender that was who it said. */
  readonly giveBack: (address: string, bytes: number) => void;
}

/** @param now epoch milliseconds */
export function createBodyBudget(now: () => number): BodyBudget {
  const all: Bucket = { left: ALL.most, at: now() };
  const byAddress = new Map<string, Bucket>();
  const filled = (bucket: Bucket, { most, aSecond }: typeof ALL): Bucket => {
    const at = now();
    bucket.left = Math.min(most, bucket.left + (Math.max(0, at - bucket.at) / 1_000) * aSecond);
    bucket.at = at;
    return bucket;
  };
  const bucketOf = (address: string): Bucket => {
    const known = byAddress.get(address);
    if (known !== undefined) return filled(known, ADDRESS);
    const [oldest] = byAddress.keys();
    if (byAddress.size >= MOST_ADDRESSES && oldest !== undefined) byAddress.delete(oldest);
    const made: Bucket = { left: ADDRESS.most, at: now() };
    byAddress.set(address, made);
    return made;
  };
  return {
    take(address, bytes) {
      if (bytes <= FREE_BYTES) return true;
      const own = bucketOf(address);
      filled(all, ALL);
      if (own.left < bytes || all.left < bytes) return false;
      own.left -= bytes;
      all.left -= bytes;
      return true;
    },
    giveBack(address, bytes) {
      if (bytes <= FREE_BYTES) return;
      const own = bucketOf(address);
      own.left = Math.min(ADDRESS.most, own.left + bytes);
      all.left = Math.min(ALL.most, all.left + bytes);
    },
  };
}
