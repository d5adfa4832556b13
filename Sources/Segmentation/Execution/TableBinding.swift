import Bytes
import Domain
import ProfileStore

/// Makes the programs of a shard's tables.
struct TableBinding {
  let work: BindingWork
  let snapshot: ShardSnapshot
  let binding: ShardBinding
  /// By field and dictionary.
  var dictionaries: [[Int]: CodeChoices] = [:]

  init(_ work: BindingWork, _ snapshot: ShardSnapshot, _ binding: ShardBinding) {
    self.work = work
    self.snapshot = snapshot
    self.binding = binding
  }

  /// Where the vectors of tests are.
  struct Vectors {
    private static let none = UInt32.max
    private static let never = UInt32.max - 1

    /// By field, where its tests begin.
    private let starts: [Int]
    /// By test and by the floor of each.
    private var numbers: [UInt32]
    private(set) var count = 1

    init(_ starts: [Int]) {
      self.starts = starts
      numbers = Array(repeating: Self.none, count: 2 * (starts.last ?? 0))
    }

    private func place(_ test: TableLayout.Test) -> Int {
      2 * (starts[test.field] + test.index) + (test.isFloor ? 1 : 0)
    }

    /// The test's vector; `nil` when it has none.
    subscript(test: TableLayout.Test) -> UInt32? {
      let number = numbers[place(test)]
      return number >= Self.never ? nil : number
    }

    /// It holds for no row.
    func isNever(_ test: TableLayout.Test) -> Bool { numbers[place(test)] == Self.never }

    /// Takes a test that holds for every row, or for none.
    mutating func add(_ test: TableLayout.Test, always: Bool) {
      numbers[place(test)] = always ? 0 : Self.never
    }

    /// Takes tests whose vectors follow each other, and gives the first one's.
    mutating func add(_ tests: [TableLayout.Test]) -> Int {
      for test in tests.indices { numbers[place(tests[test])] = UInt32(count + test) }
      defer { count += tests.count }
      return count
    }
  }

  /// Vectors of tests that conditions on recent events have.
  private struct Recent {
    private(set) var count = 0
    /// By vector.
    private var areFloors: [Bool]
    private var areTests: [Bool]

    init(vectorCount: Int) {
      areFloors = Array(repeating: false, count: vectorCount)
      areTests = areFloors
    }

    mutating func add(_ tests: [UInt32], floor: UInt32?) {
      guard let floor else { return }
      count += 1
      areFloors[Int(floor)] = true
      for test in tests { areTests[Int(test)] = true }
    }

    var floors: [UInt32] { areFloors.indices.filter { areFloors[$0] }.map { UInt32($0) } }
    var tests: [UInt32] { areTests.indices.filter { areTests[$0] }.map { UInt32($0) } }
  }

  /// What there is to do with the tables of a shape.
  mutating func program(
    _ fields: TableFields,
    _ layout: BindingWork.Layout
  ) throws(StoreError) -> TableProgram {
    var vectors = Vectors(work.testStarts)
    var steps: [FieldStep] = unsafe []
    for (field, tests) in layout.fields {
      switch fields.place(of: work.classifiers[field].path.names) {
      case .nowhere:
        for test in tests { vectors.add(test, always: holdsForMissing(test)) }
      case .within:
        unsafe steps.append(classified(field, tests.filter { !$0.isFloor }, nil, &vectors))
      case .field(let number):
        unsafe steps += try self.steps(field, tests, fields.shape.fields[number], &vectors)
      }
    }
    return unsafe program(fields, layout.layout, steps, vectors)
  }

  func holdsForMissing(_ test: TableLayout.Test) -> Bool {
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
    var recent = Recent(vectorCount: vectors.count)
    func match(_ chosen: TableLayout.Chosen) -> MatchStep? {
      if chosen.tests.contains(where: { vectors.isNever($0) }) { return nil }
      let numbers = chosen.tests.compactMap { vectors[$0] }.filter { $0 > 0 }
      let floor = chosen.floor.flatMap { vectors[$0] }
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

  private func step(_ vectors: [UInt32], isRecent: Bool) -> MatchStep {
    unsafe MatchStep(
      vectors: binding.arena.store(vectors),
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
}
