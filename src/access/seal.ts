import { deriveKey } from "../guard/pseudonym.ts";

/** Each purpose has a key of its own, so what was sealed for one opens nothing else. */
export type Purpose = "session" | "sign-in" | "incident-link";

/** What only this installation can make and read: encrypted and authenticated, with an end. */
export interface Sealer {
  /** @param lifeS seconds until it opens no more */
  seal(purpose: Purpose, data: Readonly<Record<string, unknown>>, lifeS: number): Promise<string>;
  /** What was sealed; null for what is forged, of another purpose or secret, or over. Its shape is for the caller to check. */
  open(purpose: Purpose, token: string): Promise<Readonly<Record<string, unknown>> | null>;
}

/** With the first token: without a sign-in there is none. */
const loadJose = () => import("jose");

const LONGEST_TOKEN = 8_192;
const encoder = new TextEncoder();

/**
 * Tokens by JWE (`dir`, AES-256-GCM), with keys from the settings' secrets by HKDF.
 * @param secrets the first one seals; all of them open, while one is changed for another
 * @param now epoch milliseconds
 */
export function createSealer(secrets: readonly string[], now: () => number): Sealer {
  const keys = new Map<string, Uint8Array>();
  const keyOf = (secret: string, purpose: Purpose): Uint8Array => {
    const name = `${purpose} ${secret}`;
    const key = keys.get(name) ?? deriveKey(secret, `midwatch ${purpose}`);
    keys.set(name, key);
    return key;
  };
  return {
    async seal(purpose, data, lifeS) {
      const [secret] = secrets;
      if (secret === undefined) throw new Error("nothing can be sealed without a secret");
      const nowS = Math.floor(now() / 1000);
      const { EncryptJWT } = await loadJose();
      return new EncryptJWT({ data })
        .setProtectedHeader({ alg: "dir", enc: "A256GCM" })
        .setAudience(purpose)
        .setExpirationTime(nowS + lifeS)
        .encrypt(keyOf(secret, purpose));
    },
    async open(purpose, token) {
      if (token.length > LONGEST_TOKEN) return null;
      const { errors, jwtDecrypt } = await loadJose();
      for (const secret of secrets) {
        try {
          const { payload } = await jwtDecrypt(token, keyOf(secret, purpose), {
            audience: purpose,
            requiredClaims: ["exp"],
            keyManagementAlgorithms: ["dir"],
            contentEncryptionAlgorithms: ["A256GCM"],
            currentDate: new Date(now()),
          });
          const { data } = payload;
          return typeof data === "object" && data !== null ? (data as Readonly<Record<string, unknown>>) : null;
        } catch (error) {
          if (!(error instanceof errors.JOSEError)) throw error;
        }
      }
      return null;
    },
  };
}

/** 256 random bits, for use in URLs, cookies and forms. */
export function randomToken(): string {
  return base64url(crypto.getRandomValues(new Uint8Array(32)));
}

function base64url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
}

/** SHA-256 of a text, for use in URLs. */
export async function digest(text: string): Promise<string> {
  return base64url(new Uint8Array(await crypto.subtle.digest("SHA-256", encoder.encode(text))));
}
