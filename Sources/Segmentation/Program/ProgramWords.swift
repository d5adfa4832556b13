import Bytes
import PQL

// Parts of a program in the words of the definitions they came from.
extension CompiledProgram {
  /// The path of a field by its number, those of attributes first.
  func path(ofField number: Int) -> String {
    let count = attributeFields.count
    return number < count
      ? "\(attributeFields[number].path)" : "\(eventFields[number - count].path) in events"
  }

  /// What an event has to fulfil: `view` with its other tests behind it.
  func words(ofMatch match: Int) -> String {
    let numbers = graph.matches[match].tests
    let named = numbers.first { number in
      tests[number].path.names == [.eventType]
        && tests[number].texts.map { texts in
          !texts.usual && texts.others.count == 1
        } ?? false
    }
    let type = named.flatMap { tests[$0].texts?.others.first?.string }
    // The times of pairs are only asked to be times.
    let others = numbers.filter { number in
      number != named && !tests[number].isAnyTime
    }.map { graph.testSources[$0].text }
    guard !others.isEmpty else { return type ?? "any event" }
    return (type.map { $0 + " with " } ?? "") + others.joined(separator: " and ")
  }

  /// How much later something may be, with a space before it; nothing where it may be any time.
  func words(within milliseconds: Int64) -> String {
    if milliseconds == .max { return "" }
    let units: [(milliseconds: Int64, name: String)] = [
      (86_400_000, "day"), (3_600_000, "hour"), (60_000, "minute"), (1_000, "second"),
    ]
    for unit in units where milliseconds > 0 && milliseconds % unit.milliseconds == 0 {
      let count = milliseconds / unit.milliseconds
      return " within \(count) \(unit.name)\(count == 1 ? "" : "s")"
    }
    return " within \(milliseconds) ms"
  }
}

extension FieldTest {
  /// It only asks for an event's time to be one.
  fileprivate var isAnyTime: Bool {
    path.names == [.timestamp] && !ofMissing && instants == Pieces(true)
  }
}
