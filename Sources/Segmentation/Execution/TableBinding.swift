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

  /// What there is to do with the tables of a shape.
  mutating func program(
    _ fields: TableFields,
    _ layout: BindingWork.Layout
  ) throws(StoreError) -> TableProgram {
    var vectors = TestVectors(work.testStarts)
    var steps: [FieldStep] = unsafe []
    for (field, tests) in layout.fields {
      switch fields.place(of: work.classifiers[field].names) {
      case .nowhere:
        for test in tests { vectors.add(test, always: holdsForMissing(test)) }
      case .within:
        unsafe steps.append(classified(field, tests.filter { !$0.isFloor }, nil, &vectors))
      case .field(let number):
        unsafe steps += try self.steps(field, tests, fields.shape.fields[number], layout, &vectors)
      }
    }
    return unsafe program(fields, layout, steps, vectors)
  }

  func holdsForMissing(_ test: TableLayout.Test) -> Bool {
    if test.isFloor { return false }
    return work.program.tests[work.classifiers[test.field].testNumbers[test.index]].ofMissing
  }

  private func program(
    _ fields: TableFields,
    _ layout: BindingWork.Layout,
    _ steps: [FieldStep],
    _ vectors: TestVectors
  ) -> TableProgram {
    let (arena, parts) = (binding.arena, binding.meterParts)
    let own: ConditionSteps
    if let known = layout.steps, known.vectors == vectors {
      own = known
    } else {
      own = ConditionSteps(layout.layout, vectors, work)
      layout.steps = own
    }
    let sums = unsafe own.sums.map { number, match in unsafe sum(number, match, fields) }
    return unsafe TableProgram(
      fields: arena.store(steps),
      fieldCount: steps.count,
      vectorCount: vectors.count,
      recentCount: own.recentCount,
      floors: own.floors,
      recentTests: own.recentTests,
      marks: own.marks,
      markCount: own.markCount,
      sums: arena.store(sums),
      sumCount: sums.count,
      halves: own.halves,
      halfCount: own.halfCount,
      isInstantInAnyZone: isInstantInAnyZone(fields),
      meterPart: parts.events(ofType: fields.shape.type),
      halvesMeterPart: parts.halves(ofType: fields.shape.type)
    )
  }

  private func sum(_ number: Int, _ match: MatchStep, _ fields: TableFields) -> SumStep {
    let sum = work.conditions.sums[number]
    let path = work.valueNames[sum.value]
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
    switch fields.place(of: work.timestampNames) {
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
