package import Bytes
package import Domain
package import Platform

/// Values read as what they mean; each error says what would be right.
extension Arguments {
  /// A whole number; `nil` when the option is absent.
  package func integer(_ name: String, in range: ClosedRange<Int>) throws(UsageError) -> Int? {
    guard let word = value(name) else { return nil }
    guard let number = Int(word), range.contains(number) else {
      let limits =
        range.upperBound == .max
        ? "of at least \(range.lowerBound)" : "from \(range.lowerBound) to \(range.upperBound)"
      throw UsageError("'--\(name) \(word)' is not a whole number \(limits)")
    }
    return number
  }

  /// One of a few words.
  package func choice<Choice: CaseIterable & RawRepresentable>(
    _ name: String,
    of type: Choice.Type
  ) throws(UsageError) -> Choice? where Choice.RawValue == String {
    guard let word = value(name) else { return nil }
    if let choice = Choice(rawValue: word) { return choice }
    let words = Choice.allCases.map(\.rawValue)
    throw UsageError("'--\(name) \(word)' is not one of \(words.joined(separator: ", "))")
  }

  /// A time of ISO 8601, UTC where it names no offset, or `now`.
  package func instant(_ name: String, now: Instant) throws(UsageError) -> Instant? {
    guard let word = value(name) else { return nil }
    if word == "now" { return now }
    guard let time = TimeText(Text(word), style: .relaxed) else {
      throw UsageError(
        "'--\(name) \(word)' is no time; write one as 2026-03-15T12:00:00Z, 2026-03-15, or now"
      )
    }
    return time.instant
  }

  /// A duration such as `90s`, `10m`, `2h` or `500ms`, in milliseconds.
  package func milliseconds(_ name: String) throws(UsageError) -> Int? {
    guard let word = value(name) else { return nil }
    guard let duration = DurationText.milliseconds(word) else {
      throw UsageError("'--\(name) \(word)' is no duration; write one as 30s, 10m, 2h or 500ms")
    }
    return duration
  }

  /// The names in a list of words with commas.
  package func names(_ words: [String], what: String) throws(UsageError) -> [Name] {
    var names: [Name] = []
    for word in words {
      for part in word.split(separator: ",") { names.append(try name(String(part), what: what)) }
    }
    return names
  }

  /// A name of a set or a segment.
  package func name(_ word: String, what: String) throws(UsageError) -> Name {
    guard let name = Name(word) else {
      throw UsageError(
        "'\(word)' is no name of a \(what); use 1 to \(Name.byteCountMax) of A-Z a-z 0-9 . _ -"
      )
    }
    return name
  }

  /// The set that the operand at a place names.
  package func set(at index: Int = 0) throws(UsageError) -> Name {
    try name(operand(index) ?? "", what: "set")
  }

  /// An address such as `127.0.0.1:7070`.
  package func endpoint(_ name: String) throws(UsageError) -> Endpoint? {
    guard let word = value(name) else { return nil }
    guard let endpoint = Endpoint(word) else {
      throw UsageError("'--\(name) \(word)' is no address; write HOST:PORT, as in 127.0.0.1:7070")
    }
    return endpoint
  }
}
