import { readFileSync } from "node:fs";
import type { Config } from "../config.ts";
import { parseVendorFiles, type VendorFiles } from "../integrations/clients.ts";
import { VendorFileError, type Vendor } from "../integrations/vendor.ts";
import { vendors as allVendors } from "../integrations/vendors.ts";

/** The files of vendors that settings name. @throws VendorFileError, also when a file is not there */
export const loadVendorFiles = (config: Config, vendors: readonly Vendor[] = allVendors): VendorFiles =>
  parseVendorFiles(vendors, config, ({ setting, about }, { title }) => {
    const place = (config as Readonly<Record<string, unknown>>)[setting];
    if (typeof place !== "string") return null;
    try {
      return { place, text: readFileSync(place, "utf8") };
    } catch {
      throw new VendorFileError(title, [`${place} cannot be read. Write ${about} or unset ${setting}.`]);
    }
  });
