import Bytes
import Domain
package import ProfileStore

extension FeatureSurvey {
  /// Surveys the contents of a shard.
  ///
  /// - Throws: damage that was found.
  package init(of snapshot: ShardSnapshot) throws(StoreError) {
    let survey = ShardSurvey(snapshot)
    for block in 0..<snapshot.blockCount { try survey.add(block) }
    self = try survey.finish()
  }
}

/// Goes through the lanes of a shard's blocks and counts what they hold.
private final class ShardSurvey {
  private let snapshot: ShardSnapshot
  private let keyCopies: KeyCopies
  private var found = FeatureSurvey()
  /// By place, what was met there.
  private var places: [SurveyPlace: PlaceSurvey] = [:]

  init(_ snapshot: ShardSnapshot) {
    self.snapshot = snapshot
    keyCopies = KeyCopies(snapshot)
    found.profileCount = snapshot.contents.profileCount
  }

  func add(_ block: Int) throws(StoreError) {
    let flat = try snapshot.flatBlock(block)
    let shapes = snapshot.shapes
    var decoded: ProfileBlock?
    for number in 0..<flat.tableCount {
      let table = unsafe flat.tables[number]
      let fields = unsafe shapes[table.shape]
      let type = number == 0 ? nil : typeName(fields)
      if let type, number > 0 {
        found.eventTypes[type, default: EventTypeSurvey()].eventCount += UInt64(
          unsafe table.rowCount
        )
      }
      if number == 0 || type != nil {
        try unsafe add(table, fields, SurveyPlace(type: type, path: []), block)
        if !fields.hasMaps { continue }
      }
      let values: ProfileBlock
      if let decoded { values = decoded } else { values = try snapshot.block(block) }
      decoded = values
      let column =
        number == 0 ? values.columns.attributes : values.columns.eventTables[number - 1].columns
      for row in 0..<(unsafe table.rowCount) {
        if number == 0 || type != nil {
          addMaps(values, column, row, fields, type)
        } else {
          addEvent(values, column, row)
        }
      }
    }
  }

  /// The one type of a table's events; `nil` for a table of several.
  private func typeName(_ fields: TableFields) -> Text? {
    let type = fields.shape.type
    if type < snapshot.eventTypes.count { return snapshot.eventTypes[type] }
    return fields.place(of: [.eventType]) == .nowhere ? "" : nil
  }

  // MARK: Lanes

  private func add(
    _ table: FlatTable,
    _ fields: TableFields,
    _ place: SurveyPlace,
    _ block: Int
  ) throws(StoreError) {
    for field in fields.shape.fields where !field.lanes.isEmpty && !field.names.isEmpty {
      var place = place
      place.path = field.names
      if place.isPassedOver { continue }
      var survey = places.removeValue(forKey: place) ?? PlaceSurvey()
      for lane in field.firstLane..<field.firstLane + field.lanes.count {
        let lane = unsafe table.lanes[lane]
        let rowCount = unsafe table.rowCount
        try unsafe survey.add(lane, rowCount: rowCount, snapshot)
        if place.type == nil {
          try unsafe keyCopies.add(lane, of: place.path, block, rowCount: rowCount)
        }
      }
      places[place] = survey
    }
  }

  // MARK: Values one by one

  /// Adds what lies in maps, which have no lanes.
  private func addMaps(
    _ block: ProfileBlock,
    _ column: Column,
    _ row: Int,
    _ fields: TableFields,
    _ type: Text?
  ) {
    for field in fields.shape.fields where fields.isMap(field) {
      guard let (value, rest) = block.value(of: field.names[...], in: column, row),
        rest.isEmpty, case .object(let object) = value
      else { continue }
      for entry in object.fields {
        add(entry.value, SurveyPlace(type: type, path: field.names + [entry.name]))
      }
    }
  }

  private func addEvent(_ block: ProfileBlock, _ column: Column, _ row: Int) {
    guard case .object(let event)? = block.value(column, row) else { return }
    let type = event[.eventType]?.text ?? ""
    found.eventTypes[type, default: EventTypeSurvey()].eventCount += 1
    for field in event.fields {
      add(field.value, SurveyPlace(type: type, path: [field.name]))
    }
  }

  private func add(_ value: Value, _ place: SurveyPlace) {
    if place.isPassedOver { return }
    switch value {
    case .object(let object):
      for field in object.fields {
        add(field.value, SurveyPlace(type: place.type, path: place.path + [field.name]))
      }
    case .array: break
    case .string(let text): places[place, default: PlaceSurvey()].texts.add(text)
    case .boolean, .integer, .double:
      if let number = value.measured { places[place, default: PlaceSurvey()].numbers.add(number) }
    }
  }

  func finish() throws(StoreError) -> FeatureSurvey {
    found.keyCopies = keyCopies.found
    for (place, var survey) in places {
      try survey.addDictionaries(snapshot)
      if let type = place.type {
        var field = EventFieldSurvey()
        field.numbers = survey.numbers.finish()
        field.texts = survey.texts.finish()
        if field == EventFieldSurvey() { continue }
        found.eventTypes[type, default: EventTypeSurvey()].fields[place.path] = field
      } else {
        let texts = survey.texts.finish()
        if texts.rowCount > 0 { found.attributes[place.path] = texts }
      }
    }
    return found
  }
}

/// A field of attributes, or of the events of a type.
private struct SurveyPlace: Hashable {
  var type: Text?
  var path: [Text]

  /// Too deep, or known without looking.
  var isPassedOver: Bool {
    path.count > FieldProjection.nameCountMax
      || type != nil && (path == [.timestamp] || path == [.eventType])
  }
}

extension TableFields {
  fileprivate var hasMaps: Bool { shape.fields.contains { isMap($0) } }

  /// Whether objects there may be maps: those of one place are all maps, or all have lanes.
  fileprivate func isMap(_ field: TableShape.Field) -> Bool {
    field.form == .nested
      && !shape.fields.contains {
        $0.names.count > field.names.count && $0.names.starts(with: field.names)
      }
  }
}
