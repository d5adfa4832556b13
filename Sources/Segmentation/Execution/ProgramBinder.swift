import Bytes
import Domain
import ProfileStore
import Synchronization

/// Makes a program ready for the shapes of tables that shards have.
///
/// What only the program and the kinds of fields decide is made once for all shards of a job: the
/// classes of values, and for each layout its passes with their mask tables.
final class ProgramBinder: Sendable {
  private let state = Mutex(State())

  private final class State: @unchecked Sendable {
    var work: BindingWork?
  }

  /// Brings the program together with a shard, of which every block was laid flat.
  func bind(
    _ program: CompiledProgram,
    _ snapshot: ShardSnapshot
  ) throws(StoreError) -> ShardBinding {
    let result = state.withLock { state -> Result<ShardBinding, StoreError> in
      let work = state.work ?? BindingWork(program)
      state.work = work
      do throws(StoreError) {
        return .success(try work.bind(snapshot))
      } catch {
        return .failure(error)
      }
    }
    return try result.get()
  }
}

/// The part of the binding that goes on from shard to shard.
@safe private final class BindingWork {
  private let program: CompiledProgram
  private let conditions: EventConditions
  private let attributeConditions: AttributeConditions
  private let classifiers: [FieldClassifier]
  private let arena = Arena()
  private var layouts: [LayoutKey: Layout] = [:]
  /// `nil` where each value has to be asked about.
  private var cuts: [CutKey: LaneCuts?] = unsafe [:]

  private struct LayoutKey: Hashable {
    /// `nil` for attributes.
    var type: Text??
    var isPresent: [Bool]
  }

  @safe private final class Layout {
    let layout: TableLayout
    /// By pass and field.
    let tables: [[MaskTable]]
    var masks: [[(start: UnsafePointer<UInt64>, count: Int)]]

    init(_ layout: TableLayout) {
      self.layout = layout
      tables = layout.passes.map { pass in pass.fields.indices.map { MaskTable(pass, $0) } }
      unsafe masks = []
    }
  }

  private struct CutKey: Hashable {
    var field: Int
    var order: ValueOrder
    /// The tests of the field that matter, by index.
    var tests: Set<Int>
    /// No value is at a lower place.
    var floor: UInt64
  }

  init(_ program: CompiledProgram) {
    self.program = program
    conditions = EventConditions(program)
    attributeConditions = AttributeConditions(program)
    classifiers = (program.attributeFields + program.eventFields).map { field in
      FieldClassifier(
        field.path,
        tests: field.tests.map { program.tests[$0] },
        numbers: field.tests
      )
    }
  }

  // MARK: A shard

  func bind(_ snapshot: ShardSnapshot) throws(StoreError) -> ShardBinding {
    let shapes = snapshot.shapes
    let binding = ShardBinding(
      program,
      conditions,
      attributeConditions,
      keeping: arena
    )
    var dictionaries: [[Int]: UnsafePointer<UInt16>] = unsafe [:]
    var used: [(layout: Layout, program: PendingTable)] = unsafe []
    for fields in shapes {
      let layout = self.layout(of: fields, snapshot.eventTypes)
      let pending = try unsafe pendingTable(fields, layout.layout, snapshot, &dictionaries, binding)
      unsafe used.append((layout, pending))
    }
    // By now every class is known that is not met on the way.
    var programs: [TableProgram] = unsafe []
    for index in unsafe used.indices {
      let (layout, pending) = unsafe used[index]
      updateMasks(of: layout)
      unsafe programs.append(table(pending, layout, binding))
    }
    unsafe binding.finish(programs, classifiers)
    return binding
  }

  private func layout(of fields: TableFields, _ eventTypes: [Text]) -> Layout {
    let isOfAttributes = fields.shape.type < 0
    let paths = isOfAttributes ? program.attributeFields : program.eventFields
    let type = eventTypes.indices.contains(fields.shape.type) ? eventTypes[fields.shape.type] : nil
    let key = LayoutKey(
      type: isOfAttributes ? .none : .some(type),
      isPresent: isOfAttributes
        ? [] : paths.map { fields.place(of: $0.path.names) != .nowhere }
    )
    if let known = layouts[key] { return known }
    let made = Layout(
      isOfAttributes
        ? TableLayout(attributeConditions, program)
        : TableLayout(conditions, program, type: type, isPresent: key.isPresent)
    )
    layouts[key] = made
    return made
  }

  private func updateMasks(of layout: Layout) {
    if unsafe layout.masks.isEmpty {
      unsafe layout.masks = layout.tables.map { tables in
        unsafe tables.map { table in
          unsafe (
            arena.store(table.masks(classifiers[table.field])), classifiers[table.field].classCount
          )
        }
      }
      return
    }
    for (pass, tables) in layout.tables.enumerated() {
      for (index, table) in tables.enumerated() {
        let classifier = classifiers[table.field]
        if unsafe layout.masks[pass][index].count == classifier.classCount { continue }
        unsafe layout.masks[pass][index] = (
          arena.store(table.masks(classifier)), classifier.classCount
        )
      }
    }
  }

  // MARK: Tables

  @unsafe private struct PendingTable {
    var shape: TableFields
    var fields: [FieldStep]
    var timeLane: Int?
    var floor: UInt64
    var isInstantInAnyZone: Bool
    /// By field of the program, whether the table has it.
    var isPresent: [Bool]
  }

  private func pendingTable(
    _ fields: TableFields,
    _ layout: TableLayout,
    _ snapshot: ShardSnapshot,
    _ dictionaries: inout [[Int]: UnsafePointer<UInt16>],
    _ binding: ShardBinding
  ) throws(StoreError) -> PendingTable {
    let isOfAttributes = fields.shape.type < 0
    let time = isOfAttributes ? nil : timeLane(fields)
    var floor = UInt64.max
    if let time {
      for test in layout.floorTests {
        guard let (places, answers) = ValueOrder.texts(time.style).answers(of: program.tests[test])
        else { continue }
        // Where no place is left, no value passes.
        if let first = answers.firstIndex(of: true), first - 1 < places.count {
          floor = min(floor, first == 0 ? 0 : places[first - 1])
        }
      }
    }
    var steps: [FieldStep] = unsafe []
    var isPresent = [Bool](repeating: false, count: classifiers.count)
    for hasFloor in [true, false] {
      let passes = layout.passes.filter { ($0.hasFloor && time != nil) == hasFloor }
      for field in Set(passes.flatMap(\.fields)).sorted() {
        let place = fields.place(of: classifiers[field].path.names)
        if place == .nowhere { continue }
        isPresent[field] = true
        let tests = Set(passes.flatMap { $0.tests(of: field) })
        var lanes: [LaneStep] = unsafe []
        var firstLane = 0
        if case .field(let number) = place {
          firstLane = fields.shape.fields[number].firstLane
          for lane in fields.shape.fields[number].lanes {
            let key = CutKey(
              field: field,
              order: lane.order,
              tests: tests,
              floor: hasFloor && firstLane == time?.lane ? floor : 0
            )
            unsafe lanes.append(try laneStep(lane, key, snapshot, &dictionaries, binding))
          }
        }
        if unsafe lanes.contains(where: { unsafe $0.form == .asked }) || place == .within {
          binding.meetsNewValues(of: field)
        }
        unsafe steps.append(
          FieldStep(
            field: field,
            hasFloor: hasFloor,
            isWithin: place == .within,
            ofMissing: classifiers[field].ofMissing,
            firstLane: firstLane,
            laneCount: lanes.count,
            lanes: binding.arena.store(lanes)
          )
        )
      }
    }
    return unsafe PendingTable(
      shape: fields,
      fields: steps,
      timeLane: time?.lane,
      floor: floor,
      isInstantInAnyZone: isInstantInAnyZone(fields),
      isPresent: isPresent
    )
  }

  private func table(
    _ pending: PendingTable,
    _ layout: Layout,
    _ binding: ShardBinding
  ) -> TableProgram {
    var steps: [PassStep] = unsafe []
    for (index, pass) in layout.layout.passes.enumerated() {
      let hasFloor = unsafe pass.hasFloor && pending.timeLane != nil
      var (target, number, planeCount) = (PassStep.Target.attributes, 0, 0)
      switch pass.target {
      case .word(let word):
        number = word
        if !pass.isOfAttributes {
          planeCount = conditions.words[word].planeCount
          switch conditions.words[word].purpose {
          case .exists: target = .exists
          case .count: target = planeCount == 0 ? .exists : .count
          case .pair: target = .pair
          }
        }
      case .sums(let group):
        number = group
        target = .sums
      }
      var constant: UInt64 = 0
      var fields: [Int] = []
      let maskTable = binding.maskTableCount
      for (place, field) in pass.fields.enumerated() {
        let masks = unsafe layout.masks[index][place]
        if unsafe pending.isPresent[field] {
          fields.append(field)
          unsafe binding.add(layout.tables[index][place], masks.start)
        } else if pass.isOfAttributes {
          constant |= unsafe masks.start[Int(classifiers[field].ofMissing)]
        }
      }
      var step = unsafe PassStep(
        target: target,
        number: number,
        planeCount: planeCount,
        bits: pass.bits,
        hasFloor: hasFloor,
        fields: binding.arena.store(fields),
        fieldCount: fields.count,
        maskTable: maskTable,
        constant: constant
      )
      if case .sums(let group) = pass.target {
        let path = conditions.values[conditions.sumGroups[group].value].names
        if let field = unsafe pending.shape.field(path) {
          unsafe step.firstLane = field.firstLane
          unsafe step.laneCount = field.lanes.count
        } else {
          unsafe step.isWithin = pending.shape.place(of: path) == .within
        }
      }
      unsafe steps.append(step)
    }
    return unsafe TableProgram(
      fields: binding.arena.store(pending.fields),
      fieldCount: pending.fields.count,
      passes: binding.arena.store(steps),
      passCount: steps.count,
      usesAllRows: steps.contains { unsafe !$0.hasFloor },
      usesFloor: steps.contains { unsafe $0.hasFloor },
      timeLane: pending.timeLane ?? 0,
      floor: pending.floor,
      hasPairs: steps.contains { unsafe $0.target == .pair },
      isInstantInAnyZone: pending.isInstantInAnyZone
    )
  }

  /// The one lane of texts that are instants, if the events' times are in such a one.
  private func timeLane(_ fields: TableFields) -> (lane: Int, style: InstantStyle)? {
    guard case .field(let number) = fields.place(of: [.timestamp]) else { return nil }
    let field = fields.shape.fields[number]
    guard field.lanes.count == 1, field.lanes[0].kind == .instantTexts,
      let style = InstantStyle(rawValue: field.lanes[0].detail)
    else { return nil }
    return (field.firstLane, style)
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

  // MARK: Lanes

  private func laneStep(
    _ lane: TableShape.Lane,
    _ key: CutKey,
    _ snapshot: ShardSnapshot,
    _ dictionaries: inout [[Int]: UnsafePointer<UInt16>],
    _ binding: ShardBinding
  ) throws(StoreError) -> LaneStep {
    let classifier = classifiers[key.field]
    var step = unsafe LaneStep(
      form: .asked,
      classes: binding.arena.store([]),
      cuts: LaneCuts([], [0], in: binding.arena)
    )
    switch lane.kind {
    case .booleans:
      unsafe step.form = .booleans
      unsafe step.classes = binding.arena.store([classifier.ofFalse, classifier.ofTrue])
    case .integers, .decimals, .instantTexts, .doubles:
      if let cuts = unsafe laneCuts(key) {
        unsafe step.form = lane.kind == .doubles ? .doubles : .numbers
        unsafe step.cuts = cuts
      }
    case .sharedTexts:
      unsafe step.form = .codes
      let number = [key.field, lane.dictionary]
      if let known = unsafe dictionaries[number] {
        unsafe step.classes = known
      } else {
        let made = try snapshot.dictionary(lane.dictionary).texts().map(classifier.classOf)
        unsafe step.classes = binding.arena.store(made)
        unsafe dictionaries[number] = step.classes
      }
    case .ownTexts, .plainTexts: break
    }
    return unsafe step
  }

  private func laneCuts(_ key: CutKey) -> LaneCuts? {
    if let known = unsafe cuts[key] { return unsafe known }
    let classifier = classifiers[key.field]
    let all = classifier.cuts(key.order)
    if all.areAsked {
      unsafe cuts[key] = .some(nil)
      return nil
    }
    // Of cuts where no test that matters changes its answer nothing is left, nor of those below.
    var places: [UInt64] = []
    var classes = [all.classes[0]]
    for (index, place) in all.places.enumerated() {
      let (last, next) = (classes[classes.count - 1], all.classes[index + 1])
      if place <= key.floor {
        classes = [next]
      } else if key.tests.contains(where: {
        classifier.fulfils(Int(last), $0) != classifier.fulfils(Int(next), $0)
      }) {
        places.append(place)
        classes.append(next)
      }
    }
    let made = unsafe LaneCuts(places, classes, in: arena)
    unsafe cuts[key] = made
    return unsafe made
  }
}

extension TableLayout.Pass {
  /// The tests of a field that some condition has, by their index in the field.
  fileprivate func tests(of field: Int) -> [Int] {
    guard let index = fields.firstIndex(of: field) else { return [] }
    return tests[index].filter { $0 >= 0 }
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
