/// A test of an ordered value: true or false between one bound and the next.
struct Pieces<Bound: Comparable & Hashable & Sendable>: Hashable, Sendable {
  /// Ascending, each once: a piece begins at its bound.
  private(set) var bounds: [Bound] = []
  /// One more than the bounds: the first is for what is below all of them.
  private(set) var answers: [Bool]

  /// The answer for a value, which is not below the lowest.
  func answer(at value: Bound) -> Bool {
    var low = 0
    var high = bounds.count
    while low < high {
      let middle = (low + high) / 2
      if bounds[middle] <= value { low = middle + 1 } else { high = middle }
    }
    return answers[low]
  }

  /// The same answer for all values.
  init(_ answer: Bool) { answers = [answer] }

  /// Asks for the answer in every piece and leaves out bounds where it does not change.
  ///
  /// - Parameters:
  ///   - bounds: where the answer may change.
  ///   - lowest: a value below all bounds, or the least there is.
  ///   - answer: of a value.
  init(_ bounds: some Sequence<Bound>, lowest: Bound, _ answer: (Bound) -> Bool) {
    answers = [answer(lowest)]
    for bound in Set(bounds).sorted() where bound > lowest {
      let next = answer(bound)
      guard next != answers[answers.count - 1] else { continue }
      self.bounds.append(bound)
      answers.append(next)
    }
  }
}
