import ProfileStore

/// What the tests of a field say of the texts of one dictionary.
@safe final class CodeChoices {
  /// The codes whose answer is not that of all others.
  struct Choice {
    /// It is true for the others.
    var isInverse: Bool
    var codes: [UInt64]
  }

  /// Codes of a choice at most.
  private static let codeCountMax = 8

  private let codeClasses: CodeClasses
  private var known: UnsafePointer<UInt16>?
  /// By test; `nil` where there are many codes either way.
  let choices: [Choice?]

  init(_ dictionary: ShardDictionary, _ classifier: FieldClassifier) {
    let classes = classifier.classes(of: dictionary)
    codeClasses = classes
    unsafe known = nil
    let strangers = Strangers(classes, classifier)
    choices = classifier.testNumbers.indices.map { test in
      let isInverse = classifier.fulfils(Int(classes.usual), test)
      if strangers.counts[test] <= Self.codeCountMax {
        return Choice(isInverse: isInverse, codes: strangers.codes[test])
      }
      guard classes.count - strangers.counts[test] <= Self.codeCountMax else { return nil }
      let usual = classes.all.enumerated().filter { _, number in
        classifier.fulfils(Int(number), test) == isInverse
      }
      return Choice(isInverse: !isInverse, codes: usual.map { UInt64($0.offset) })
    }
  }

  /// The classes of no value, then by code.
  func classes(_ classifier: FieldClassifier, keeping binding: ShardBinding) -> UnsafePointer<
    UInt16
  > {
    if let known = unsafe known { return unsafe known }
    let made = unsafe binding.arena.store([classifier.ofMissing] + codeClasses.all)
    unsafe known = made
    return unsafe made
  }

  /// By test, the codes to which it gives another answer than is usual.
  private struct Strangers {
    var counts: [Int]
    /// The first ones of each.
    var codes: [[UInt64]]

    init(_ classes: CodeClasses, _ classifier: FieldClassifier) {
      counts = Array(repeating: 0, count: classifier.testNumbers.count)
      codes = Array(repeating: [], count: counts.count)
      var tests: [UInt16: [Int]] = [:]
      for (code, number) in classes.others {
        let known = tests[number]
        let own = known ?? classifier.differences(Int(number), from: Int(classes.usual))
        if known == nil { tests[number] = own }
        for test in own {
          counts[test] += 1
          if counts[test] <= CodeChoices.codeCountMax { codes[test].append(UInt64(code)) }
        }
      }
    }
  }
}
