import Bytes

/// What a model predicts, in words.
enum GoalText {
  /// The goal of a document: a predicate as it is, of events whether and how they have to happen.
  ///
  /// - Parameter document: has the member `goal`.
  /// - Returns: the words; `nil` when the document names no goal.
  static func words(of document: Document) -> String? {
    guard let goal = document.part("goal"), !goal.list("conditions").isEmpty else {
      return document.text("goal")
    }
    let conditions = goal.texts("conditions")
    let occurs = goal.flag("occurs") ?? true
    let isAny = goal.text("match") == "any"
    let joined = conditions.joined(separator: isAny ? " or " : " and ")
    let scope =
      conditions.count == 1 || isAny
      ? "" : goal.text("scope") == "within-window" ? ", in any events" : ", in one event"
    return (occurs ? "happens: " : "does not happen: ") + joined + scope
  }
}
