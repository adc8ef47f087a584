// Time and chance under the test's control.
export { virtualClock } from './virtual-clock.ts';
export type { VirtualClock, VirtualClockOptions } from './virtual-clock.ts';
export type { RunLimits } from './run-limits.ts';
export { seededRandom } from './seeded-random.ts';
export type { SeededRandom } from './seeded-random.ts';

// A server that fails as told.
export { faultServer } from './fault-server.ts';
export type { FaultServer, FaultServerOptions } from './fault-server.ts';
export type { RecordedRequest, RequestOutcome } from './recorded-request.ts';
export { otherwise, repeat, sequence } from './fault-script.ts';
export type {
  FaultExchange,
  FaultStep,
  OtherwiseStep,
  ScriptEntry,
  ScriptStep,
  StepFunction,
  StepGroup,
} from './fault-step.ts';
export type { AnswerHeaders, AnswerOptions } from './faults/answer-head.ts';
export { endlessBody } from './faults/endless-body.ts';
export type { EndlessBodyOptions } from './faults/endless-body.ts';
export { hang } from './faults/hang.ts';
export { resetAfterHeaders, resetBeforeHeaders } from './faults/reset.ts';
export type { ResetAfterHeadersOptions } from './faults/reset.ts';
export { respond } from './faults/respond.ts';
export type { RespondOptions } from './faults/respond.ts';
export { retryAfter } from './faults/retry-after.ts';
export { slowHeaders } from './faults/slow-headers.ts';
export type { SlowHeadersOptions } from './faults/slow-headers.ts';
export { truncatedBody } from './faults/truncated-body.ts';
export type { TruncatedBodyOptions } from './faults/truncated-body.ts';

// Contracts: suites that every implementation of an interface runs.
export { policyContract } from './policy-contract.ts';
export type { ContractCase } from './contract/contract-case.ts';
export type {
  EventProvocation,
  MakePolicy,
  PolicyContractOptions,
  PolicyTools,
  WaitingPolicy,
} from './contract/subject.ts';
export { configSourceContract } from './config-source-contract.ts';
export type {
  ConfigSourceContractOptions,
  ConfigSourceSubject,
  MakeConfigSource,
  SourceListener,
  SourceReading,
  SourceUnderTest,
  SourceWatch,
} from './contract/config-source-subject.ts';

// How one call goes when its operation does as told.
export { scenario } from './scenario.ts';
export type { Scenario, ScenarioExpectation, ScenarioReport } from './scenario.ts';
export { fails, hangs, returns } from './scenario-step.ts';
export type { ScenarioStep, StepStage } from './scenario-step.ts';
