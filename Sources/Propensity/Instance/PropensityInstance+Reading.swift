private import Bytes

extension PropensityInstance {
  /// Reads an instance's file; what it leaves out is as the properties say.
  package init(json bytes: [UInt8]) throws(InstanceError) {
    let file = try InstanceField(json: bytes)
    try file.check(
      known: [
        "name", "description", "type", "goal", "outcomeWindowDays", "eligible", "customEvents",
        "attributes", "memberships", "exclusions", "cutOffs", "training", "schedule",
        "writeToProfile",
      ]
    )
    self.init(
      name: try Self.name(try file.required("name")),
      kind: try file.required("type").word(Kind.self),
      goal: try Self.goal(try file.required("goal"))
    )
    if let field = file["description"] { description = try field.text() }
    if let field = file["outcomeWindowDays"] {
      outcomeWindowDays = try field.integer(Self.outcomeWindowDaysRange)
    }
    eligible = try file["eligible"]?.text()
    if let field = file["customEvents"] { customEvents = try Self.customEvents(field) }
    if let field = file["attributes"] {
      try field.check(known: ["include", "exclude"])
      attributes.include = try field["include"]?.texts()
      if let excluded = field["exclude"] { attributes.exclude = try excluded.texts() }
    }
    memberships = try file["memberships"]?.texts()
    if let field = file["exclusions"] { exclusions = try field.texts() }
    if let field = file["cutOffs"] {
      try field.check(known: ["count", "stepDays"])
      if let count = field["count"] { cutOffCount = try count.integer(Self.cutOffCountRange) }
      cutOffStepDays = try field["stepDays"]?.integer(Self.outcomeWindowDaysRange)
    }
    if let field = file["training"] { training = try Self.training(field) }
    if let field = file["schedule"] { schedule = try field.word(Schedule.self) }
    if let field = file["writeToProfile"] { writeToProfile = try field.boolean() }
    guard schedule == .never || writeToProfile else {
      throw .value(
        field: "writeToProfile",
        expected:
          "true where 'schedule' is \"\(schedule.rawValue)\": it is scores that are made anew"
      )
    }
  }

  private static func name(_ field: InstanceField) throws(InstanceError) -> Text {
    let name = try field.text()
    func isLetter(_ byte: UInt8) -> Bool { (0x61...0x7A).contains(byte | 0x20) }
    let isPlain = name.utf8.allSatisfy { byte in
      isLetter(byte) || (0x30...0x39).contains(byte) || byte == UInt8(ascii: "-")
        || byte == UInt8(ascii: "_")
    }
    guard isPlain, let first = name.utf8.first, isLetter(first),
      name.utf8.count <= nameByteCountMax
    else {
      throw .value(
        field: field.path,
        expected: "a letter and then letters, digits, '-' and '_', \(nameByteCountMax) at most"
      )
    }
    return name
  }

  private static func goal(_ field: InstanceField) throws(InstanceError) -> Goal {
    guard field.isObject else { return .predicate(try field.text()) }
    try field.check(known: ["occurs", "match", "scope", "conditions"])
    let conditions = try field.required("conditions")
    var goal = EventGoal(conditions: try conditions.texts())
    guard !goal.conditions.isEmpty else {
      throw .value(field: conditions.path, expected: "a list of at least one condition")
    }
    if let occurs = field["occurs"] { goal.occurs = try occurs.boolean() }
    if let match = field["match"] { goal.match = try match.word(EventGoal.Match.self) }
    if let scope = field["scope"] { goal.scope = try scope.word(EventGoal.Scope.self) }
    return .events(goal)
  }

  private static func customEvents(_ field: InstanceField) throws(InstanceError) -> [CustomEvent] {
    var events: [CustomEvent] = []
    for element in try field.elements() {
      try element.check(known: ["name", "condition"])
      let name = try element.required("name")
      let event = CustomEvent(
        name: try name.text(),
        condition: try element.required("condition").text()
      )
      guard !events.contains(where: { $0.name == event.name }) else {
        throw .value(field: name.path, expected: "a name that no other custom event has")
      }
      events.append(event)
    }
    return events
  }

  private static func training(_ field: InstanceField) throws(InstanceError) -> TrainingSettings {
    let fields = TrainingSettings.Fields()
    try field.check(known: fields.names)
    var settings = TrainingSettings()
    for (name, path) in fields.integers {
      if let value = field[name] { settings[keyPath: path] = try value.integer(0...1 << 40) }
    }
    for (name, path) in fields.numbers {
      if let value = field[name] { settings[keyPath: path] = try value.number() }
    }
    if let seed = field[fields.seed] { settings.seed = UInt64(try seed.integer(0...Int.max)) }
    if case .setting(let name)? = settings.problem {
      throw .value(field: "\(field.path).\(name)", expected: "within its range")
    }
    return settings
  }
}

extension TrainingSettings {
  /// The settings by the names that they have in files.
  struct Fields {
    let integers: [(name: String, path: WritableKeyPath<TrainingSettings, Int>)] = [
      ("treeCountMax", \.treeCountMax), ("leafCountMax", \.leafCountMax),
      ("depthMax", \.depthMax), ("leavesPerRound", \.leavesPerRound),
      ("childRowCountMin", \.childRowCountMin), ("patience", \.patience),
      ("binCountMax", \.binCountMax),
    ]
    let numbers: [(name: String, path: WritableKeyPath<TrainingSettings, Double>)] = [
      ("learningRate", \.learningRate), ("childHessianMin", \.childHessianMin), ("l2", \.l2),
      ("l1", \.l1), ("splitGainMin", \.splitGainMin), ("categoryL2", \.categoryL2),
      ("categorySmoothing", \.categorySmoothing), ("rowShare", \.rowShare),
      ("featureShare", \.featureShare), ("holdOutShare", \.holdOutShare),
    ]
    let seed = "seed"

    var names: [String] { integers.map(\.name) + numbers.map(\.name) + [seed] }
  }
}
