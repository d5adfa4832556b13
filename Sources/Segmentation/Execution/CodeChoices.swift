import ProfileStore

/// What the tests of a field say of the texts of one dictionary.
@safe struct CodeChoices {
  /// The codes whose answer is not that of all others.
  struct Choice {
    /// It is true for the others.
    var isInverse: Bool
    var codes: [UInt64]
  }

  /// Codes of a choice at most.
  private static let codeCountMax = 8

  /// The classes of no value, then by code.
  let classes: UnsafePointer<UInt16>
  /// By test; `nil` where there are many codes either way.
  let choices: [Choice?]

  init(
    _ dictionary: ShardDictionary,
    _ classifier: FieldClassifier,
    keeping binding: ShardBinding
  ) {
    let classes = classifier.classes(of: dictionary)
    unsafe self.classes = binding.arena.store([classifier.ofMissing] + classes)
    // The codes of a class, where those are few.
    var counts = [Int](repeating: 0, count: classifier.classCount)
    for number in classes { counts[Int(number)] += 1 }
    var codes = [[UInt64]](repeating: [], count: classifier.classCount)
    for (code, number) in classes.enumerated() where counts[Int(number)] <= Self.codeCountMax {
      codes[Int(number)].append(UInt64(code))
    }
    let known = counts.indices.filter { counts[$0] > 0 }
    choices = classifier.testNumbers.indices.map { test in
      let holding = known.filter { classifier.fulfils($0, test) }
      let holdingCount = holding.reduce(0) { $0 + counts[$1] }
      if holdingCount <= Self.codeCountMax {
        return Choice(isInverse: false, codes: holding.flatMap { codes[$0] })
      }
      guard classes.count - holdingCount <= Self.codeCountMax else { return nil }
      let others = known.filter { !classifier.fulfils($0, test) }
      return Choice(isInverse: true, codes: others.flatMap { codes[$0] })
    }
  }
}
