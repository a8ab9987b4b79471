/** Options of commands that play a recording: what goes wrong at its vendors. */
export const conditionOptions = {
  latency: { type: "string", hint: "MS", about: "every vendor call takes this long, ms" },
  "rate-limit": { type: "string", hint: "N", about: "each vendor answers N calls a minute, then 429" },
  fault: {
    type: "string",
    hint: "VENDOR=FAULT",
    about: "datadog, sentry, github, pagerduty or slack with a status (503), timeout, cut or malformed",
  },
  ci: { type: "boolean", about: "GitHub runs the recording's own checks for pushed commits: its code runs on this machine" },
} as const;
