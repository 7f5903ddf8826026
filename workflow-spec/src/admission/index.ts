export { admitWorkflow } from './admit-workflow.ts';
export { matchingShapes } from './matching.ts';
export { needsOf, platformNameOf, resolveAmounts, type Need } from './needs.ts';
export { checkResourceRules, nodeOffers, type NodeOffer, type RuleFailure } from './resource-rules.ts';
export type { AdmissionAnswer, AdmissionUser, AdmissionWorld, FieldProblem, JsonPatchOperation } from './types.ts';
