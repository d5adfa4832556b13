import Bytes
import Domain

/// What an evaluation came to: the job in a line, then its audiences.
package enum EvaluationView {
  package static func lines(
    _ job: Document,
    audiences: Document,
    _ context: ViewContext
  ) -> [String] {
    let evaluated = Set(job.list("results").compactMap { $0.text("segment") })
    let rows = audiences.list("audiences").filter { evaluated.contains($0.text("segment") ?? "") }
    let head =
      "\(job.shown("id")) done in \(job.elapsed("elapsedMilliseconds")): "
      + "\(job.counted("segments", "segment")) as of \(job.shown("asOf")) over "
      + "\(job.counted("profiles", "profile")) and \(job.counted("events", "event"))"
    let table = Value.object([("audiences", .array(rows.map(\.value)))])
    return [head] + AudiencesView.lines(Document(table), context)
  }
}
