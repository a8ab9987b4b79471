import { expect, test } from "vitest";
import { analyse } from "../../src/analysis/analyse.ts";
import { confidenceWords } from "../../src/incident/confidence.ts";
import { lines, measured, shopOf, since, type Style, styles } from "./styles.ts";
import { begins } from "./telemetry.ts";

const failing = (style: Style) => measured("shop", style, { errors: since(begins, 2, 400) });
const first = (...given: Parameters<typeof shopOf>) => analyse(shopOf(...given)).suspects[0];

test.each(styles)("%s: failures of the paged service alone make it likely, a line of its own very likely", (...style) => {
  const alone = first(style, "Errors on shop", ...failing(style));
  expect(alone?.service).toBe("shop");
  expect(confidenceWords(alone?.probability ?? 0)).not.toBe("very likely");

  const telemetry = shopOf(style, "Errors on shop", ...failing(style));
  const logs = [...telemetry.logs, ...lines("shop", begins, "TypeError: region is undefined at price.js:40")];
  expect(confidenceWords(analyse({ ...telemetry, logs }).suspects[0]?.probability ?? 0)).toBe("very likely");
});

test.each(styles)("%s: dependencies are spoken of only where they were measured", (...style) => {
  const reason = first(style, "Errors on shop", ...failing(style))?.reasons.find(({ code }) => code === "carries-trouble");
  expect(reason?.text).toContain("not explained by its dependencies");

  const telemetry = shopOf(style, "Errors on shop", ...failing(style));
  const unmeasured = analyse({ ...telemetry, series: telemetry.series.filter(({ service }) => service === "shop") });
  const told = unmeasured.suspects.flatMap(({ reasons }) => reasons).map(({ text }) => text);
  expect(told.join("\n")).not.toContain("dependencies");
});
