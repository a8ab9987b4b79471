import { parseCatalog } from "../../../src/catalog.ts";

/** The shop of sql-database.ts, as a catalog opens it. */
export const catalogText = `version: 1
services:
  - { name: orders, database: shop }
databases:
  - name: shop
    tables:
      - name: orders
        columns: [id, customer_id, status, total_cents, created_at, shipped_at, region, tags, meta]
      - name: order_items
        columns: [order_id, sku, quantity, price_cents]
      - name: customers
        columns: [id, plan, country, created_at, note]
        masked: { email: email, phone: phone, full_name: name }
      - name: jobs
        columns: [id, queue, state, attempts, run_at, finished_at, error, payload]
      - name: deploys
        columns: [id, service, version, at]
      - name: open_orders
        columns: [id, status, age]
      - name: ops.heartbeats
        columns: [host, at, ok]
`;

export const declaredTables = parseCatalog(catalogText).databases[0]?.tables ?? [];
