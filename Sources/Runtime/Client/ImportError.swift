import Cluster
package import Intake

/// Why an import stored nothing.
package enum ImportError: Error, Equatable, Sendable {
  case tooManyRejects(RejectReport, limit: UInt64)
  /// It was interrupted and got nowhere for too long.
  case gaveUp(milliseconds: Int64, reason: String)

  /// Whether the rows sent so far count for nothing, and the import may begin again.
  static func isInterruption(_ error: any Error) -> Bool {
    switch error {
    case let error as ClientError: return error.isRetryable
    case let error as ClusterError:
      switch error.code {
      case .importInterrupted, .noWorkers, .noCopy, .busy: return true
      case .noSuchSet, .noSuchSegment, .noSuchJob, .noSuchProfile, .noSuchAudience, .exists,
        .circle, .badDefinition, .importConflict, .limit, .changed, .notPermitted, .failed,
        .noSuchInstance, .badInstance, .noSuchModel, .notTrainable, .notScored,
        .otherFields:
        return false
      }
    default: return false
    }
  }
}

extension ImportError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .tooManyRejects(let report, let limit):
      "\(report.count) rows cannot be imported, over the limit of \(limit)"
        + (report.listed.first.map { "; the first: \($0)" } ?? "")
    case .gaveUp(let milliseconds, let reason):
      "the import got nowhere for \(milliseconds / 1_000) s: \(reason)"
    }
  }
}
