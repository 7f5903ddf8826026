import type { RecipeSection } from './key.ts';
import { checkpointSection, fileSection, kpiSection, taskSection } from './task-sections.ts';
import * as transfers from './transfer-sections.ts';
import { groupSection, resourceSection, timeoutSection, topologySection } from './workflow-part-sections.ts';
import { recipeSection, workflowSection } from './workflow-sections.ts';

/** Every mapping of a recipe by the name that `ValueType` calls it, in the order of the reference. */
export const recipeSections: Readonly<Record<string, RecipeSection>> = {
  recipe: recipeSection,
  workflow: workflowSection,
  timeout: timeoutSection,
  resource: resourceSection,
  topology: topologySection,
  group: groupSection,
  task: taskSection,
  file: fileSection,
  taskInput: transfers.taskInputSection,
  urlInput: transfers.urlInputSection,
  datasetInput: transfers.datasetInputSection,
  inputDataset: transfers.inputDatasetSection,
  urlOutput: transfers.urlOutputSection,
  datasetOutput: transfers.datasetOutputSection,
  outputDataset: transfers.outputDatasetSection,
  datasetUpdateOutput: transfers.datasetUpdateOutputSection,
  updatedDataset: transfers.updatedDatasetSection,
  checkpoint: checkpointSection,
  kpi: kpiSection,
};
