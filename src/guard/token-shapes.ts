import type { Place } from "./place.ts";

/** Tokens of vendors, known by how they begin. Time is linear in the text: each pattern begins where a token begins, and its runs are bounded. */

/** A pattern, with the group that is the value where it is not the whole match ("d" gives its place), and a second look at it. */
interface Shape {
  readonly kind: string;
  readonly pattern: RegExp;
  readonly holds?: (value: string) => boolean;
}

const tokenShapes: readonly Shape[] = [
  { kind: "aws-key", pattern: /(?<![A-Za-z0-9])A(?:KIA|SIA|GPA|IDA|ROA|NPA|NVA|IPA)[A-Z0-9]{16}(?![A-Za-z0-9])/g },
  { kind: "gcp-key", pattern: /(?<![A-Za-z0-9_-])AIza[A-Za-z0-9_-]{35}(?![A-Za-z0-9_-])/g },
  { kind: "gcp-key", pattern: /(?<![A-Za-z0-9_-])(?:ya29\.[A-Za-z0-9_-]{20,400}|GOCSPX-[A-Za-z0-9_-]{28})/g },
  { kind: "azure-key", pattern: /\b(?:AccountKey|SharedAccessKey)=([A-Za-z0-9+/]{40,100}={0,2})/dg },
  { kind: "azure-key", pattern: /[?&]sig=([A-Za-z0-9%+/]{40,120})/dg },
  { kind: "azure-key", pattern: /(?<![A-Za-z0-9_~.-])[A-Za-z0-9_~.-]{3}[78]Q~[A-Za-z0-9_~.-]{31,34}(?![A-Za-z0-9_~.-])/g },
  { kind: "github-token", pattern: /(?<![A-Za-z0-9_])(?:gh[oprsu]_[A-Za-z0-9]{36,255}|github_pat_[A-Za-z0-9_]{22,255})/g },
  { kind: "gitlab-token", pattern: /(?<![A-Za-z0-9_-])gl(?:pat|dt|rt|cbt|ptt|ft|soat|agent|oas|imt|ffct)-[A-Za-z0-9_.-]{20,300}/g },
  { kind: "slack-token", pattern: /(?<![A-Za-z0-9_-])(?:xox[abceoprs]|xapp|xwfp)-[A-Za-z0-9-]{10,300}/g },
  { kind: "slack-token", pattern: /hooks\.slack\.com\/(?:services|workflows|triggers)\/[A-Za-z0-9/_-]{20,200}/g },
  { kind: "stripe-key", pattern: /(?<![A-Za-z0-9_])(?:[rs]k_(?:live|test)_[A-Za-z0-9]{16,255}|whsec_[A-Za-z0-9+/=]{24,100})/g },
  { kind: "model-provider-key", pattern: /(?<![A-Za-z0-9_-])sk-ant-[A-Za-z0-9_-]{20,300}/g },
  {
    kind: "model-provider-key",
    pattern: /(?<![A-Za-z0-9_-])sk-(?:proj-|svcacct-|admin-)?([A-Za-z0-9_-]{20,300})/dg,
    holds: (value) => /\d/.test(value) && /[A-Z]/.test(value),
  },
  // OpenRouter, Groq, xAI, and what others wrote after the same fashion in hex.
  {
    kind: "model-provider-key",
    pattern:
      /(?<![A-Za-z0-9_-])(?:sk-or-v1-[a-f0-9]{32,100}|sk-[a-f0-9]{32,100}|gsk_[A-Za-z0-9]{40,80}|xai-[A-Za-z0-9]{40,120})(?![A-Za-z0-9])/g,
    holds: (value) => /\d/.test(value),
  },
  {
    kind: "vendor-token",
    // Linear, Notion, Atlassian, Postman, Docker Hub, RubyGems, Mailgun, Figma, Supabase, PlanetScale, Tailscale, Fly.io.
    pattern:
      /(?<![A-Za-z0-9_-])(?:lin_(?:api|oauth)_[A-Za-z0-9]{32,80}|ntn_[A-Za-z0-9]{40,60}|AT[AC]TT3x[A-Za-z0-9_=-]{40,300}|PMAK-[a-f0-9]{24}-[a-f0-9]{34}|dckr_(?:pat|oat)_[A-Za-z0-9_-]{20,60}|rubygems_[a-f0-9]{48}|key-[a-f0-9]{32}|figd_[A-Za-z0-9_-]{30,60}|sb[ps]_[a-f0-9]{40}|pscale_(?:tkn|pw|oauth)_[A-Za-z0-9_.=-]{30,100}|tskey-[a-z]{2,12}-[A-Za-z0-9]{8,40}-[A-Za-z0-9]{20,60}|fm[12][ar]?_[A-Za-z0-9+/=_-]{40,400})(?![A-Za-z0-9])/g,
  },
  // Twilio's accounts and keys.
  { kind: "vendor-token", pattern: /(?<![A-Za-z0-9])(?:AC|SK)[a-f0-9]{32}(?![A-Za-z0-9])/g },
  {
    kind: "vendor-token",
    // npm, PyPI, SendGrid, Hugging Face, DigitalOcean, Vault, Databricks, New Relic, Grafana, Sentry, Doppler, Shopify, PagerDuty, age.
    pattern:
      /(?<![A-Za-z0-9_-])(?:npm_[A-Za-z0-9]{36}|pypi-[A-Za-z0-9_-]{50,400}|SG\.[A-Za-z0-9_-]{16,32}\.[A-Za-z0-9_-]{32,64}|hf_[A-Za-z0-9]{30,60}|do[opr]_v1_[a-f0-9]{64}|hv[bs]\.[A-Za-z0-9_-]{24,300}|dapi[a-f0-9]{32}|NRAK-[A-Z0-9]{27}|glsa_[A-Za-z0-9]{32}_[a-f0-9]{8}|sntry[su]_[A-Za-z0-9_=+/-]{30,400}|dp\.[a-z]{2,5}\.[A-Za-z0-9]{40,44}|shp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}|pdus\+_[A-Za-z0-9_+-]{20,60}|AGE-SECRET-KEY-1[A-Z0-9]{58})/g,
  },
  { kind: "sentry-dsn", pattern: /https?:\/\/[a-f0-9]{32}(?::[a-f0-9]{32})?@[A-Za-z0-9.-]{1,200}\/\d{1,20}/g },
  { kind: "jwt", pattern: /(?<![A-Za-z0-9_.-])eyJ[A-Za-z0-9_-]{8,4000}\.eyJ[A-Za-z0-9_-]{4,8000}\.[A-Za-z0-9_-]{0,2000}/g },
];

/** Beginnings of tokens; the exact shapes are tried around them only. Few texts have any. */
const tokenBegins =
  /A(?:KIA|SIA|GPA|IDA|ROA|NPA|NVA|IPA)[A-Z0-9]{16}|AIza|ya29\.|GOCSPX-|(?:Account|SharedAccess)Key=|[?&]sig=|[78]Q~|gh[oprsu]_|github_pat_|gl[a-z]{2,5}-|xox|xapp-|xwfp-|hooks\.slack|[rs]k_(?:live|test)_|whsec_|sk-|gsk_|xai-|lin_(?:api|oauth)|ntn_|AT[AC]TT|PMAK-|dckr_|rubygems_|key-|figd_|sb[ps]_|pscale_|tskey-|fm[12][ar]?_|(?:AC|SK)[a-f0-9]{32}|npm_|pypi-|SG\.|hf_|do[opr]_v1|hv[bs]\.|dapi[a-f0-9]|NRAK-|glsa_|sntry|dp\.[a-z]|shp[a-z]{2}_|pdus\+|AGE-SEC|:\/\/[a-f0-9]{32}|eyJ/g;
export const CUT_TOKEN = "cut-token";
/** A token that was cut off before it came here: too short for its shape, but its beginning says what it is. */
const cutToken =
  /(?<![A-Za-z0-9_-])(?:gh[oprsu]_|github_pat_|glpat-|xox[abeprs]-|xapp-|sk-ant-|sk_live_|rk_live_|AKIA|ASIA|AIza|npm_|hf_|hvs\.|SG\.|eyJ)[A-Za-z0-9_.-]{4,300}(?=…|\.\.\.|$)/g;
const TOKEN_BEFORE = 64;
const TOKEN_AFTER = 600;
/** A web token may be this long. */
const LONGEST_TOKEN = 16_000;
const isTokenCode = (code: number): boolean =>
  (code >= 48 && code <= 57) || (code >= 65 && code <= 90) || (code >= 97 && code <= 122) || code === 95 || code === 45 || code === 46;

/** Escapes of JSON as blanks: the letter of "\n" is no part of the word behind it. */
const withoutEscapes = (text: string): string => (text.includes("\\") ? text.replaceAll(/\\[nrtbf"\\/]/g, "  ") : text);

/** Tokens in a text; places may overlap. */
export function* tokensIn(text: string): Generator<Place> {
  tokenBegins.lastIndex = 0;
  let done = 0;
  for (let match = tokenBegins.exec(text); match !== null; match = tokenBegins.exec(text)) {
    const from = Math.max(done, match.index - TOKEN_BEFORE);
    let to = Math.min(text.length, match.index + TOKEN_AFTER);
    const most = Math.min(text.length, match.index + LONGEST_TOKEN);
    while (to < most && isTokenCode(text.charCodeAt(to))) to++;
    const part = withoutEscapes(text.slice(from, to));
    for (const { kind, pattern, holds } of tokenShapes) {
      for (const { 0: whole, 1: value = whole, index, indices } of part.matchAll(pattern)) {
        const start = from + (indices?.[1]?.[0] ?? index);
        if (holds?.(value) !== false) yield { kind, secret: true, start, end: start + value.length };
      }
    }
    for (const { 0: found, index } of part.matchAll(cutToken))
      if (to === text.length || index + found.length < part.length)
        yield { kind: CUT_TOKEN, secret: true, start: from + index, end: from + index + found.length };
    // What follows was looked at, but for a token that begins near its end.
    done = Math.max(match.index + match[0].length, to - TOKEN_AFTER);
    tokenBegins.lastIndex = Math.max(match.index + match[0].length, to - TOKEN_BEFORE - 64);
  }
}
