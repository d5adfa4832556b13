import Bytes
import Propensity

/// Chooses features from the events that a survey found.
///
/// The catalogue is `FEATURES.md`. It is taken in full where that gives few enough features; else
/// windows, fields and types of events are left out step by step, the rarest first, until it does.
struct EventPlanner {
  /// Features of events that are aimed at.
  static let featureCountAim = 400
  /// Custom events that have features.
  static let customCountMax = 32
  /// Kinds of events that sequences are looked for among.
  static let sequenceKindCountMax = 6
  /// Days within which the second event of a sequence has to come.
  static let sequenceDays = 7
  /// Texts of a field whose newest one is a feature.
  static let categoryCountMax = 64.0
  /// A field has to be in one of so many events.
  static let fieldRarityMax: UInt64 = 100

  private(set) var selection = EventSelection()
  private(set) var features: [FeatureDefinition] = []

  private let customEvents: [PropensityInstance.CustomEvent]
  private let survey: FeatureSurvey
  private let all: EventTypeSurvey

  init(_ instance: PropensityInstance, survey: FeatureSurvey) {
    customEvents = Array(instance.customEvents.prefix(Self.customCountMax))
    self.survey = survey
    all = survey.allEvents
    if all.eventCount == 0 { return }
    for extent in CatalogueExtent.all {
      choose(extent)
      if features.count <= Self.featureCountAim { return }
    }
  }

  private mutating func choose(_ extent: CatalogueExtent) {
    selection = EventSelection()
    features = []
    selection.kinds = [EventKind(name: "event", meaning: .any)]
    selection.kinds += types(extent.typeCount).map { EventKind(name: $0, meaning: .type($0)) }
    selection.kinds += customEvents.map {
      EventKind(name: $0.name, meaning: .custom(condition: $0.condition))
    }
    for kind in selection.kinds.indices { addFeatures(of: kind, extent) }
    addSequences()
  }

  /// The most frequent types; none that all events have.
  private func types(_ count: Int) -> [Text] {
    let types = survey.eventTypes.filter { type, found in
      !type.utf8.isEmpty && found.eventCount < all.eventCount
    }
    let ranked = types.sorted { left, right in
      left.value.eventCount == right.value.eventCount
        ? left.key < right.key : left.value.eventCount > right.value.eventCount
    }
    return ranked.prefix(count).map(\.key)
  }

  // MARK: Features of one kind

  private mutating func addFeatures(of kind: Int, _ extent: CatalogueExtent) {
    let isAny = selection.kinds[kind].meaning == .any
    var measures: [EventMeasure] = [.recency]
    measures += (isAny ? FeatureWindow.allCases : extent.countWindows).map { .count($0) }
    measures += extent.otherWindows.map { .dayCount($0) }
    measures += extent.otherWindows.filter { $0 != .all }.map { .trend($0) }
    measures += [.slope, .gapMean, .gapDeviation, .gapRatio, .tenure]
    if isAny {
      measures += (0..<4).map { .hourShare(quarter: $0) }
      measures += (0..<7).map { .weekdayShare(day: $0) }
    }
    for measure in measures { add(measure, of: kind) }
    for path in numberFields(of: kind).prefix(extent.fieldCount) {
      let field = number(of: path)
      for window in extent.otherWindows {
        add(.sum(field: field, window), of: kind)
        add(.mean(field: field, window), of: kind)
        add(.largest(field: field, window), of: kind)
      }
    }
    for (path, census) in textFields(of: kind).prefix(extent.fieldCount) {
      let field = number(ofTexts: path)
      for window in extent.otherWindows { add(.variety(field: field, window), of: kind) }
      if census.distinctCount <= Self.categoryCountMax { add(.last(field: field), of: kind) }
    }
  }

  private mutating func add(_ measure: EventMeasure, of kind: Int) {
    features.append(FeatureDefinition(measure, of: kind, in: selection))
  }

  private mutating func addSequences() {
    let kinds = selection.kinds.indices.filter { selection.kinds[$0].meaning != .any }
    let chosen = kinds.prefix(Self.sequenceKindCountMax)
    for first in chosen {
      for second in chosen where second != first {
        add(.follows(kind: second, days: Self.sequenceDays), of: first)
      }
    }
  }

  // MARK: Fields

  /// What was found of the events of a kind; of custom events nothing is known, so of all.
  private func found(_ kind: Int) -> EventTypeSurvey {
    if case .type(let type) = selection.kinds[kind].meaning {
      return survey.eventTypes[type] ?? EventTypeSurvey()
    }
    return all
  }

  /// Fields with different numbers, those of most events first.
  private func numberFields(of kind: Int) -> [[Text]] {
    fields(of: kind, \.numbers).filter { $0.census.distinctCount > 1 }.map(\.path)
  }

  /// Fields with different texts that events and profiles share, those of most events first.
  private func textFields(of kind: Int) -> [(path: [Text], census: ValueCensus)] {
    var fields = fields(of: kind, \.texts)
    if selection.kinds[kind].meaning == .any, survey.eventTypes.count > 1 {
      let types = survey.eventTypes.keys.filter { !$0.utf8.isEmpty }
      var census = ValueCensus(rowCount: all.eventCount, hashes: [])
      census.add(Set(types.map { ValueCensus.hash($0) }))
      fields.insert(([.eventType], census), at: 0)
    }
    // Such as the key of the profile that an event is of.
    let distinctCountMax = max(Double(ValueCensus.hashCountMax), Double(survey.profileCount) / 2)
    return fields.filter { field in
      field.census.distinctCount > 1 && field.census.distinctCount <= distinctCountMax
        && !field.census.tellsRowsApart
    }
  }

  private func fields(
    of kind: Int,
    _ census: KeyPath<EventFieldSurvey, ValueCensus>
  ) -> [(path: [Text], census: ValueCensus)] {
    let found = found(kind)
    let fields = found.fields.map { (path: $0.key, census: $0.value[keyPath: census]) }
    let frequent = fields.filter { field in
      field.census.rowCount > 0
        && field.census.rowCount >= found.eventCount / Self.fieldRarityMax
    }
    return frequent.sorted { left, right in
      left.census.rowCount == right.census.rowCount
        ? left.path.precedes(right.path) : left.census.rowCount > right.census.rowCount
    }
  }

  private mutating func number(of path: [Text]) -> Int {
    if let known = selection.numbers.firstIndex(of: path) { return known }
    selection.numbers.append(path)
    return selection.numbers.count - 1
  }

  private mutating func number(ofTexts path: [Text]) -> Int {
    if let known = selection.texts.firstIndex(of: path) { return known }
    selection.texts.append(path)
    return selection.texts.count - 1
  }
}

/// How much of the catalogue is taken.
struct CatalogueExtent {
  /// Types of events with features of their own.
  var typeCount: Int
  /// Windows of the counts of a type.
  var countWindows: [FeatureWindow]
  /// Windows of everything else.
  var otherWindows: [FeatureWindow]
  /// Fields of numbers, and of texts, of each kind.
  var fieldCount: Int

  private static let four: [FeatureWindow] = [.days7, .days30, .days90, .all]
  private static let two: [FeatureWindow] = [.days30, .all]

  /// From all of it to little.
  static let all: [CatalogueExtent] = {
    let every = FeatureWindow.allCases
    return [
      CatalogueExtent(typeCount: 16, countWindows: every, otherWindows: every, fieldCount: 4),
      CatalogueExtent(typeCount: 16, countWindows: every, otherWindows: four, fieldCount: 3),
      CatalogueExtent(typeCount: 16, countWindows: four, otherWindows: two, fieldCount: 2),
      CatalogueExtent(typeCount: 8, countWindows: four, otherWindows: two, fieldCount: 2),
      CatalogueExtent(typeCount: 4, countWindows: four, otherWindows: two, fieldCount: 1),
    ]
  }()
}
