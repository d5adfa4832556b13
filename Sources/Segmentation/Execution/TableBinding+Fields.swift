import Bytes
import Domain
import ProfileStore

extension TableBinding {
  /// Splits the tests of a field into those that are compared for and those that classes tell of.
  mutating func steps(
    _ field: Int,
    _ tests: [TableLayout.Test],
    _ place: TableShape.Field,
    _ layout: BindingWork.Layout,
    _ vectors: inout TestVectors
  ) throws(StoreError) -> [FieldStep] {
    let made = try comparisons(field, tests, place.lanes, layout)
    let compared = made.tests
    var steps: [FieldStep] = unsafe []
    if !compared.isEmpty {
      unsafe steps.append(step(.compared, field, compared, place.firstLane, made.lanes, &vectors))
    }
    // A floor that is not compared with is left out.
    var next = 0
    let others = tests.filter { test in
      // Those that are compared stand in the same order.
      let isCompared = next < compared.count && compared[next] == test
      if isCompared { next += 1 }
      return !isCompared && !test.isFloor
    }
    if !others.isEmpty { unsafe steps.append(classified(field, others, place, &vectors)) }
    return unsafe steps
  }

  /// What the lanes of a field are compared with; where no dictionary matters, that is made once for all
  /// shards.
  private mutating func comparisons(
    _ field: Int,
    _ tests: [TableLayout.Test],
    _ shapes: [TableShape.Lane],
    _ layout: BindingWork.Layout
  ) throws(StoreError) -> BindingWork.Comparisons {
    let isOfShard = shapes.contains { $0.kind == .sharedTexts }
    let key = BindingWork.LaneKey(field: field, lanes: shapes)
    if !isOfShard, let known = layout.comparisons[key] { return known }
    var lanes: [LaneTests] = []
    for lane in shapes { lanes.append(try laneTests(field, lane)) }
    let (compared, bounds) = comparable(tests, lanes)
    let arena = isOfShard ? binding.arena : work.arena
    let steps = unsafe zip(lanes, bounds).map { lane, bounds in
      unsafe LaneStep(
        form: lane.form,
        bounds: arena.store(bounds),
        boundCount: bounds.count,
        choices: arena.store(
          compared.map { test in
            unsafe choice(lane.bounds(test) ?? [], lane.isInverse(test), bounds, in: arena)
          }
        ),
        classes: arena.store([])
      )
    }
    let made = unsafe BindingWork.Comparisons(tests: compared, lanes: steps)
    if !isOfShard { layout.comparisons[key] = made }
    return made
  }

  /// The tests that bounds tell in all lanes, and by lane these bounds, ascending.
  private func comparable(
    _ tests: [TableLayout.Test],
    _ lanes: [LaneTests]
  ) -> (tests: [TableLayout.Test], bounds: [[UInt64]]) {
    let told = tests.filter { test in lanes.allSatisfy { $0.bounds(test) != nil } }
    func bounds(_ tests: [TableLayout.Test]) -> [[UInt64]] {
      lanes.map { lane in
        var all = tests.flatMap { lane.bounds($0) ?? [] }
        all.sort()
        return all.indices.filter { $0 == 0 || all[$0] != all[$0 - 1] }.map { all[$0] }
      }
    }
    func areFew(_ bounds: [[UInt64]]) -> Bool {
      zip(lanes, bounds).allSatisfy { $1.count <= $0.boundCountMax }
    }
    let all = bounds(told)
    if areFew(all) { return (told, all) }
    var chosen: [TableLayout.Test] = []
    var known = lanes.map { _ in Set<UInt64>() }
    for test in told {
      let united = zip(known, lanes).map { $0.union($1.bounds(test) ?? []) }
      if zip(lanes, united).contains(where: { $1.count > $0.boundCountMax }) { continue }
      known = united
      chosen.append(test)
    }
    return (chosen, bounds(chosen))
  }

  private func choice(
    _ own: [UInt64],
    _ isInverse: Bool,
    _ bounds: [UInt64],
    in arena: Arena
  ) -> RowChoice {
    let numbers = own.map { bound in
      var (low, high) = (0, bounds.count)
      while low < high {
        let middle = (low + high) / 2
        if bounds[middle] < bound { low = middle + 1 } else { high = middle }
      }
      return UInt16(truncatingIfNeeded: low)
    }
    return unsafe RowChoice(
      isInverse: isInverse,
      vectors: arena.store(numbers),
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
    let made = CodeChoices(try snapshot.dictionary(dictionary), work.classifiers[field])
    dictionaries[[field, dictionary]] = made
    return made
  }

  /// A step that finds classes, or looks into each row when there is no `place`.
  func classified(
    _ field: Int,
    _ tests: [TableLayout.Test],
    _ place: TableShape.Field?,
    _ vectors: inout TestVectors
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
          unsafe step.classes = known.classes(classifier, keeping: binding)
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
    _ vectors: inout TestVectors
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
