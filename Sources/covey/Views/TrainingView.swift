import Bytes
import Domain

/// What a training came to: the job in a line, then its model.
package enum TrainingView {
  package static func lines(_ job: Document, _ context: ViewContext) -> [String] {
    let head =
      "\(job.shown("id")) done in \(job.elapsed("elapsedMilliseconds")): model "
      + "\(job.shown("modelVersion")) of \(job.shown("instance")) from set \(job.shown("set")) "
      + "as of \(job.shown("asOf"))"
    return [head] + (job.part("report").map { ModelView.lines($0, context) } ?? [])
  }
}
