import cpuSaturation from "../runbooks/cpu-saturation.md";
import errorsWithoutAChange from "../runbooks/errors-without-a-change.md";
import memoryAndRestarts from "../runbooks/memory-and-restarts.md";
import rollBackADeploy from "../runbooks/roll-back-a-deploy.md";
import slowDependency from "../runbooks/slow-dependency.md";

/** Every file of runbooks/, for a host without a disk. A test holds that none is missing. */
export const bundledRunbooks: Readonly<Record<string, string>> = {
  "cpu-saturation.md": cpuSaturation,
  "errors-without-a-change.md": errorsWithoutAChange,
  "memory-and-restarts.md": memoryAndRestarts,
  "roll-back-a-deploy.md": rollBackADeploy,
  "slow-dependency.md": slowDependency,
};
