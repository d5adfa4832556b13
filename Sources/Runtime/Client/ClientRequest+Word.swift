package import Cluster

extension ClientRequest {
  /// The request's name in messages to people.
  package var word: String {
    switch self {
    case .status: "status"
    case .nodes: "nodes"
    case .shards: "shards"
    case .jobs: "jobs"
    case .job: "job"
    case .waitJob: "waitJob"
    case .cancelJob: "cancelJob"
    case .createSet: "createSet"
    case .sets: "sets"
    case .set: "set"
    case .schema: "schema"
    case .dropSet: "dropSet"
    case .beginImport: "beginImport"
    case .storeBatch: "storeBatch"
    case .finishImport: "finishImport"
    case .abortImport: "abortImport"
    case .applySegments: "applySegments"
    case .segments: "segments"
    case .segment: "segment"
    case .deleteSegments: "deleteSegments"
    case .evaluate: "evaluate"
    case .audiences: "audiences"
    case .audience: "audience"
    case .page: "page"
    case .overlap: "overlap"
    case .profile: "profile"
    case .explain: "explain"
    case .applyInstances: "applyInstances"
    case .instances: "instances"
    case .instance: "instance"
    case .deleteInstances: "deleteInstances"
    case .train: "train"
    case .check: "check"
    case .model: "model"
    case .score: "score"
    case .insights: "insights"
    case .explainScore: "explainScore"
    }
  }

  /// Whether the role viewer may send it: how the cluster stands, and nothing about a profile.
  var isForViewers: Bool {
    switch self {
    case .status, .nodes, .shards, .jobs, .job, .waitJob, .sets, .set, .segments, .segment,
      .audiences, .audience, .instances, .instance:
      true
    case .cancelJob, .createSet, .schema, .dropSet, .beginImport, .storeBatch, .finishImport,
      .abortImport, .applySegments, .deleteSegments, .evaluate, .page, .overlap, .profile,
      .explain, .applyInstances, .deleteInstances, .train, .check, .model, .score,
      .insights, .explainScore:
      false
    }
  }
}
