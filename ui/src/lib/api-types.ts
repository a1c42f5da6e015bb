// Written by ui/scripts/write_api_types.py from the server's tables of operations.

export type Real = number | "NaN" | "Infinity" | "-Infinity";

export interface Refusal {
  error_code: string;
  message: string;
}

export interface AbortMultipartUpload {
  path: string;
  upload_id: string;
  artifact_path?: string;
}

export interface Activities {
  activities?: ModelActivity[];
  next_page_token?: string | null;
}

export interface AddEvaluationDatasetExperiments {
  dataset_id: string;
  experiment_ids?: string[];
}

export interface AppendJournal {
  run_id: string;
  journal_id: string;
  offset: number;
  data?: string;
  packed?: boolean;
  keys?: NumberedKey[];
  leased?: boolean;
  lost?: string | null;
}

export interface AppendedJournal {
  offset?: number;
  refused?: string[];
}

export interface ApproveTransitionRequest {
  user_id?: string | null;
  name: string;
  version: string;
  stage: string;
  archive_existing_versions?: boolean;
  comment?: string | null;
}

export interface AuditRecord {
  number: number;
  timestamp: number;
  user_id: string;
  action: string;
  subject: string;
  details: string;
  hash: string;
}

export interface AuditRecords {
  records?: AuditRecord[];
}

export interface Band {
  metric_key: string;
  values?: (string | null)[];
  count?: number;
  drawn?: number;
  x?: Real[];
  runs?: number[];
  mean?: Real[];
  min?: Real[];
  max?: Real[];
  std?: Real[];
}

export interface BandMetrics {
  experiment_ids: string[];
  by: string[];
  metric_keys: string[];
  filter?: string | null;
  run_view_type?: number;
  x?: "relative" | "step" | "time";
  x_metric_key?: string | null;
  start?: Real | null;
  end?: Real | null;
  max_points?: number;
  max_groups?: number;
}

export interface CheckTransition {
  name: string;
  version: string;
  stage: string;
  policy?: ModelPolicy | null;
}

export interface CheckedTransition {
  allowed: boolean;
  approvals?: number;
  reasons?: string[];
}

export interface Columns {
  metrics?: string[];
  params?: string[];
  tags?: string[];
}

export interface CompleteMultipartUpload {
  path: string;
  upload_id: string;
  parts: UploadedPart[];
  artifact_path?: string;
}

export interface CreateComment {
  user_id?: string | null;
  name: string;
  version: string;
  comment: string;
}

export interface CreateEvaluationDataset {
  name: string;
  experiment_ids?: string[];
  tags?: string | null;
}

export interface CreateExperiment {
  name: string;
  artifact_location?: string | null;
  tags?: ExperimentTag[];
  experiment_id?: string | null;
  creation_time?: number | null;
  last_update_time?: number | null;
}

export interface CreateLoggedModel {
  experiment_id: string;
  name?: string | null;
  model_type?: string | null;
  source_run_id?: string | null;
  params?: LoggedModelParameter[];
  tags?: LoggedModelTag[];
  model_id?: string | null;
  status?: "LOGGED_MODEL_PENDING" | "LOGGED_MODEL_READY" | "LOGGED_MODEL_STATUS_UNSPECIFIED" | "LOGGED_MODEL_UPLOAD_FAILED" | null;
  status_message?: string | null;
  creation_timestamp_ms?: number | null;
  last_updated_timestamp_ms?: number | null;
}

export interface CreateModelVersion {
  name: string;
  source: string;
  run_id?: string | null;
  tags?: ModelVersionTag[];
  run_link?: string | null;
  description?: string | null;
  model_id?: string | null;
  user_id?: string | null;
}

export interface CreateMultipartUpload {
  path: string;
  artifact_path?: string;
  num_parts?: number;
}

export interface CreatePresignedDownloadUrl {
  run_id: string;
  path: string;
  expiration?: number | null;
}

export interface CreatePresignedUploadUrl {
  path: string;
  run_id?: string | null;
  model_id?: string | null;
  expiration?: number | null;
}

export interface CreateRegisteredModel {
  name: string;
  tags?: RegisteredModelTag[];
  description?: string | null;
}

export interface CreateRun {
  experiment_id: string;
  user_id?: string | null;
  run_name?: string | null;
  start_time?: number | null;
  tags?: RunTag[];
  run_id?: string | null;
}

export interface CreateTransitionRequest {
  user_id?: string | null;
  name: string;
  version: string;
  stage: string;
  comment?: string | null;
}

export interface CreateWebhook {
  name: string;
  url: string;
  events: WebhookEvent[];
  description?: string | null;
  secret?: string | null;
  status?: "ACTIVE" | "DISABLED";
}

export interface CreatedExperiment {
  experiment_id: string;
}

export interface CreatedMultipartUpload {
  upload_id: string;
  credentials: PartCredential[];
}

export interface Dataset {
  name?: string;
  digest?: string;
  source_type?: string;
  source?: string;
  schema?: string | null;
  profile?: string | null;
}

export interface DatasetInput {
  dataset: Dataset;
  tags?: InputTag[];
}

export interface DatasetSummary {
  experiment_id: string;
  name: string;
  digest: string;
  context?: string | null;
}

export interface Decision {
  user_id: string;
  approved: boolean;
  creation_timestamp: number;
  comment?: string | null;
}

export interface DeleteAlias {
  name: string;
  alias: string;
}

export interface DeleteComment {
  user_id?: string | null;
  id: string;
}

export interface DeleteEvaluationDataset {
  dataset_id: string;
}

export interface DeleteEvaluationDatasetTag {
  dataset_id: string;
  key: string;
}

export interface DeleteEvaluationRecords {
  dataset_id: string;
  dataset_record_ids?: string[];
}

export interface DeleteExperiment {
  experiment_id: string;
}

export interface DeleteExperimentTag {
  experiment_id: string;
  key: string;
}

export interface DeleteLoggedModel {
  model_id: string;
}

export interface DeleteLoggedModelTag {
  model_id: string;
  tag_key: string;
}

export interface DeleteModelPolicy {
  user_id?: string | null;
  name?: string | null;
}

export interface DeleteModelVersion {
  name: string;
  version: string;
}

export interface DeleteModelVersionTag {
  name: string;
  version: string;
  key: string;
}

export interface DeleteRegisteredModel {
  name: string;
}

export interface DeleteRegisteredModelTag {
  name: string;
  key: string;
}

export interface DeleteRun {
  run_id: string;
}

export interface DeleteTag {
  run_id: string;
  key: string;
}

export interface DeleteTransitionRequest {
  user_id?: string | null;
  name: string;
  version: string;
  stage: string;
  comment?: string | null;
}

export interface DeleteWebhook {
  webhook_id: string;
}

export interface DeletedEvaluationRecords {
  deleted_count?: number;
}

export interface DownloadUri {
  artifact_uri: string;
}

export interface EvaluationDataset {
  dataset_id: string;
  name: string;
  tags: string;
  digest: string;
  created_time: number;
  last_update_time: number;
  schema?: string | null;
  profile?: string | null;
  created_by?: string | null;
  last_updated_by?: string | null;
  experiment_ids?: string[];
}

export interface EvaluationDatasetExperiments {
  experiment_ids?: string[];
}

export interface EvaluationRecords {
  records: string;
  next_page_token?: string | null;
}

export interface Experiment {
  experiment_id: string;
  name: string;
  artifact_location: string;
  lifecycle_stage: "active" | "deleted";
  last_update_time?: number | null;
  creation_time?: number | null;
  tags?: ExperimentTag[];
  workspace?: string | null;
}

export interface ExperimentSummaries {
  summaries?: ExperimentSummary[];
}

export interface ExperimentSummary {
  experiment_id: string;
  active_runs?: number;
  running_runs?: number;
  last_activity?: number | null;
}

export interface ExperimentTag {
  key: string;
  value?: string;
}

export interface FileInfo {
  path: string;
  is_dir?: boolean;
  file_size?: number | null;
}

export interface FinalizeLoggedModel {
  model_id: string;
  status: "LOGGED_MODEL_PENDING" | "LOGGED_MODEL_READY" | "LOGGED_MODEL_STATUS_UNSPECIFIED" | "LOGGED_MODEL_UPLOAD_FAILED";
}

export interface FindInStage {
  name: string;
  stage: string;
  at?: number | null;
}

export interface FindVariation {
  experiment_ids: string[];
  filter?: string | null;
  run_view_type?: number;
}

export interface FoundArtifacts {
  root_uri: string;
  files?: FileInfo[];
  next_page_token?: string | null;
}

export interface FoundDatasets {
  dataset_summaries?: DatasetSummary[];
}

export interface FoundDeliveries {
  deliveries?: WebhookDelivery[];
  next_page_token?: string | null;
}

export interface FoundEvaluationDatasets {
  datasets?: EvaluationDataset[];
  next_page_token?: string | null;
}

export interface FoundExperiments {
  experiments?: Experiment[];
  next_page_token?: string | null;
}

export interface FoundInStage {
  versions?: string[];
  model_versions?: ModelVersion[];
}

export interface FoundLoggedModels {
  models?: LoggedModel[];
  next_page_token?: string | null;
}

export interface FoundModelVersions {
  model_versions?: ModelVersion[];
  next_page_token?: string | null;
}

export interface FoundRegisteredModels {
  registered_models?: RegisteredModel[];
  next_page_token?: string | null;
}

export interface FoundRuns {
  runs?: Run[];
  next_page_token?: string | null;
}

export interface FoundServed {
  files?: FileInfo[];
}

export interface FoundWebhooks {
  webhooks?: Webhook[];
  next_page_token?: string | null;
}

export interface GetByAlias {
  name: string;
  alias: string;
}

export interface GetDownloadUri {
  name: string;
  version: string;
}

export interface GetEvaluationDataset {
  dataset_id: string;
}

export interface GetEvaluationDatasetExperiments {
  dataset_id: string;
}

export interface GetEvaluationRecords {
  dataset_id: string;
  max_results?: number;
  page_token?: string | null;
}

export interface GetExperiment {
  experiment_id: string;
}

export interface GetExperimentByName {
  experiment_name: string;
}

export interface GetLatestVersions {
  name: string;
  stages?: string[];
}

export interface GetLoggedModel {
  model_id: string;
  allow_deleted?: boolean;
}

export interface GetMetricHistory {
  run_id: string;
  metric_key: string;
  page_token?: string | null;
  max_results?: number | null;
}

export interface GetMetricHistoryBulk {
  run_id: string[];
  metric_key: string;
  max_results?: number;
}

export interface GetMetricHistoryInterval {
  run_ids: string[];
  metric_key: string;
  start_step?: number | null;
  end_step?: number | null;
  max_results?: number;
}

export interface GetModelPolicy {
  name?: string | null;
}

export interface GetModelVersion {
  name: string;
  version: string;
}

export interface GetRegisteredModel {
  name: string;
}

export interface GetRun {
  run_id: string;
}

export interface GetWebhook {
  webhook_id: string;
}

export interface GotActivity {
  activity: ModelActivity;
}

export interface GotComment {
  comment: ModelComment;
}

export interface GotEvaluationDataset {
  dataset: EvaluationDataset;
}

export interface GotExperiment {
  experiment: Experiment;
}

export interface GotLoggedModel {
  model: LoggedModel;
}

export interface GotModelPolicy {
  policy: ModelPolicy;
}

export interface GotModelVersion {
  model_version: ModelVersion;
}

export interface GotRegisteredModel {
  registered_model: RegisteredModel;
}

export interface GotRun {
  run: Run;
}

export interface GotTransitionRequest {
  request: TransitionRequest;
}

export interface GotWebhook {
  webhook: Webhook;
}

export interface GroupRuns {
  experiment_ids: string[];
  by: string[];
  columns?: string[];
  filter?: string | null;
  run_view_type?: number;
  max_results?: number;
}

export interface InputTag {
  key: string;
  value?: string;
}

export interface ListActivities {
  name: string;
  version?: string | null;
  max_results?: number;
  page_token?: string | null;
}

export interface ListArtifacts {
  run_id: string;
  path?: string | null;
  page_token?: string | null;
}

export interface ListAudit {
  after?: number;
  max_results?: number;
}

export interface ListColumns {
  experiment_ids: string[];
}

export interface ListDeliveries {
  webhook_id: string;
  state?: string | null;
  max_results?: number;
  page_token?: string | null;
}

export interface ListLoggedModelArtifacts {
  model_id: string;
  artifact_directory_path?: string | null;
  page_token?: string | null;
}

export interface ListServed {
  path?: string | null;
}

export interface ListTransitionRequests {
  name?: string | null;
  version?: string | null;
  status?: string;
}

export interface ListValues {
  experiment_ids: string[];
  column: string;
  prefix?: string;
  max_results?: number;
}

export interface ListWebhooks {
  max_results?: number;
  page_token?: string | null;
}

export interface LogBatch {
  run_id: string;
  metrics?: Metric[];
  params?: Param[];
  tags?: RunTag[];
}

export interface LogInputs {
  run_id: string;
  datasets?: DatasetInput[];
  models?: LoggedModelInput[];
}

export interface LogLoggedModelParams {
  model_id: string;
  params?: LoggedModelParameter[];
}

export interface LogMetric {
  run_id: string;
  key: string;
  value: Real;
  timestamp: number;
  step?: number;
  model_id?: string | null;
  dataset_name?: string | null;
  dataset_digest?: string | null;
}

export interface LogModelRecord {
  run_id: string;
  model_json: string;
}

export interface LogOutputs {
  run_id: string;
  models: LoggedModelOutput[];
}

export interface LogParam {
  run_id: string;
  key: string;
  value?: string;
}

export interface LoggedModel {
  info: LoggedModelInfo;
  data?: LoggedModelData;
}

export interface LoggedModelData {
  params?: LoggedModelParameter[];
  metrics?: Metric[];
}

export interface LoggedModelInfo {
  model_id: string;
  experiment_id: string;
  name: string;
  creation_timestamp_ms: number;
  last_updated_timestamp_ms: number;
  artifact_uri: string;
  status: "LOGGED_MODEL_PENDING" | "LOGGED_MODEL_READY" | "LOGGED_MODEL_STATUS_UNSPECIFIED" | "LOGGED_MODEL_UPLOAD_FAILED";
  model_type?: string;
  source_run_id?: string;
  status_message?: string | null;
  tags?: LoggedModelTag[];
}

export interface LoggedModelInput {
  model_id: string;
}

export interface LoggedModelOutput {
  model_id: string;
  step?: number;
}

export interface LoggedModelParameter {
  key: string;
  value?: string;
}

export interface LoggedModelTag {
  key: string;
  value?: string;
}

export interface Metric {
  key: string;
  value: Real;
  timestamp: number;
  step?: number;
  model_id?: string | null;
  dataset_name?: string | null;
  dataset_digest?: string | null;
  run_id?: string | null;
}

export interface MetricBands {
  bands?: Band[];
  total?: number;
}

export interface MetricGate {
  metric: string;
  at_least?: Real | null;
  at_most?: Real | null;
  better_than_current?: Real | null;
  higher_is_better?: boolean;
}

export interface MetricHistory {
  metrics?: Metric[];
  next_page_token?: string | null;
}

export interface ModelActivity {
  id: string;
  name: string;
  version: string;
  activity_type: string;
  user_id: string;
  creation_timestamp: number;
  from_stage?: string | null;
  to_stage?: string | null;
  comment?: string | null;
}

export interface ModelComment {
  id: string;
  name: string;
  version: string;
  user_id: string;
  comment: string;
  creation_timestamp: number;
  last_updated_timestamp: number;
}

export interface ModelDataset {
  dataset_name: string;
  dataset_digest?: string | null;
}

export interface ModelOrderBy {
  field_name: string;
  ascending?: boolean;
  dataset_name?: string | null;
  dataset_digest?: string | null;
}

export interface ModelPolicy {
  stages?: string[];
  moves?: MoveRule[];
}

export interface ModelVersion {
  name: string;
  version: string;
  creation_timestamp: number;
  last_updated_timestamp: number;
  current_stage: string;
  source: string;
  status?: string;
  description?: string | null;
  user_id?: string | null;
  run_id?: string | null;
  run_link?: string | null;
  status_message?: string | null;
  model_id?: string | null;
  tags?: ModelVersionTag[];
  aliases?: string[];
}

export interface ModelVersionTag {
  key: string;
  value?: string;
}

export interface ModelVersions {
  model_versions?: ModelVersion[];
}

export interface MoveRule {
  to: string;
  from?: string[];
  approvals?: number;
  approvers?: string[];
  author_may_approve?: boolean;
  tags?: Record<string, string>;
  metrics?: MetricGate[];
  archive_existing_versions?: boolean;
  alias?: string | null;
  expires_days?: number;
}

export type Nothing = Record<string, never>;

export interface NumberedKey {
  key: string;
  model_id?: string | null;
  dataset_name?: string | null;
  dataset_digest?: string | null;
  number?: number;
}

export interface Param {
  key: string;
  value?: string;
}

export interface PartCredential {
  url: string;
  part_number: number;
  headers?: Record<string, string>;
}

export interface PresignServed {
  artifact_path: string;
}

export interface PresignedServed {
  url: string;
  headers?: Record<string, string>;
  file_size?: number | null;
}

export interface PresignedUrl {
  presigned_url: string;
  headers?: Record<string, string>;
  file_size?: number | null;
}

export interface ReadTable {
  run_id: string;
  path: string;
  max_results?: number;
  page_token?: string | null;
}

export interface RegisterModels {
  versions: CreateModelVersion[];
}

export interface RegisteredModel {
  name: string;
  creation_timestamp: number;
  last_updated_timestamp: number;
  description?: string | null;
  latest_versions?: ModelVersion[];
  tags?: RegisteredModelTag[];
  aliases?: RegisteredModelAlias[];
}

export interface RegisteredModelAlias {
  alias: string;
  version: string;
}

export interface RegisteredModelTag {
  key: string;
  value?: string;
}

export interface RegisteredVersion {
  name: string;
  version: string;
}

export interface RegisteredVersions {
  versions?: RegisteredVersion[];
}

export interface RejectTransitionRequest {
  user_id?: string | null;
  name: string;
  version: string;
  stage: string;
  comment?: string | null;
}

export interface RemoveEvaluationDatasetExperiments {
  dataset_id: string;
  experiment_ids?: string[];
}

export interface RenameRegisteredModel {
  name: string;
  new_name: string;
}

export interface ReplayDelivery {
  webhook_id: string;
  delivery_id: string;
}

export interface RestoreExperiment {
  experiment_id: string;
}

export interface RestoreRun {
  run_id: string;
}

export interface Run {
  info: RunInfo;
  data: RunData;
  inputs?: RunInputs | null;
  outputs?: RunOutputs | null;
}

export interface RunData {
  metrics?: Metric[];
  params?: Param[];
  tags?: RunTag[];
}

export interface RunGroup {
  count: number;
  values?: (string | null)[];
  spreads?: (Spread | null)[];
}

export interface RunGroups {
  groups?: RunGroup[];
  total?: number;
  runs?: number;
}

export interface RunInfo {
  run_id: string;
  run_uuid: string;
  experiment_id: string;
  status: "FAILED" | "FINISHED" | "KILLED" | "RUNNING" | "SCHEDULED";
  start_time: number;
  lifecycle_stage: "active" | "deleted";
  run_name?: string | null;
  user_id?: string;
  end_time?: number | null;
  artifact_uri?: string | null;
}

export interface RunInputs {
  dataset_inputs?: DatasetInput[];
  model_inputs?: LoggedModelInput[];
}

export interface RunOutputs {
  model_outputs?: LoggedModelOutput[];
}

export interface RunRow {
  run_id: string;
  experiment_id: string;
  run_name: string;
  status: "FAILED" | "FINISHED" | "KILLED" | "RUNNING" | "SCHEDULED";
  lifecycle_stage: string;
  user_id: string;
  start_time: number;
  end_time?: number | null;
  parent_run_id?: string | null;
  children?: number;
  values?: (Real | string | null)[];
}

export interface RunTable {
  rows?: RunRow[];
  total?: number | null;
}

export interface RunTag {
  key: string;
  value?: string;
}

export interface SampleMetrics {
  run_ids: string[];
  metric_keys: string[];
  max_points?: number;
  start_step?: number | null;
  end_step?: number | null;
  x_metric_key?: string | null;
}

export interface SampledMetrics {
  series?: SampledSeries[];
}

export interface SampledSeries {
  run_id: string;
  key: string;
  count: number;
  steps?: number[];
  timestamps?: number[];
  values?: Real[];
  first_timestamp?: number;
  x?: Real[] | null;
}

export interface SearchDatasets {
  experiment_ids: string[];
}

export interface SearchEvaluationDatasets {
  experiment_ids?: string[];
  filter_string?: string | null;
  max_results?: number;
  order_by?: string[];
  page_token?: string | null;
}

export interface SearchExperiments {
  max_results: number;
  page_token?: string | null;
  filter?: string | null;
  order_by?: string[];
  view_type?: number;
}

export interface SearchLoggedModels {
  experiment_ids: string[];
  filter?: string | null;
  datasets?: ModelDataset[];
  max_results?: number | null;
  order_by?: ModelOrderBy[];
  page_token?: string | null;
}

export interface SearchModelVersions {
  filter?: string | null;
  max_results?: number;
  order_by?: string[];
  page_token?: string | null;
}

export interface SearchRegisteredModels {
  filter?: string | null;
  max_results?: number;
  order_by?: string[];
  page_token?: string | null;
}

export interface SearchRuns {
  experiment_ids?: string[];
  filter?: string | null;
  run_view_type?: number;
  max_results?: number;
  order_by?: string[];
  page_token?: string | null;
}

export interface SetAlias {
  name: string;
  alias: string;
  version: string;
}

export interface SetEvaluationDatasetTags {
  dataset_id: string;
  tags: string;
}

export interface SetExperimentTag {
  experiment_id: string;
  key: string;
  value: string;
}

export interface SetLoggedModelTags {
  model_id: string;
  tags?: LoggedModelTag[];
}

export interface SetModelPolicy {
  user_id?: string | null;
  policy: ModelPolicy;
  name?: string | null;
}

export interface SetModelVersionTag {
  name: string;
  version: string;
  key: string;
  value?: string;
}

export interface SetRegisteredModelTag {
  name: string;
  key: string;
  value?: string;
}

export interface SetTag {
  run_id: string;
  key: string;
  value?: string;
}

export interface Spread {
  count: number;
  mean: Real;
  min: Real;
  max: Real;
  std?: Real | null;
}

export interface SummarizeExperiments {
  experiment_ids: string[];
}

export interface TableColumn {
  name: string;
  type: string;
}

export interface TablePage {
  columns: TableColumn[];
  rows: ((string | null)[])[];
  total_rows?: number | null;
  columns_left_out?: number;
  next_page_token?: string | null;
}

export interface TabulateRuns {
  experiment_ids: string[];
  filter?: string | null;
  run_view_type?: number;
  order_by?: string[];
  columns?: string[];
  offset?: number;
  max_results?: number;
  count?: boolean;
}

export interface TestWebhook {
  webhook_id: string;
  event?: WebhookEvent | null;
}

export interface TestedWebhook {
  result: WebhookTestResult;
}

export interface TransitionRequest {
  id: string;
  name: string;
  version: string;
  to_stage: string;
  user_id: string;
  creation_timestamp: number;
  status: "approved" | "cancelled" | "expired" | "pending" | "rejected";
  expires: number;
  comment?: string | null;
  approvals_needed?: number;
  decisions?: Decision[];
}

export interface TransitionRequests {
  requests?: TransitionRequest[];
}

export interface TransitionStage {
  name: string;
  version: string;
  stage: string;
  archive_existing_versions?: boolean;
  user_id?: string | null;
}

export interface UpdateComment {
  user_id?: string | null;
  id: string;
  comment: string;
}

export interface UpdateExperiment {
  experiment_id: string;
  new_name: string;
}

export interface UpdateModelVersion {
  name: string;
  version: string;
  description?: string | null;
}

export interface UpdateRegisteredModel {
  name: string;
  description?: string | null;
}

export interface UpdateRun {
  run_id: string;
  status?: "FAILED" | "FINISHED" | "KILLED" | "RUNNING" | "SCHEDULED" | null;
  end_time?: number | null;
  run_name?: string | null;
}

export interface UpdateWebhook {
  webhook_id: string;
  name?: string | null;
  url?: string | null;
  events?: WebhookEvent[];
  description?: string | null;
  secret?: string | null;
  status?: "ACTIVE" | "DISABLED" | null;
}

export interface UpdatedRun {
  run_info: RunInfo;
}

export interface UploadedPart {
  part_number: number;
  etag: string;
  url?: string | null;
}

export interface UpsertEvaluationRecords {
  dataset_id: string;
  records: string;
  updated_by?: string | null;
}

export interface UpsertedEvaluationRecords {
  inserted_count?: number;
  updated_count?: number;
}

export interface Values {
  values?: string[];
}

export interface Variation {
  varying?: Columns;
  constant?: Columns;
}

export interface VerifiedAudit {
  intact: boolean;
  records: number;
  head?: string;
  first_wrong?: number | null;
}

export type VerifyAudit = Record<string, never>;

export interface Webhook {
  webhook_id: string;
  name: string;
  url: string;
  events: WebhookEvent[];
  creation_timestamp: number;
  last_updated_timestamp: number;
  description?: string | null;
  status?: "ACTIVE" | "DISABLED";
}

export interface WebhookDelivery {
  delivery_id: string;
  webhook_id: string;
  event: string;
  created_at: number;
  state: "dead" | "delivered" | "waiting";
  attempts?: number;
  response_status?: number | null;
  error_message?: string | null;
  next_attempt_at?: number | null;
}

export interface WebhookEvent {
  entity: string;
  action: string;
}

export interface WebhookTestResult {
  success: boolean;
  response_status?: number | null;
  response_body?: string | null;
  error_message?: string | null;
}

export interface Operations {
  "experiments/create": { question: CreateExperiment; answer: CreatedExperiment };
  "experiments/get": { question: GetExperiment; answer: GotExperiment };
  "experiments/get-by-name": { question: GetExperimentByName; answer: GotExperiment };
  "experiments/search": { question: SearchExperiments; answer: FoundExperiments };
  "headrace/experiments/summaries": { question: SummarizeExperiments; answer: ExperimentSummaries };
  "experiments/update": { question: UpdateExperiment; answer: Nothing };
  "experiments/delete": { question: DeleteExperiment; answer: Nothing };
  "experiments/restore": { question: RestoreExperiment; answer: Nothing };
  "experiments/set-experiment-tag": { question: SetExperimentTag; answer: Nothing };
  "experiments/delete-experiment-tag": { question: DeleteExperimentTag; answer: Nothing };
  "runs/create": { question: CreateRun; answer: GotRun };
  "runs/get": { question: GetRun; answer: GotRun };
  "runs/update": { question: UpdateRun; answer: UpdatedRun };
  "runs/delete": { question: DeleteRun; answer: Nothing };
  "runs/restore": { question: RestoreRun; answer: Nothing };
  "runs/search": { question: SearchRuns; answer: FoundRuns };
  "headrace/runs/table": { question: TabulateRuns; answer: RunTable };
  "headrace/runs/columns": { question: ListColumns; answer: Columns };
  "headrace/runs/values": { question: ListValues; answer: Values };
  "headrace/runs/variation": { question: FindVariation; answer: Variation };
  "headrace/runs/groups": { question: GroupRuns; answer: RunGroups };
  "runs/log-parameter": { question: LogParam; answer: Nothing };
  "runs/log-metric": { question: LogMetric; answer: Nothing };
  "runs/log-batch": { question: LogBatch; answer: Nothing };
  "runs/set-tag": { question: SetTag; answer: Nothing };
  "runs/delete-tag": { question: DeleteTag; answer: Nothing };
  "runs/log-inputs": { question: LogInputs; answer: Nothing };
  "runs/outputs": { question: LogOutputs; answer: Nothing };
  "headrace/journals/append": { question: AppendJournal; answer: AppendedJournal };
  "runs/log-model": { question: LogModelRecord; answer: Nothing };
  "metrics/get-history": { question: GetMetricHistory; answer: MetricHistory };
  "metrics/get-history-bulk": { question: GetMetricHistoryBulk; answer: MetricHistory };
  "metrics/get-history-bulk-interval": { question: GetMetricHistoryInterval; answer: MetricHistory };
  "headrace/metrics/sample": { question: SampleMetrics; answer: SampledMetrics };
  "headrace/metrics/bands": { question: BandMetrics; answer: MetricBands };
  "experiments/search-datasets": { question: SearchDatasets; answer: FoundDatasets };
  "logged-models": { question: CreateLoggedModel; answer: GotLoggedModel };
  "logged-models/search": { question: SearchLoggedModels; answer: FoundLoggedModels };
  "logged-models/{model_id} GET": { question: GetLoggedModel; answer: GotLoggedModel };
  "logged-models/{model_id} PATCH": { question: FinalizeLoggedModel; answer: GotLoggedModel };
  "logged-models/{model_id} DELETE": { question: DeleteLoggedModel; answer: Nothing };
  "logged-models/{model_id}/params": { question: LogLoggedModelParams; answer: Nothing };
  "logged-models/{model_id}/tags": { question: SetLoggedModelTags; answer: GotLoggedModel };
  "logged-models/{model_id}/tags/{tag_key:path}": { question: DeleteLoggedModelTag; answer: Nothing };
  "datasets/create": { question: CreateEvaluationDataset; answer: GotEvaluationDataset };
  "datasets/search": { question: SearchEvaluationDatasets; answer: FoundEvaluationDatasets };
  "datasets/{dataset_id} GET": { question: GetEvaluationDataset; answer: GotEvaluationDataset };
  "datasets/{dataset_id} DELETE": { question: DeleteEvaluationDataset; answer: Nothing };
  "datasets/{dataset_id}/records GET": { question: GetEvaluationRecords; answer: EvaluationRecords };
  "datasets/{dataset_id}/records POST": { question: UpsertEvaluationRecords; answer: UpsertedEvaluationRecords };
  "datasets/{dataset_id}/records DELETE": { question: DeleteEvaluationRecords; answer: DeletedEvaluationRecords };
  "datasets/{dataset_id}/tags": { question: SetEvaluationDatasetTags; answer: Nothing };
  "datasets/{dataset_id}/tags/{key:path}": { question: DeleteEvaluationDatasetTag; answer: Nothing };
  "datasets/{dataset_id}/add-experiments": { question: AddEvaluationDatasetExperiments; answer: GotEvaluationDataset };
  "datasets/{dataset_id}/remove-experiments": { question: RemoveEvaluationDatasetExperiments; answer: GotEvaluationDataset };
  "datasets/{dataset_id}/experiment-ids": { question: GetEvaluationDatasetExperiments; answer: EvaluationDatasetExperiments };
  "registered-models/create": { question: CreateRegisteredModel; answer: GotRegisteredModel };
  "registered-models/get": { question: GetRegisteredModel; answer: GotRegisteredModel };
  "registered-models/rename": { question: RenameRegisteredModel; answer: GotRegisteredModel };
  "registered-models/update": { question: UpdateRegisteredModel; answer: GotRegisteredModel };
  "registered-models/delete": { question: DeleteRegisteredModel; answer: Nothing };
  "registered-models/search": { question: SearchRegisteredModels; answer: FoundRegisteredModels };
  "registered-models/set-tag": { question: SetRegisteredModelTag; answer: Nothing };
  "registered-models/delete-tag": { question: DeleteRegisteredModelTag; answer: Nothing };
  "registered-models/get-latest-versions": { question: GetLatestVersions; answer: ModelVersions };
  "registered-models/alias POST": { question: SetAlias; answer: Nothing };
  "registered-models/alias DELETE": { question: DeleteAlias; answer: Nothing };
  "registered-models/alias GET": { question: GetByAlias; answer: GotModelVersion };
  "model-versions/create": { question: CreateModelVersion; answer: GotModelVersion };
  "headrace/model-versions/register": { question: RegisterModels; answer: RegisteredVersions };
  "model-versions/get": { question: GetModelVersion; answer: GotModelVersion };
  "model-versions/update": { question: UpdateModelVersion; answer: GotModelVersion };
  "model-versions/delete": { question: DeleteModelVersion; answer: Nothing };
  "model-versions/search": { question: SearchModelVersions; answer: FoundModelVersions };
  "model-versions/set-tag": { question: SetModelVersionTag; answer: Nothing };
  "model-versions/delete-tag": { question: DeleteModelVersionTag; answer: Nothing };
  "model-versions/transition-stage": { question: TransitionStage; answer: GotModelVersion };
  "model-versions/get-download-uri": { question: GetDownloadUri; answer: DownloadUri };
  "transition-requests/create": { question: CreateTransitionRequest; answer: GotTransitionRequest };
  "transition-requests/list": { question: ListTransitionRequests; answer: TransitionRequests };
  "transition-requests/approve": { question: ApproveTransitionRequest; answer: GotActivity };
  "transition-requests/reject": { question: RejectTransitionRequest; answer: GotActivity };
  "transition-requests/delete": { question: DeleteTransitionRequest; answer: GotActivity };
  "comments/create": { question: CreateComment; answer: GotComment };
  "comments/update": { question: UpdateComment; answer: GotComment };
  "comments/delete": { question: DeleteComment; answer: Nothing };
  "headrace/model-versions/activities": { question: ListActivities; answer: Activities };
  "headrace/model-versions/in-stage": { question: FindInStage; answer: FoundInStage };
  "headrace/model-versions/check-transition": { question: CheckTransition; answer: CheckedTransition };
  "headrace/model-policies/set": { question: SetModelPolicy; answer: GotModelPolicy };
  "headrace/model-policies/get": { question: GetModelPolicy; answer: GotModelPolicy };
  "headrace/model-policies/delete": { question: DeleteModelPolicy; answer: Nothing };
  "headrace/audit/list": { question: ListAudit; answer: AuditRecords };
  "headrace/audit/verify": { question: VerifyAudit; answer: VerifiedAudit };
  "webhooks POST": { question: CreateWebhook; answer: GotWebhook };
  "webhooks GET": { question: ListWebhooks; answer: FoundWebhooks };
  "webhooks/{webhook_id} GET": { question: GetWebhook; answer: GotWebhook };
  "webhooks/{webhook_id} PATCH": { question: UpdateWebhook; answer: GotWebhook };
  "webhooks/{webhook_id} DELETE": { question: DeleteWebhook; answer: Nothing };
  "webhooks/{webhook_id}/test": { question: TestWebhook; answer: TestedWebhook };
  "headrace/webhooks/{webhook_id}/deliveries": { question: ListDeliveries; answer: FoundDeliveries };
  "headrace/webhooks/{webhook_id}/deliveries/{delivery_id}/replay": { question: ReplayDelivery; answer: Nothing };
  "artifacts/list": { question: ListArtifacts; answer: FoundArtifacts };
  "logged-models/{model_id}/artifacts/directories": { question: ListLoggedModelArtifacts; answer: FoundArtifacts };
  "headrace/artifacts/table": { question: ReadTable; answer: TablePage };
  "artifacts/presigned-download-url": { question: CreatePresignedDownloadUrl; answer: PresignedUrl };
  "artifacts/presigned-upload-url": { question: CreatePresignedUploadUrl; answer: PresignedUrl };
  "mlflow-artifacts/artifacts": { question: ListServed; answer: FoundServed };
  "mlflow-artifacts/presigned/{artifact_path:path}": { question: PresignServed; answer: PresignedServed };
  "mlflow-artifacts/mpu/create/{artifact_path:path}": { question: CreateMultipartUpload; answer: CreatedMultipartUpload };
  "mlflow-artifacts/mpu/complete/{artifact_path:path}": { question: CompleteMultipartUpload; answer: Nothing };
  "mlflow-artifacts/mpu/abort/{artifact_path:path}": { question: AbortMultipartUpload; answer: Nothing };
}

export const OPERATIONS: {
  readonly [P in keyof Operations]: readonly [verb: string, path: string];
} = {
  "experiments/create": ["POST", "ajax-api/2.0/mlflow/experiments/create"],
  "experiments/get": ["GET", "ajax-api/2.0/mlflow/experiments/get"],
  "experiments/get-by-name": ["GET", "ajax-api/2.0/mlflow/experiments/get-by-name"],
  "experiments/search": ["POST", "ajax-api/2.0/mlflow/experiments/search"],
  "headrace/experiments/summaries": ["POST", "ajax-api/2.0/headrace/experiments/summaries"],
  "experiments/update": ["POST", "ajax-api/2.0/mlflow/experiments/update"],
  "experiments/delete": ["POST", "ajax-api/2.0/mlflow/experiments/delete"],
  "experiments/restore": ["POST", "ajax-api/2.0/mlflow/experiments/restore"],
  "experiments/set-experiment-tag": ["POST", "ajax-api/2.0/mlflow/experiments/set-experiment-tag"],
  "experiments/delete-experiment-tag": ["POST", "ajax-api/2.0/mlflow/experiments/delete-experiment-tag"],
  "runs/create": ["POST", "ajax-api/2.0/mlflow/runs/create"],
  "runs/get": ["GET", "ajax-api/2.0/mlflow/runs/get"],
  "runs/update": ["POST", "ajax-api/2.0/mlflow/runs/update"],
  "runs/delete": ["POST", "ajax-api/2.0/mlflow/runs/delete"],
  "runs/restore": ["POST", "ajax-api/2.0/mlflow/runs/restore"],
  "runs/search": ["POST", "ajax-api/2.0/mlflow/runs/search"],
  "headrace/runs/table": ["POST", "ajax-api/2.0/headrace/runs/table"],
  "headrace/runs/columns": ["POST", "ajax-api/2.0/headrace/runs/columns"],
  "headrace/runs/values": ["POST", "ajax-api/2.0/headrace/runs/values"],
  "headrace/runs/variation": ["POST", "ajax-api/2.0/headrace/runs/variation"],
  "headrace/runs/groups": ["POST", "ajax-api/2.0/headrace/runs/groups"],
  "runs/log-parameter": ["POST", "ajax-api/2.0/mlflow/runs/log-parameter"],
  "runs/log-metric": ["POST", "ajax-api/2.0/mlflow/runs/log-metric"],
  "runs/log-batch": ["POST", "ajax-api/2.0/mlflow/runs/log-batch"],
  "runs/set-tag": ["POST", "ajax-api/2.0/mlflow/runs/set-tag"],
  "runs/delete-tag": ["POST", "ajax-api/2.0/mlflow/runs/delete-tag"],
  "runs/log-inputs": ["POST", "ajax-api/2.0/mlflow/runs/log-inputs"],
  "runs/outputs": ["POST", "ajax-api/2.0/mlflow/runs/outputs"],
  "headrace/journals/append": ["POST", "ajax-api/2.0/headrace/journals/append"],
  "runs/log-model": ["POST", "ajax-api/2.0/mlflow/runs/log-model"],
  "metrics/get-history": ["GET", "ajax-api/2.0/mlflow/metrics/get-history"],
  "metrics/get-history-bulk": ["GET", "ajax-api/2.0/mlflow/metrics/get-history-bulk"],
  "metrics/get-history-bulk-interval": ["GET", "ajax-api/2.0/mlflow/metrics/get-history-bulk-interval"],
  "headrace/metrics/sample": ["POST", "ajax-api/2.0/headrace/metrics/sample"],
  "headrace/metrics/bands": ["POST", "ajax-api/2.0/headrace/metrics/bands"],
  "experiments/search-datasets": ["POST", "ajax-api/2.0/mlflow/experiments/search-datasets"],
  "logged-models": ["POST", "ajax-api/2.0/mlflow/logged-models"],
  "logged-models/search": ["POST", "ajax-api/2.0/mlflow/logged-models/search"],
  "logged-models/{model_id} GET": ["GET", "ajax-api/2.0/mlflow/logged-models/{model_id}"],
  "logged-models/{model_id} PATCH": ["PATCH", "ajax-api/2.0/mlflow/logged-models/{model_id}"],
  "logged-models/{model_id} DELETE": ["DELETE", "ajax-api/2.0/mlflow/logged-models/{model_id}"],
  "logged-models/{model_id}/params": ["POST", "ajax-api/2.0/mlflow/logged-models/{model_id}/params"],
  "logged-models/{model_id}/tags": ["PATCH", "ajax-api/2.0/mlflow/logged-models/{model_id}/tags"],
  "logged-models/{model_id}/tags/{tag_key:path}": ["DELETE", "ajax-api/2.0/mlflow/logged-models/{model_id}/tags/{tag_key}"],
  "datasets/create": ["POST", "ajax-api/3.0/mlflow/datasets/create"],
  "datasets/search": ["POST", "ajax-api/3.0/mlflow/datasets/search"],
  "datasets/{dataset_id} GET": ["GET", "ajax-api/3.0/mlflow/datasets/{dataset_id}"],
  "datasets/{dataset_id} DELETE": ["DELETE", "ajax-api/3.0/mlflow/datasets/{dataset_id}"],
  "datasets/{dataset_id}/records GET": ["GET", "ajax-api/3.0/mlflow/datasets/{dataset_id}/records"],
  "datasets/{dataset_id}/records POST": ["POST", "ajax-api/3.0/mlflow/datasets/{dataset_id}/records"],
  "datasets/{dataset_id}/records DELETE": ["DELETE", "ajax-api/3.0/mlflow/datasets/{dataset_id}/records"],
  "datasets/{dataset_id}/tags": ["PATCH", "ajax-api/3.0/mlflow/datasets/{dataset_id}/tags"],
  "datasets/{dataset_id}/tags/{key:path}": ["DELETE", "ajax-api/3.0/mlflow/datasets/{dataset_id}/tags/{key}"],
  "datasets/{dataset_id}/add-experiments": ["POST", "ajax-api/3.0/mlflow/datasets/{dataset_id}/add-experiments"],
  "datasets/{dataset_id}/remove-experiments": ["POST", "ajax-api/3.0/mlflow/datasets/{dataset_id}/remove-experiments"],
  "datasets/{dataset_id}/experiment-ids": ["GET", "ajax-api/3.0/mlflow/datasets/{dataset_id}/experiment-ids"],
  "registered-models/create": ["POST", "ajax-api/2.0/mlflow/registered-models/create"],
  "registered-models/get": ["GET", "ajax-api/2.0/mlflow/registered-models/get"],
  "registered-models/rename": ["POST", "ajax-api/2.0/mlflow/registered-models/rename"],
  "registered-models/update": ["PATCH", "ajax-api/2.0/mlflow/registered-models/update"],
  "registered-models/delete": ["DELETE", "ajax-api/2.0/mlflow/registered-models/delete"],
  "registered-models/search": ["GET", "ajax-api/2.0/mlflow/registered-models/search"],
  "registered-models/set-tag": ["POST", "ajax-api/2.0/mlflow/registered-models/set-tag"],
  "registered-models/delete-tag": ["DELETE", "ajax-api/2.0/mlflow/registered-models/delete-tag"],
  "registered-models/get-latest-versions": ["POST", "ajax-api/2.0/mlflow/registered-models/get-latest-versions"],
  "registered-models/alias POST": ["POST", "ajax-api/2.0/mlflow/registered-models/alias"],
  "registered-models/alias DELETE": ["DELETE", "ajax-api/2.0/mlflow/registered-models/alias"],
  "registered-models/alias GET": ["GET", "ajax-api/2.0/mlflow/registered-models/alias"],
  "model-versions/create": ["POST", "ajax-api/2.0/mlflow/model-versions/create"],
  "headrace/model-versions/register": ["POST", "ajax-api/2.0/headrace/model-versions/register"],
  "model-versions/get": ["GET", "ajax-api/2.0/mlflow/model-versions/get"],
  "model-versions/update": ["PATCH", "ajax-api/2.0/mlflow/model-versions/update"],
  "model-versions/delete": ["DELETE", "ajax-api/2.0/mlflow/model-versions/delete"],
  "model-versions/search": ["GET", "ajax-api/2.0/mlflow/model-versions/search"],
  "model-versions/set-tag": ["POST", "ajax-api/2.0/mlflow/model-versions/set-tag"],
  "model-versions/delete-tag": ["DELETE", "ajax-api/2.0/mlflow/model-versions/delete-tag"],
  "model-versions/transition-stage": ["POST", "ajax-api/2.0/mlflow/model-versions/transition-stage"],
  "model-versions/get-download-uri": ["GET", "ajax-api/2.0/mlflow/model-versions/get-download-uri"],
  "transition-requests/create": ["POST", "ajax-api/2.0/mlflow/transition-requests/create"],
  "transition-requests/list": ["GET", "ajax-api/2.0/mlflow/transition-requests/list"],
  "transition-requests/approve": ["POST", "ajax-api/2.0/mlflow/transition-requests/approve"],
  "transition-requests/reject": ["POST", "ajax-api/2.0/mlflow/transition-requests/reject"],
  "transition-requests/delete": ["DELETE", "ajax-api/2.0/mlflow/transition-requests/delete"],
  "comments/create": ["POST", "ajax-api/2.0/mlflow/comments/create"],
  "comments/update": ["PATCH", "ajax-api/2.0/mlflow/comments/update"],
  "comments/delete": ["DELETE", "ajax-api/2.0/mlflow/comments/delete"],
  "headrace/model-versions/activities": ["GET", "ajax-api/2.0/headrace/model-versions/activities"],
  "headrace/model-versions/in-stage": ["GET", "ajax-api/2.0/headrace/model-versions/in-stage"],
  "headrace/model-versions/check-transition": ["POST", "ajax-api/2.0/headrace/model-versions/check-transition"],
  "headrace/model-policies/set": ["POST", "ajax-api/2.0/headrace/model-policies/set"],
  "headrace/model-policies/get": ["GET", "ajax-api/2.0/headrace/model-policies/get"],
  "headrace/model-policies/delete": ["DELETE", "ajax-api/2.0/headrace/model-policies/delete"],
  "headrace/audit/list": ["GET", "ajax-api/2.0/headrace/audit/list"],
  "headrace/audit/verify": ["GET", "ajax-api/2.0/headrace/audit/verify"],
  "webhooks POST": ["POST", "ajax-api/2.0/mlflow/webhooks"],
  "webhooks GET": ["GET", "ajax-api/2.0/mlflow/webhooks"],
  "webhooks/{webhook_id} GET": ["GET", "ajax-api/2.0/mlflow/webhooks/{webhook_id}"],
  "webhooks/{webhook_id} PATCH": ["PATCH", "ajax-api/2.0/mlflow/webhooks/{webhook_id}"],
  "webhooks/{webhook_id} DELETE": ["DELETE", "ajax-api/2.0/mlflow/webhooks/{webhook_id}"],
  "webhooks/{webhook_id}/test": ["POST", "ajax-api/2.0/mlflow/webhooks/{webhook_id}/test"],
  "headrace/webhooks/{webhook_id}/deliveries": ["GET", "ajax-api/2.0/headrace/webhooks/{webhook_id}/deliveries"],
  "headrace/webhooks/{webhook_id}/deliveries/{delivery_id}/replay": ["POST", "ajax-api/2.0/headrace/webhooks/{webhook_id}/deliveries/{delivery_id}/replay"],
  "artifacts/list": ["GET", "ajax-api/2.0/mlflow/artifacts/list"],
  "logged-models/{model_id}/artifacts/directories": ["GET", "ajax-api/2.0/mlflow/logged-models/{model_id}/artifacts/directories"],
  "headrace/artifacts/table": ["GET", "ajax-api/2.0/headrace/artifacts/table"],
  "artifacts/presigned-download-url": ["POST", "ajax-api/2.0/mlflow/artifacts/presigned-download-url"],
  "artifacts/presigned-upload-url": ["POST", "ajax-api/2.0/mlflow/artifacts/presigned-upload-url"],
  "mlflow-artifacts/artifacts": ["GET", "ajax-api/2.0/mlflow-artifacts/artifacts"],
  "mlflow-artifacts/presigned/{artifact_path:path}": ["GET", "ajax-api/2.0/mlflow-artifacts/presigned/{artifact_path}"],
  "mlflow-artifacts/mpu/create/{artifact_path:path}": ["POST", "ajax-api/2.0/mlflow-artifacts/mpu/create/{artifact_path}"],
  "mlflow-artifacts/mpu/complete/{artifact_path:path}": ["POST", "ajax-api/2.0/mlflow-artifacts/mpu/complete/{artifact_path}"],
  "mlflow-artifacts/mpu/abort/{artifact_path:path}": ["POST", "ajax-api/2.0/mlflow-artifacts/mpu/abort/{artifact_path}"],
};
