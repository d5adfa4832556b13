import Bytes
import Domain
import ProfileStore

/// Makes the programs of a shard's tables.
struct TableBinding {
  private let work: BindingWork
  private let snapshot: ShardSnapshot
  private let binding: ShardBinding
  /// By field and dictionary.
  private var dictionaries: [[Int]: CodeChoices] = [:]

  init(_ work: BindingWork, _ snapshot: ShardSnapshot, _ binding: ShardBinding) {
    self.work = work
    self.snapshot = snapshot
    self.binding = binding
  }

  /// Where the vectors of tests are.
  private struct Vectors {
    var numbers: [TableLayout.Test: UInt32] = [:]
    /// Tests that hold for no row; those that hold for every row have that vector.
    var never: Set<TableLayout.Test> = []
    var count = 1

    mutating func add(_ tests: [TableLayout.Test]) -> Int {
      for (place, test) in tests.enumerated() { numbers[test] = UInt32(count + place) }
      defer { count += tests.count }
      return count
    }
  }

  /// Vectors of tests that conditions on recent events have.
  private struct Recent {
    var count = 0
    var floors: Set<UInt32> = []
    var tests: Set<UInt32> = []

    mutating func add(_ tests: Set<UInt32>, floor: UInt32?) {
      guard let floor else { return }
      count += 1
      floors.insert(floor)
      self.tests.formUnion(tests)
    }
  }

  /// What there is to do with the tables of a shape.
  mutating func program(
    _ fields: TableFields,
    _ layout: BindingWork.Layout
  ) throws(StoreError) -> TableProgram {
    var vectors = Vectors()
    var steps: [FieldStep] = unsafe []
    for (field, tests) in layout.fields {
      switch fields.place(of: work.classifiers[field].path.names) {
      case .nowhere:
        for test in tests {
          if holdsForMissing(test) {
            vectors.numbers[test] = 0
          } else {
            vectors.never.insert(test)
          }
        }
      case .within:
        unsafe steps.append(classified(field, tests.filter { !$0.isFloor }, nil, &vectors))
      case .field(let number):
        unsafe steps += try self.steps(field, tests, fields.shape.fields[number], &vectors)
      }
    }
    return unsafe program(fields, layout.layout, steps, vectors)
  }

  private func holdsForMissing(_ test: TableLayout.Test) -> Bool {
    if test.isFloor { return false }
    return work.program.tests[work.classifiers[test.field].testNumbers[test.index]].ofMissing
  }

  private func program(
    _ fields: TableFields,
    _ layout: TableLayout,
    _ steps: [FieldStep],
    _ vectors: Vectors
  ) -> TableProgram {
    let (arena, parts, conditions) = (binding.arena, binding.meterParts, work.conditions)
    var recent = Recent()
    func match(_ chosen: TableLayout.Chosen) -> MatchStep? {
      if chosen.tests.contains(where: { vectors.never.contains($0) }) { return nil }
      let numbers = Set(chosen.tests.compactMap { vectors.numbers[$0] }).subtracting([0])
      let floor = chosen.floor.flatMap { vectors.numbers[$0] }
      recent.add(numbers, floor: floor)
      return unsafe step(numbers, isRecent: floor != nil)
    }
    let attributes = layout.isOfAttributes ? Array(work.attributeConditions.words.joined()) : []
    let marks = unsafe layout.marks.compactMap { chosen -> MarkStep? in
      guard let match = unsafe match(chosen) else { return nil }
      if layout.isOfAttributes {
        return unsafe MarkStep(
          match: match,
          form: .attribute,
          atLeast: 1,
          mark: conditions.marks.count + chosen.number,
          node: attributes[chosen.number].node
        )
      }
      let mark = conditions.marks[chosen.number]
      return unsafe MarkStep(
        match: match,
        form: mark.isOfOneType ? .ofOneType : .across,
        atLeast: mark.atLeast,
        mark: chosen.number,
        node: mark.node
      )
    }
    let sums = unsafe layout.sums.compactMap { chosen -> SumStep? in
      guard let match = unsafe match(chosen) else { return nil }
      return unsafe sum(chosen.number, match, fields)
    }
    let halves = unsafe layout.halves.compactMap { chosen -> HalfStep? in
      guard let match = unsafe match(chosen) else { return nil }
      return unsafe HalfStep(match: match, half: chosen.number)
    }
    return unsafe TableProgram(
      fields: arena.store(steps),
      fieldCount: steps.count,
      vectorCount: vectors.count,
      recentCount: recent.count,
      floors: step(recent.floors, isRecent: false),
      recentTests: step(recent.tests, isRecent: false),
      marks: arena.store(marks),
      markCount: marks.count,
      sums: arena.store(sums),
      sumCount: sums.count,
      halves: arena.store(halves),
      halfCount: halves.count,
      isInstantInAnyZone: isInstantInAnyZone(fields),
      meterPart: parts.events(ofType: fields.shape.type),
      halvesMeterPart: parts.halves(ofType: fields.shape.type)
    )
  }

  private func step(_ vectors: Set<UInt32>, isRecent: Bool) -> MatchStep {
    unsafe MatchStep(
      vectors: binding.arena.store(vectors.sorted()),
      count: vectors.count,
      isRecent: isRecent
    )
  }

  private func sum(_ number: Int, _ match: MatchStep, _ fields: TableFields) -> SumStep {
    let sum = work.conditions.sums[number]
    let path = work.conditions.values[sum.value].names
    let field = fields.field(path)
    return unsafe SumStep(
      match: match,
      sum: number,
      value: sum.value,
      isOfOneType: sum.isOfOneType,
      firstLane: field?.firstLane ?? 0,
      laneCount: field?.lanes.count ?? 0,
      isWithin: field == nil && fields.place(of: path) == .within,
      meterPart: binding.meterParts.sums(of: sum.value)
    )
  }

  private func isInstantInAnyZone(_ fields: TableFields) -> Bool {
    switch fields.place(of: [.timestamp]) {
    case .nowhere: true
    case .within: false
    case .field(let number):
      fields.shape.fields[number].lanes.allSatisfy { lane in
        switch lane.kind {
        case .instantTexts: lane.detail != InstantStyle.date.rawValue
        case .integers, .decimals, .doubles: true
        case .booleans, .sharedTexts, .ownTexts, .plainTexts: false
        }
      }
    }
  }

  // MARK: Fields

  /// Splits the tests of a field into those that are compared for and those that classes tell of.
  private mutating func steps(
    _ field: Int,
    _ tests: [TableLayout.Test],
    _ place: TableShape.Field,
    _ vectors: inout Vectors
  ) throws(StoreError) -> [FieldStep] {
    var lanes: [LaneTests] = []
    for lane in place.lanes { lanes.append(try laneTests(field, lane)) }
    var chosen = lanes.map { _ in Set<UInt64>() }
    var compared: [TableLayout.Test] = []
    for test in tests {
      let bounds = lanes.map { $0.bounds(test) }
      guard bounds.allSatisfy({ $0 != nil }) else { continue }
      let united = zip(chosen, bounds).map { $0.union($1 ?? []) }
      if zip(lanes, united).contains(where: { $1.count > $0.boundCountMax }) { continue }
      chosen = united
      compared.append(test)
    }
    var steps: [FieldStep] = unsafe []
    if !compared.isEmpty {
      let bounds = chosen.map { $0.sorted() }
      let made = unsafe zip(lanes, bounds).map { lane, bounds in
        unsafe LaneStep(
          form: lane.form,
          bounds: binding.arena.store(bounds),
          boundCount: bounds.count,
          choices: binding.arena.store(
            compared.map { unsafe choice(lane.bounds($0) ?? [], lane.isInverse($0), bounds) }
          ),
          classes: binding.arena.store([])
        )
      }
      unsafe steps.append(step(.compared, field, compared, place.firstLane, made, &vectors))
    }
    // A floor that is not compared with is left out.
    let others = tests.filter { !compared.contains($0) && !$0.isFloor }
    if !others.isEmpty { unsafe steps.append(classified(field, others, place, &vectors)) }
    return unsafe steps
  }

  private func choice(_ own: [UInt64], _ isInverse: Bool, _ bounds: [UInt64]) -> RowChoice {
    let numbers = own.compactMap { bound in
      bounds.firstIndex(of: bound).map { UInt16($0) }
    }
    return unsafe RowChoice(
      isInverse: isInverse,
      vectors: binding.arena.store(numbers),
      count: numbers.count
    )
  }

  private mutating func laneTests(
    _ field: Int,
    _ lane: TableShape.Lane
  ) throws(StoreError) -> LaneTests {
    switch lane.kind {
    case .booleans:
      return .booleans(
        work.classifiers[field].testNumbers.map { number in
          let test = work.program.tests[number]
          return (test.ofFalse, test.ofTrue)
        }
      )
    case .integers, .decimals, .instantTexts:
      return .ordered(.numbers, work.answers(ofField: field, lane.order))
    case .doubles: return .ordered(.doubles, work.answers(ofField: field, lane.order))
    case .sharedTexts: return .codes(try codes(field, lane.dictionary).choices)
    case .ownTexts, .plainTexts: return .asked
    }
  }

  private mutating func codes(
    _ field: Int,
    _ dictionary: Int
  ) throws(StoreError) -> CodeChoices {
    if let known = dictionaries[[field, dictionary]] { return known }
    let made = CodeChoices(
      try snapshot.dictionary(dictionary),
      work.classifiers[field],
      keeping: binding
    )
    dictionaries[[field, dictionary]] = made
    return made
  }

  /// A step that finds classes, or looks into each row when there is no `place`.
  private func classified(
    _ field: Int,
    _ tests: [TableLayout.Test],
    _ place: TableShape.Field?,
    _ vectors: inout Vectors
  ) -> FieldStep {
    let classifier = work.classifiers[field]
    let lanes = unsafe (place?.lanes ?? []).map { lane in
      var step = unsafe LaneStep(
        form: .asked,
        bounds: binding.arena.store([]),
        boundCount: 0,
        choices: binding.arena.store([]),
        classes: binding.arena.store([])
      )
      switch lane.kind {
      case .booleans:
        unsafe step.form = .booleans
        unsafe step.classes = binding.arena.store([classifier.ofFalse, classifier.ofTrue])
      case .sharedTexts:
        unsafe step.form = .codes
        if let known = dictionaries[[field, lane.dictionary]] {
          unsafe step.classes = known.classes
        }
      case .integers, .decimals, .doubles, .instantTexts, .ownTexts, .plainTexts:
        binding.meetsNewValues(of: field)
      }
      return unsafe step
    }
    if place == nil { binding.meetsNewValues(of: field) }
    let maskTable = binding.maskTables.count
    for start in stride(from: 0, to: tests.count, by: MaskTable.testCountMax) {
      let end = min(start + MaskTable.testCountMax, tests.count)
      binding.add(MaskTable(field: field, tests: tests[start..<end].map(\.index)))
    }
    let form: FieldStep.Form = place == nil ? .within : .classified
    var step = unsafe step(form, field, tests, place?.firstLane ?? 0, lanes, &vectors)
    unsafe step.maskTable = maskTable
    return unsafe step
  }

  private func step(
    _ form: FieldStep.Form,
    _ field: Int,
    _ tests: [TableLayout.Test],
    _ firstLane: Int,
    _ lanes: [LaneStep],
    _ vectors: inout Vectors
  ) -> FieldStep {
    // Numbers are cut; whatever else a field holds has codes or is looked up.
    let isCut = unsafe lanes.contains { unsafe $0.form == .numbers || $0.form == .doubles }
    let parts = binding.meterParts
    return unsafe FieldStep(
      form: form,
      field: field,
      firstVector: vectors.add(tests),
      testCount: tests.count,
      ofMissing: binding.arena.store(tests.map { holdsForMissing($0) }),
      firstLane: firstLane,
      laneCount: lanes.count,
      lanes: binding.arena.store(lanes),
      missingClass: work.classifiers[field].ofMissing,
      maskTable: 0,
      meterPart: isCut ? parts.cuts(of: field) : parts.values(of: field)
    )
  }
}

/// What the tests of a field say of the values of one lane, by their index in the field.
private enum LaneTests {
  case codes([CodeChoices.Choice?])
  case ordered(LaneStep.Form, [BindingWork.OrderedAnswers?])
  case booleans([(ofFalse: Bool, ofTrue: Bool)])
  /// Each value has to be asked about.
  case asked

  var form: LaneStep.Form {
    switch self {
    case .codes: .codes
    case .ordered(let form, _): form
    case .booleans: .booleans
    case .asked: .asked
    }
  }

  /// Bounds that are compared with at most: beyond, finding classes costs less.
  var boundCountMax: Int {
    switch self {
    case .codes, .booleans, .asked: 48
    case .ordered: 512
    }
  }

  /// The bounds by which a test is told; `nil` when that is not possible.
  ///
  /// Booleans have one, of which the vector is the lane itself.
  func bounds(_ test: TableLayout.Test) -> [UInt64]? {
    switch self {
    case .codes(let choices): test.isFloor ? nil : choices[test.index]?.codes
    case .ordered(_, let answers):
      answers[test.index].map { answers in
        // What holds for the least values has no floor.
        test.isFloor ? Array(answers.changes.prefix(answers.first ? 0 : 1)) : answers.changes
      }
    case .booleans(let answers):
      if test.isFloor {
        nil
      } else {
        answers[test.index].ofFalse == answers[test.index].ofTrue ? [] : [0]
      }
    case .asked: nil
    }
  }

  /// Whether the test holds where an even number of the bounds is met.
  func isInverse(_ test: TableLayout.Test) -> Bool {
    switch self {
    case .codes(let choices): choices[test.index]?.isInverse ?? false
    case .ordered(_, let answers): answers[test.index]?.first ?? false
    case .booleans(let answers): answers[test.index].ofFalse
    case .asked: false
    }
  }
}

extension TableShape.Lane {
  /// How its values are ordered, when they are.
  fileprivate var order: ValueOrder {
    switch kind {
    case .decimals: .decimals(scale: Int(detail))
    case .doubles: .doubles
    case .instantTexts: .texts(InstantStyle(rawValue: detail) ?? .millisecond)
    case .booleans, .integers, .sharedTexts, .ownTexts, .plainTexts: .integers
    }
  }
}
