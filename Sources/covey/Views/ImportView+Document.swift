import Bytes
import Domain
import Intake
import Runtime

extension ImportView {
  /// The coordinator's document with what only the client knows: rejects, warnings, pace.
  static func document(_ outcome: ImportJob.Outcome) -> Value {
    guard case .object(var object) = outcome.document else { return outcome.document }
    let report = outcome.report
    object["surveyMilliseconds"] = .integer(outcome.surveyMilliseconds)
    object["loadMilliseconds"] = .integer(outcome.loadMilliseconds)
    object["attempts"] = .integer(Int64(outcome.attemptCount))
    object["fileBytes"] = .integer(Int64(report.fileByteCount))
    object["textBytes"] = .integer(Int64(report.textByteCount))
    object["warnings"] = .array(report.warnings.map { .string($0) })
    object["rejects"] = .object([
      ("count", .integer(Int64(clamping: report.rejects.count))),
      (
        "byReason",
        .object(
          report.rejects.counts.map { reason, count in
            (Text(reason.rawValue), .integer(Int64(clamping: count)))
          }
        )
      ),
      ("listed", .array(report.rejects.listed.map(document))),
    ])
    return .object(object)
  }

  private static func document(_ reject: Reject) -> Value {
    .object([
      ("file", .string(reject.file)), ("line", .integer(Int64(reject.line))),
      ("reason", .string(reject.reason.rawValue)), ("field", .string(reject.field)),
      ("value", .string(reject.value)), ("detail", .string(reject.detail)),
    ])
  }
}
