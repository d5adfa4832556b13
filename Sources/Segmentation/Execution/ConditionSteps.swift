import Bytes

/// What is made of the tests of a layout's tables, for one way to number their vectors.
///
/// Pointers are valid for as long as the `BindingWork` lives.
@safe final class ConditionSteps {
  let vectors: TestVectors
  let marks: UnsafePointer<MarkStep>
  let markCount: Int
  /// By number of the sum.
  let sums: [(number: Int, match: MatchStep)]
  let halves: UnsafePointer<HalfStep>
  let halfCount: Int
  /// How many conditions want recent events.
  let recentCount: Int
  /// The tests of their times, one of which holds for each recent event, and all their tests.
  let floors: MatchStep
  let recentTests: MatchStep

  init(_ layout: TableLayout, _ vectors: TestVectors, _ work: BindingWork) {
    self.vectors = vectors
    let (arena, conditions) = (work.arena, work.conditions)
    var recent = Recent(vectorCount: vectors.count)
    func step(_ vectors: [UInt32], isRecent: Bool) -> MatchStep {
      unsafe MatchStep(vectors: arena.store(vectors), count: vectors.count, isRecent: isRecent)
    }
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
    unsafe sums = layout.sums.compactMap { chosen in
      guard let match = unsafe match(chosen) else { return nil }
      return unsafe (chosen.number, match)
    }
    let halves = unsafe layout.halves.compactMap { chosen -> HalfStep? in
      guard let match = unsafe match(chosen) else { return nil }
      return unsafe HalfStep(match: match, half: chosen.number)
    }
    unsafe self.marks = arena.store(marks)
    markCount = unsafe marks.count
    unsafe self.halves = arena.store(halves)
    halfCount = unsafe halves.count
    recentCount = recent.count
    unsafe floors = step(recent.floors, isRecent: false)
    unsafe recentTests = step(recent.tests, isRecent: false)
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
}
