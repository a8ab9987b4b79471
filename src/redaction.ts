import { type Config, intakeSecrets, secretValues } from "./config.ts";
import { createRedaction, type Redaction } from "./guard/redact.ts";
import { parseRedactionRules } from "./guard/redaction-rules.ts";
import { intakes as allIntakes } from "./intake/index.ts";
import type { Intake } from "./intake/intake.ts";
import type { Vendor } from "./integrations/vendor.ts";
import { vendors as allVendors } from "./integrations/vendors.ts";

/** What is hidden by these settings. @param rules text of the operator's file, null where there is none. @throws RedactionRulesError */
export function redactionOf(
  config: Config,
  rules: string | null = null,
  vendors: readonly Vendor[] = allVendors,
  intakes: readonly Intake[] = allIntakes,
): Redaction {
  return createRedaction({
    own: secretValues(config, vendors, intakes),
    ...(rules === null ? {} : { rules: parseRedactionRules(rules, config.REDACTION_RULES ?? "REDACTION_RULES") }),
    // The pager's secret is the one that every installation has; a key of its own outlives its rotation.
    labelSecret: config.REDACTION_KEY ?? intakeSecrets(config, intakes)[0] ?? "",
    revealKey: config.REDACTION_KEY,
  });
}
