package import Bytes

extension PropensityInstance {
  /// The instance as a file that reads back as the same; defaults are spelled out.
  package func json(_ layout: JSONWriter.Layout = .compact) -> [UInt8] {
    var writer = JSONWriter(layout)
    writer.beginObject()
    func write(_ name: Text, _ value: Text) {
      writer.name(name)
      writer.write(value)
    }
    func write(_ name: Text, _ values: [Text]) {
      writer.name(name)
      writer.beginArray()
      for value in values { writer.write(value) }
      writer.endArray()
    }
    write("name", name)
    if !description.utf8.isEmpty { write("description", description) }
    write("type", Text(kind.rawValue))
    switch goal {
    case .predicate(let rule): write("goal", rule)
    case .events(let goal):
      writer.name("goal")
      writer.beginObject()
      writer.name("occurs")
      writer.write(goal.occurs)
      write("match", Text(goal.match.rawValue))
      write("scope", Text(goal.scope.rawValue))
      write("conditions", goal.conditions)
      writer.endObject()
    }
    writer.name("outcomeWindowDays")
    writer.write(outcomeWindowDays)
    if let eligible { write("eligible", eligible) }
    writer.name("customEvents")
    writer.beginArray()
    for event in customEvents {
      writer.beginObject()
      write("name", event.name)
      write("condition", event.condition)
      writer.endObject()
    }
    writer.endArray()
    writer.name("attributes")
    writer.beginObject()
    if let include = attributes.include { write("include", include) }
    write("exclude", attributes.exclude)
    writer.endObject()
    if let memberships { write("memberships", memberships) }
    write("exclusions", exclusions)
    writer.name("cutOffs")
    writer.beginObject()
    writer.name("count")
    writer.write(cutOffCount)
    if let cutOffStepDays {
      writer.name("stepDays")
      writer.write(cutOffStepDays)
    }
    writer.endObject()
    writer.name("training")
    training.write(to: &writer)
    write("schedule", Text(schedule.rawValue))
    writer.name("writeToProfile")
    writer.write(writeToProfile)
    writer.endObject()
    return writer.bytes
  }
}

extension TrainingSettings {
  fileprivate func write(to writer: inout JSONWriter) {
    let fields = Fields()
    writer.beginObject()
    for (name, path) in fields.integers {
      writer.name(Text(name))
      writer.write(self[keyPath: path])
    }
    for (name, path) in fields.numbers {
      writer.name(Text(name))
      writer.write(self[keyPath: path])
    }
    writer.name(Text(fields.seed))
    writer.write(seed)
    writer.endObject()
  }
}
