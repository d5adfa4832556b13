import Bytes
import Domain
import ProfileStore

extension BindingWork {
  /// A table of which classes are still being made.
  @unsafe struct PendingTable {
    var shape: TableFields
    var fields: [FieldStep]
    var timeLane: Int?
    var floor: UInt64
    var isInstantInAnyZone: Bool
    /// By field of the program, whether the table has it.
    var isPresent: [Bool]
  }

  func pendingTable(
    _ fields: TableFields,
    _ layout: Layout,
    _ snapshot: ShardSnapshot,
    _ dictionaries: inout [[Int]: UnsafePointer<UInt16>],
    _ binding: ShardBinding
  ) throws(StoreError) -> PendingTable {
    let isOfAttributes = fields.shape.type < 0
    let time = isOfAttributes ? nil : timeLane(fields)
    var floor = UInt64.max
    if let time {
      for test in layout.layout.floorTests {
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
    for plan in layout.plans[time == nil ? 0 : 1] {
      let field = plan.field
      let place = fields.place(of: classifiers[field].path.names)
      if place == .nowhere { continue }
      isPresent[field] = true
      var lanes: [LaneStep] = unsafe []
      var firstLane = 0
      if case .field(let number) = place {
        firstLane = fields.shape.fields[number].firstLane
        for lane in fields.shape.fields[number].lanes {
          let key = CutKey(
            field: field,
            order: lane.order,
            tests: plan.tests,
            floor: plan.rows == .floor && firstLane == time?.lane ? floor : 0
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
          rows: plan.rows,
          isWithin: place == .within,
          ofMissing: classifiers[field].ofMissing,
          firstLane: firstLane,
          laneCount: lanes.count,
          lanes: binding.arena.store(lanes),
          meterPart: meterPart(of: field, lanes, binding)
        )
      )
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

  /// Numbers are cut; whatever else a field holds has codes or is looked up.
  private func meterPart(of field: Int, _ lanes: [LaneStep], _ binding: ShardBinding) -> Int {
    let isCut = unsafe lanes.contains { unsafe $0.form == .numbers || $0.form == .doubles }
    return isCut ? binding.meterParts.cuts(of: field) : binding.meterParts.values(of: field)
  }

  func table(
    _ pending: PendingTable,
    _ layout: Layout,
    _ binding: ShardBinding
  ) -> TableProgram {
    var steps: [PassStep] = unsafe []
    for (index, pass) in layout.layout.passes.enumerated() {
      let rows = unsafe pass.rows(hasTime: pending.timeLane != nil)
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
      unsafe steps.append(
        passStep(
          pass,
          layout.bits[index],
          pending.shape,
          fields,
          maskTable,
          constant,
          rows,
          binding
        )
      )
    }
    return unsafe TableProgram(
      fields: binding.arena.store(pending.fields),
      fieldCount: pending.fields.count,
      passes: binding.arena.store(steps),
      passCount: steps.count,
      usesAllRows: steps.contains { unsafe $0.rows == .all },
      usesFloor: steps.contains { unsafe $0.rows == .floor },
      usesHalves: steps.contains { unsafe $0.rows == .halves },
      timeLane: pending.timeLane ?? 0,
      floor: pending.floor,
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
}

extension TableLayout.Pass {
  /// The rows it goes through, of a table that has times to compare or not.
  func rows(hasTime: Bool) -> RowSet {
    if hasFloor && hasTime { return .floor }
    if case .halves = target { return .halves }
    return .all
  }

  /// The tests of a field that some condition has, by their index in the field.
  func tests(of field: Int) -> [Int] {
    guard let index = fields.firstIndex(of: field) else { return [] }
    return tests[index].filter { $0 >= 0 }
  }
}
