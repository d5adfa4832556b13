import Bytes
import Domain
import PQL
import ProfileStore

/// Sorts the values of one field into classes: values of a class give all the field's tests the same
/// answers.
///
/// Classes are numbered as they are met; of all values of a shard there are few. One thread at a time
/// may use it; threads that meet new values work on copies.
final class FieldClassifier: @unchecked Sendable {
  let path: FieldPath
  let names: FieldNames
  /// The program's numbers of the field's tests.
  let testNumbers: [Int]
  private let tests: [FieldTest]
  /// By class, the answers as bits, `wordCount` words each.
  private var patterns: [UInt64] = []
  private let wordCount: Int
  private var known: [[UInt64]: UInt16] = [:]
  private(set) var classCount = 0
  /// There are more classes than their numbers can tell; then nothing it says may be used.
  private(set) var isFull = false

  private(set) var ofMissing: UInt16 = 0
  private(set) var ofFalse: UInt16 = 0
  private(set) var ofTrue: UInt16 = 0

  private var cuts: [ValueOrder: Cuts] = [:]
  private var classesOfPlaces: [ValueOrder: [UInt64: UInt16]] = [:]

  /// The texts that some test has another answer for than usual, with those tests.
  private var exceptions: [Text: [Int]] = [:]
  /// Those texts in their order, with the class of each; made when a dictionary asks.
  private var exceptionClasses: [(text: Text, class: UInt16)]?
  private var usualTextAnswers: [UInt64]
  private var usualTextClass: UInt16 = 0
  /// Tests that have to be asked about each text.
  private var askedTextTests: [Int] = []
  /// All tests read texts without an offset as UTC.
  private let areAllUTC: Bool

  /// Where the class of ordered values changes.
  struct Cuts {
    /// Ascending, each once.
    var places: [UInt64]
    /// One more than the places.
    var classes: [UInt16]
    /// Some test has to be asked about each value; then there are no places.
    var areAsked: Bool

    /// The class of what has reached the places up to one.
    func `class`(at place: UInt64) -> UInt16 {
      var low = 0
      var high = places.count
      while low < high {
        let middle = (low + high) / 2
        if places[middle] <= place { low = middle + 1 } else { high = middle }
      }
      return classes[low]
    }
  }

  init(_ path: FieldPath, tests: [FieldTest], numbers: [Int]) {
    self.path = path
    names = FieldNames(path.names)
    self.tests = tests
    testNumbers = numbers
    wordCount = (tests.count + 63) / 64
    areAllUTC = tests.allSatisfy { $0.calendar.zone.isUTC }
    usualTextAnswers = Array(repeating: 0, count: wordCount)
    ofMissing = classOf { tests[$0].ofMissing }
    ofFalse = classOf { tests[$0].ofFalse }
    ofTrue = classOf { tests[$0].ofTrue }
    for (index, test) in tests.enumerated() {
      guard let answers = test.texts else {
        askedTextTests.append(index)
        continue
      }
      if answers.usual { usualTextAnswers[index / 64] |= 1 << UInt64(index % 64) }
      for text in answers.others { exceptions[text, default: []].append(index) }
    }
    usualTextClass = intern(usualTextAnswers)
  }

  /// The same classes, to go on with alone.
  init(copy other: FieldClassifier) {
    path = other.path
    names = other.names
    testNumbers = other.testNumbers
    tests = other.tests
    patterns = other.patterns
    wordCount = other.wordCount
    known = other.known
    classCount = other.classCount
    isFull = other.isFull
    ofMissing = other.ofMissing
    ofFalse = other.ofFalse
    ofTrue = other.ofTrue
    cuts = other.cuts
    classesOfPlaces = other.classesOfPlaces
    exceptions = other.exceptions
    exceptionClasses = other.exceptionClasses
    usualTextAnswers = other.usualTextAnswers
    usualTextClass = other.usualTextClass
    askedTextTests = other.askedTextTests
    areAllUTC = other.areAllUTC
  }

  /// Whether the values of a class fulfil the test at an index.
  func fulfils(_ class: Int, _ test: Int) -> Bool {
    patterns[`class` * wordCount + test / 64] >> UInt64(test % 64) & 1 == 1
  }

  // MARK: Classes

  private func classOf(_ answer: (Int) -> Bool) -> UInt16 {
    var pattern = [UInt64](repeating: 0, count: wordCount)
    for test in tests.indices where answer(test) { pattern[test / 64] |= 1 << UInt64(test % 64) }
    return intern(pattern)
  }

  private func intern(_ pattern: [UInt64]) -> UInt16 {
    if let known = known[pattern] { return known }
    guard classCount <= Int(UInt16.max) else {
      isFull = true
      return 0
    }
    let number = UInt16(classCount)
    known[pattern] = number
    patterns += pattern
    classCount += 1
    return number
  }

  /// The class of a value of any kind.
  func classOf(_ value: Value?) -> UInt16 {
    switch value {
    case nil: ofMissing
    case .boolean(let value): value ? ofTrue : ofFalse
    case .string(let text): classOf(text)
    case .some(let value): classOf { tests[$0].answer(value) }
    }
  }

  func classOf(_ text: Text) -> UInt16 {
    let exception = exceptions[text]
    if exception == nil, askedTextTests.isEmpty { return usualTextClass }
    let time = askedTextTests.isEmpty ? nil : TimeText(text)
    if let time, exception == nil, time.hasOffset || areAllUTC {
      let cuts = cuts(.texts(.millisecond))
      if !cuts.areAsked { return cuts.class(at: ValueOrder.place(of: time.instant.milliseconds)) }
    }
    var pattern = usualTextAnswers
    for test in exception ?? [] { pattern[test / 64] ^= 1 << UInt64(test % 64) }
    for test in askedTextTests where answer(of: tests[test], text, time) {
      pattern[test / 64] |= 1 << UInt64(test % 64)
    }
    return intern(pattern)
  }

  /// The classes of a dictionary's texts.
  func classes(of dictionary: ShardDictionary) -> CodeClasses {
    var classes = CodeClasses(usual: usualTextClass, count: dictionary.entryCount)
    if askedTextTests.isEmpty {
      let known = exceptionClasses ?? exceptions.keys.sorted().map { ($0, classOf($0)) }
      exceptionClasses = known
      for (text, number) in known where number != usualTextClass {
        if let code = dictionary.number(of: text) { classes.others.append((code, number)) }
      }
      classes.others.sort { $0.code < $1.code }
    } else {
      for (code, text) in dictionary.texts().enumerated() {
        let number = classOf(text)
        if number != usualTextClass { classes.others.append((code, number)) }
      }
    }
    return classes
  }

  /// The tests to which values of a class give another answer than those of another one, ascending.
  func differences(_ class: Int, from other: Int) -> [Int] {
    var found: [Int] = []
    for word in 0..<wordCount {
      var bits = patterns[`class` * wordCount + word] ^ patterns[other * wordCount + word]
      while bits != 0 {
        found.append(word * 64 + bits.trailingZeroBitCount)
        bits &= bits - 1
      }
    }
    return found
  }

  /// What a test says of a text, which may be a time.
  private func answer(of test: FieldTest, _ text: Text, _ time: TimeText?) -> Bool {
    guard let pieces = test.instants else { return test.answer(.string(text)) }
    return time.map { pieces.answer(at: test.calendar.instant($0).milliseconds) } ?? test.ofNoTime
  }

  // MARK: Ordered values

  func cuts(_ order: ValueOrder) -> Cuts {
    if let known = cuts[order] { return known }
    let made = makeCuts(order)
    cuts[order] = made
    return made
  }

  private func makeCuts(_ order: ValueOrder) -> Cuts {
    var pattern = [UInt64](repeating: 0, count: wordCount)
    var changes: [(place: UInt64, test: Int)] = []
    var answersOfTests: [[Bool]] = []
    for (index, test) in tests.enumerated() {
      guard let (places, answers) = order.answers(of: test) else {
        return Cuts(places: [], classes: [], areAsked: true)
      }
      if answers[0] { pattern[index / 64] |= 1 << UInt64(index % 64) }
      for place in places { changes.append((place, index)) }
      answersOfTests.append(answers)
    }
    changes.sort { $0.place < $1.place }
    var reached = [Int](repeating: 0, count: tests.count)
    var places: [UInt64] = []
    var classes = [intern(pattern)]
    var index = 0
    while index < changes.count {
      let place = changes[index].place
      while index < changes.count, changes[index].place == place {
        let test = changes[index].test
        reached[test] += 1
        let bit: UInt64 = 1 << UInt64(test % 64)
        if answersOfTests[test][reached[test]] {
          pattern[test / 64] |= bit
        } else {
          pattern[test / 64] &= ~bit
        }
        index += 1
      }
      let next = intern(pattern)
      if next == classes[classes.count - 1] { continue }
      places.append(place)
      classes.append(next)
    }
    return Cuts(places: places, classes: classes, areAsked: false)
  }

  /// The class of an ordered value that has to be asked about; remembered by its place.
  func classOf(_ value: @autoclosure () -> Value, at place: UInt64, in order: ValueOrder) -> UInt16
  {
    if let known = classesOfPlaces[order]?[place] { return known }
    let made: UInt16 =
      if case .string(let text) = value() {
        classOf(text)
      } else {
        classOf(value())
      }
    if classesOfPlaces[order, default: [:]].count < 1 << 16 {
      classesOfPlaces[order, default: [:]][place] = made
    }
    return made
  }
}
