import { z } from "zod";
import type { Sealer } from "./seal.ts";

/** Everything that a session is, in the browser's cookie; the server keeps nothing. */
const personSession = z.object({
  kind: z.literal("person"),
  /** The provider's id of the person. */
  sub: z.string(),
  /** For people to read: the address, or a name. */
  name: z.string(),
  /** What the rules of roles look at. */
  claims: z.record(z.string(), z.unknown()),
  /** When the person signed in, epoch seconds. */
  since: z.number(),
  /** When this cookie was written, epoch seconds. */
  at: z.number(),
  /** Comes back with each form. */
  csrf: z.string(),
});
/** By a link from Slack: one incident, to look at. */
const linkSession = z.object({ kind: z.literal("link"), incident: z.string(), by: z.string(), until: z.number() });

const sessionSchema = z.discriminatedUnion("kind", [personSession, linkSession]);
export type Session = z.output<typeof sessionSchema>;

/** A session ends when nothing was asked for so long, and in any case after the longest time: then the provider is asked again. */
export const IDLE_S = 60 * 60;
const LONGEST_S = 12 * 60 * 60;
/** A cookie younger than this is not written again. */
const RENEW_S = 5 * 60;
/** How long a link from Slack shows its incident once it was opened. */
export const LINK_SESSION_S = 30 * 60;

/** Seconds that a session has left if nothing more is asked. */
export const lifeOf = (session: Session, nowS: number): number =>
  session.kind === "link" ? session.until - nowS : Math.min(IDLE_S, session.since + LONGEST_S - nowS);

/** Sessions as text for a cookie, sealed: nobody else can read or make one. */
export function createSessions(sealer: Sealer, now: () => number) {
  const nowS = () => Math.floor(now() / 1000);
  return {
    /** The session of a cookie; null for none, a forged one, or one that is over. */
    async read(cookie: string | undefined): Promise<Session | null> {
      if (cookie === undefined || cookie === "") return null;
      const parsed = sessionSchema.safeParse(await sealer.open("session", cookie));
      return parsed.success && lifeOf(parsed.data, nowS()) > 0 ? parsed.data : null;
    },
    write: (session: Session): Promise<string> => sealer.seal("session", session, Math.max(1, lifeOf(session, nowS()))),
    /** The same session, used just now; null while its cookie is young enough. */
    renewed: (session: Session): Session | null =>
      session.kind === "person" && nowS() - session.at >= RENEW_S ? { ...session, at: nowS() } : null,
  };
}
