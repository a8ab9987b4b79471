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
  // Bots and webhooks of chats: who has the address may write there. Discord, Teams, Telegram, Google Chat, Feishu, DingTalk, WeCom, Mattermost.
  { kind: "chat-webhook", pattern: /discord(?:app)?\.com\/api\/(?:v\d{1,2}\/)?webhooks\/\d{15,21}\/([A-Za-z0-9_-]{40,100})/dg },
  { kind: "chat-webhook", pattern: /webhook\.office\.com\/webhookb2\/([A-Za-z0-9@/_-]{36,400})/dg },
  { kind: "chat-webhook", pattern: /chat\.googleapis\.com\/v1\/spaces\/([^\s"'<>]{30,300})/dg },
  { kind: "chat-webhook", pattern: /open-apis\/bot\/v2\/hook\/([A-Za-z0-9-]{20,60})/dg },
  { kind: "chat-webhook", pattern: /qyapi\.weixin\.qq\.com\/cgi-bin\/webhook\/send\?key=([A-Za-z0-9-]{20,60})/dg },
  { kind: "chat-token", pattern: /(?<![A-Za-z0-9])\d{8,10}:AA[A-Za-z0-9_-]{33}(?![A-Za-z0-9_-])|(?<=\/bot)\d{8,10}:AA[A-Za-z0-9_-]{33}/g },
  { kind: "chat-token", pattern: /(?<![A-Za-z0-9_.-])[MNO][A-Za-z0-9_-]{23,27}\.[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{27,40}(?![A-Za-z0-9_-])/g },
  {
    kind: "vendor-token",
    // GitHub App installations, 1Password, Grafana Cloud, Vault recovery, Vercel, Cloudflare, Pulumi, Sourcegraph, Terraform Cloud, Brevo, Dynatrace,
    // Typeform, Replicate, Prefect, ReadMe, Square, Shippo, Alibaba, Adafruit, Artifactory, Heroku, NuGet, Perplexity.
    pattern:
      /(?<![A-Za-z0-9_-])(?:ghs_\d{1,20}_[A-Za-z0-9_.-]{20,4000}|ops_ey[A-Za-z0-9+/=]{100,1280}|glc_[A-Za-z0-9+/]{32,400}={0,2}|hvr\.[A-Za-z0-9_-]{24,300}|vc[pirak]_[A-Za-z0-9]{20,60}|cf(?:k|ut|at)_[A-Za-z0-9]{40}[0-9a-f]{8}|pul-[a-f0-9]{40}|sgp_[A-Za-z0-9_]{40,80}|[A-Za-z0-9]{14}\.atlasv1\.[A-Za-z0-9_=-]{60,70}|xkeysib-[a-f0-9]{64}-[A-Za-z0-9]{16}|dt0c01\.[A-Z0-9]{24}\.[A-Z0-9]{64}|tfp_[A-Za-z0-9_.=-]{44,60}|r8_[A-Za-z0-9]{37}|pnu_[A-Za-z0-9]{36}|rdme_[a-z0-9]{70}|sq0(?:atp|csp)-[A-Za-z0-9_-]{22,60}|shippo_(?:live|test)_[a-f0-9]{40}|LTAI[A-Za-z0-9]{17,24}|aio_[A-Za-z0-9]{28}|AKCp[A-Za-z0-9]{69}|HRKU-[A-Za-z0-9_-]{36,70}|oy2[a-z0-9]{43}|pplx-[A-Za-z0-9]{48})(?![A-Za-z0-9])/g,
  },
  { kind: "sentry-dsn", pattern: /https?:\/\/[a-f0-9]{32}(?::[a-f0-9]{32})?@[A-Za-z0-9.-]{1,200}\/\d{1,20}/g },
  { kind: "jwt", pattern: /(?<![A-Za-z0-9_.-])eyJ[A-Za-z0-9_-]{8,4000}\.eyJ[A-Za-z0-9_-]{4,8000}\.[A-Za-z0-9_-]{0,2000}/g },
];

/** Beginnings of tokens; the exact shapes are tried around them only. Few texts have any. */
const tokenBegins =
  /A(?:KIA|SIA|GPA|IDA|ROA|NPA|NVA|IPA)[A-Z0-9]{16}|AIza|ya29\.|GOCSPX-|(?:Account|SharedAccess)Key=|(?<=[?&])sig=|[78]Q~|gh[oprsu]_|github_pat_|gl[a-z]{2,5}-|xox|xapp-|xwfp-|hooks\.slack|[rs]k_(?:live|test)_|whsec_|sk-|gsk_|xai-|lin_(?:api|oauth)|ntn_|AT[AC]TT|PMAK-|dckr_|rubygems_|key-|figd_|sb[ps]_|pscale_|tskey-|fm[12][ar]?_|(?:AC|SK)[a-f0-9]{32}|npm_|pypi-|SG\.|hf_|do[opr]_v1|hv[bsr]\.|dapi[a-f0-9]|NRAK-|glsa_|glc_|sntry|dp\.[a-z]|shp[a-z]{2}_|pdus\+|AGE-SEC|:\/\/[a-f0-9]{32}|eyJ|discord|webhook\.office|chat\.googleapis|open-apis\/bot|qyapi\.|:AA[A-Za-z0-9_-]{33}|[MNO][A-Za-z0-9]{2}[A-Za-z0-9_-]{21,25}\.[A-Za-z0-9_-]{6}\.|ops_ey|vc[pirak]_|cf(?:k|ut|at)_|pul-|sgp_|\.atlasv1|xkeysib|dt0c01|tfp_|r8_|pnu_|rdme_|sq0|shippo_|LTAI|aio_|AKCp|HRKU-|oy2|pplx-/y;

const hexDigits = [..."0123456789abcdef"];
const lettersAndDigits = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
/** For `beginningsOf`: the first characters of all of {@link tokenBegins}. */
export const tokenBeginnings: readonly string[] = [
  ...(
    "AKIA ASIA AGPA AIDA AROA ANPA ANVA AIPA AIza ya29 GOCS Acco Shar sig= 7Q~ 8Q~ gho_ ghp_ ghr_ ghs_ ghu_ gith xox xapp xwfp hook rk_l rk_t sk_l sk_t whse " +
    "sk- gsk_ xai- lin_ ntn_ ATAT ATCT PMAK dckr ruby key- figd sbp_ sbs_ psca tske fm1 fm2 npm_ pypi SG. hf_ doo_ dop_ dor_ hvb. hvs. hvr. dapi NRAK glsa " +
    "glc_ sntr dp. shpa shpc shps shpp pdus AGE- eyJ disc webh chat open qyap :AA ops_ vcp_ vci_ vcr_ vca_ vck_ cfk_ cfut cfat pul- sgp_ .atl xkey dt0c tfp_ " +
    "r8_ pnu_ rdme sq0 ship LTAI aio_ AKCp HRKU oy2 pplx"
  ).split(" "),
  ..."abcdefghijklmnopqrstuvwxyz".split("").map((letter) => `gl${letter}`),
  ...hexDigits.flatMap((digit) => [`AC${digit}`, `SK${digit}`, `://${digit}`]),
  // Discord's tokens begin with an id in base64: MT, MD, Nj, OT and such, then a letter or a digit.
  ..."MT MD MA Mz Nj NT ND Nz OT OD OA".split(" ").flatMap((start) => [...lettersAndDigits].map((next) => `${start}${next}`)),
];
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

const awsSecret = /(?<![A-Za-z0-9+=])\/?([A-Za-z0-9/+]{40})(?![A-Za-z0-9/+=])/dg;
const AROUND_KEY_ID = 200;

/** What is beside the id of a key: the secret has no beginning of its own. A hash has letters of one case only. */
function* awsSecretsBeside(text: string, at: number): Generator<Place> {
  const from = Math.max(0, at - AROUND_KEY_ID);
  for (const { 1: value = "", indices } of text.slice(from, at + AROUND_KEY_ID).matchAll(awsSecret)) {
    const start = from + (indices?.[1]?.[0] ?? 0);
    if (/[a-z]/.test(value) && /[A-Z]/.test(value) && /\d/.test(value))
      yield { kind: "aws-key", secret: true, start, end: start + value.length };
  }
}

/**
 * Tokens in a text; places may overlap.
 * @param begins where one of {@link tokenBeginnings} may be, first to last
 */
export function* tokensIn(text: string, begins: readonly number[]): Generator<Place> {
  let done = 0;
  let least = 0;
  for (const at of begins) {
    if (at < least) continue;
    tokenBegins.lastIndex = at;
    const match = tokenBegins.exec(text);
    if (match === null) continue;
    const from = Math.max(done, match.index - TOKEN_BEFORE);
    let to = Math.min(text.length, match.index + TOKEN_AFTER);
    const most = Math.min(text.length, match.index + LONGEST_TOKEN);
    while (to < most && isTokenCode(text.charCodeAt(to))) to++;
    const part = withoutEscapes(text.slice(from, to));
    for (const { kind, pattern, holds } of tokenShapes) {
      for (const { 0: whole, 1: value = whole, index, indices } of part.matchAll(pattern)) {
        const start = from + (indices?.[1]?.[0] ?? index);
        if (holds?.(value) === false) continue;
        yield { kind, secret: true, start, end: start + value.length };
        if (kind === "aws-key") yield* awsSecretsBeside(text, start);
      }
    }
    for (const { 0: found, index } of part.matchAll(cutToken))
      if (to === text.length || index + found.length < part.length)
        yield { kind: CUT_TOKEN, secret: true, start: from + index, end: from + index + found.length };
    // What follows was looked at, but for a token that begins near its end.
    done = Math.max(match.index + match[0].length, to - TOKEN_AFTER);
    least = Math.max(match.index + match[0].length, to - TOKEN_BEFORE - 64);
  }
}
