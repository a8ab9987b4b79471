import cacheHitRate from "../../runbooks/cache-hit-rate.md";
import certificate from "../../runbooks/certificate.md";
import configChange from "../../runbooks/config-change.md";
import connectionsExhausted from "../../runbooks/connections-exhausted.md";
import cpuSaturation from "../../runbooks/cpu-saturation.md";
import databaseSlow from "../../runbooks/database-slow.md";
import diskFull from "../../runbooks/disk-full.md";
import dns from "../../runbooks/dns.md";
import errorsAfterDeploy from "../../runbooks/errors-after-deploy.md";
import errorsWithoutAChange from "../../runbooks/errors-without-a-change.md";
import imageNotPulled from "../../runbooks/image-not-pulled.md";
import memoryAndRestarts from "../../runbooks/memory-and-restarts.md";
import memoryGrowth from "../../runbooks/memory-growth.md";
import migrationLock from "../../runbooks/migration-lock.md";
import podsRestarting from "../../runbooks/pods-restarting.md";
import queueBacklog from "../../runbooks/queue-backlog.md";
import quotaOrScheduling from "../../runbooks/quota-or-scheduling.md";
import replicaLag from "../../runbooks/replica-lag.md";
import rollBackADeploy from "../../runbooks/roll-back-a-deploy.md";
import slowDependency from "../../runbooks/slow-dependency.md";
import vendorOutage from "../../runbooks/vendor-outage.md";

/** Every file of runbooks/, for a host without a disk. A test holds that none is missing. */
export const bundledRunbooks: Readonly<Record<string, string>> = {
  "cache-hit-rate.md": cacheHitRate,
  "certificate.md": certificate,
  "config-change.md": configChange,
  "connections-exhausted.md": connectionsExhausted,
  "cpu-saturation.md": cpuSaturation,
  "database-slow.md": databaseSlow,
  "disk-full.md": diskFull,
  "dns.md": dns,
  "errors-after-deploy.md": errorsAfterDeploy,
  "errors-without-a-change.md": errorsWithoutAChange,
  "image-not-pulled.md": imageNotPulled,
  "memory-and-restarts.md": memoryAndRestarts,
  "memory-growth.md": memoryGrowth,
  "migration-lock.md": migrationLock,
  "pods-restarting.md": podsRestarting,
  "queue-backlog.md": queueBacklog,
  "quota-or-scheduling.md": quotaOrScheduling,
  "replica-lag.md": replicaLag,
  "roll-back-a-deploy.md": rollBackADeploy,
  "slow-dependency.md": slowDependency,
  "vendor-outage.md": vendorOutage,
};
