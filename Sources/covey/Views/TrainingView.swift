import Bytes
import Domain

/// What a training came to: the job in a line, then its model; and what a scoring came to.
package enum TrainingView {
  package static func lines(_ job: Document, _ context: ViewContext) -> [String] {
    let head =
      "\(job.shown("id")) done in \(job.elapsed("elapsedMilliseconds")): model "
      + "\(job.shown("modelVersion")) of \(job.shown("instance")) from set \(job.shown("set")) "
      + "as of \(job.shown("asOf"))"
    return [head] + (job.part("report").map { ModelView.lines($0, context) } ?? [])
  }

  package static func scoringLines(_ job: Document, _ context: ViewContext) -> [String] {
    [
      "\(job.shown("id")) done in \(job.elapsed("elapsedMilliseconds")): \(job.count("scored")) of "
        + "\(job.counted("profiles", "profile")) scored as of \(job.shown("asOf")) with model "
        + "\(job.shown("modelVersion")) of \(job.shown("instance"))"
    ] + warningLines(job, context)
  }

  /// What is doubtful in the scores.
  static func warningLines(_ job: Document, _ context: ViewContext) -> [String] {
    job.sentences("warnings").map { context.style.painted($0, .warning) }
  }
}
