import { installedPackages } from "../support/installed-size.ts";

/**
 * What a production install takes on the disk, without Node itself, and its largest packages.
 *
 * npm run bench -- install
 */
const MEGABYTE = 1_000_000;
const packages = installedPackages();
const total = packages.reduce((sum, { bytes }) => sum + bytes, 0);
console.log(`${(total / MEGABYTE).toFixed(1)} MB in ${packages.length} packages; the largest:`);
for (const { path, bytes } of packages.slice(0, 12))
  console.log(`${(bytes / MEGABYTE).toFixed(1).padStart(8)} MB  ${path.replace("node_modules/", "")}`);
