/** How many live pages may be open at once. Each holds a connection and what its reader has not taken yet, and is drawn again at each event. */

/** Together, and from one address: behind a company's proxy many people have the same one. */
const MOST = 1_000;
const MOST_OF_ONE = 300;

/** What lets a stream begin, or says in words why not. */
export interface StreamPlaces {
  /** @returns what gives the place back, any number of times; or why there is none */
  take(address: string): (() => void) | { readonly full: string };
}

export function createStreamPlaces(most = MOST, mostOfOne = MOST_OF_ONE): StreamPlaces {
  const byAddress = new Map<string, number>();
  let taken = 0;
  return {
    take(address) {
      const own = byAddress.get(address) ?? 0;
      const full =
        taken >= most ? `${most} live pages are open` : own >= mostOfOne ? `${mostOfOne} live pages are open from your address` : null;
      if (full !== null) return { full: `${full}, as many as midwatch keeps. This page tries again; reload it to see what is new.\n` };
      taken++;
      byAddress.set(address, own + 1);
      let isLeft = false;
      return () => {
        if (isLeft) return;
        isLeft = true;
        taken--;
        const left = (byAddress.get(address) ?? 1) - 1;
        if (left === 0) byAddress.delete(address);
        else byAddress.set(address, left);
      };
    },
  };
}
