import { createRequire } from "node:module";
import type { ChartDependencies } from "../slack/chart-steps.ts";

/** A phone has three points for each of ours: letters stay sharp there. */
const ZOOM = 3;

/** Draws an SVG as a PNG, with the font that comes along: a machine without fonts would leave out the words. Native code, loaded with the first picture. */
export const drawPng: ChartDependencies["draw"] = async (svg) => {
  const { renderAsync } = await import("@resvg/resvg-js");
  const { resolve } = createRequire(import.meta.url);
  const fontFiles = ["DejaVuSans", "DejaVuSans-Bold"].map((name) => resolve(`dejavu-fonts-ttf/ttf/${name}.ttf`));
  const image = await renderAsync(svg, {
    font: { loadSystemFonts: false, fontFiles, defaultFontFamily: "DejaVu Sans" },
    fitTo: { mode: "zoom", value: ZOOM },
  });
  return Uint8Array.from(image.asPng());
};
