import Bytes
import Domain

/// Finds the types of events that get tables of their own in a shard.
struct EventTypes {
  static let field: Text = "eventType"

  /// At most so many types have one: with the shared table they fit six bits.
  static let countMax = 62

  private var texts = TextTable()
  /// Events of each text.
  private var counts: [Int] = []

  /// Counts the event at `place`.
  mutating func count(_ place: Int, in bytes: [UInt8], field: UInt32?) {
    guard let text = EventTypes.text(of: place, in: bytes, field: field),
      let number = texts.number(of: text)
    else { return }
    if number == counts.count { counts.append(0) }
    counts[number] += 1
  }

  /// The most frequent types, equally frequent ones in the order of their first event.
  var mostFrequent: [Text] {
    counts.indices.sorted { counts[$0] == counts[$1] ? $0 < $1 : counts[$0] > counts[$1] }
      .prefix(EventTypes.countMax)
      .compactMap { Text(utf8: texts[$0]) }
  }

  /// The type of the event at `place`; `nil` for none, and for one that is no text.
  static func text(of place: Int, in bytes: [UInt8], field: UInt32?) -> ArraySlice<UInt8>? {
    var text: ArraySlice<UInt8>?
    LooseValue.forEachField(of: place, in: bytes) { name, value in
      guard name == field, bytes[value] == RowBatch.Tag.string else { return }
      text = bytes[value + 5..<LooseValue.end(of: value, in: bytes)]
    }
    return text
  }
}
