package import Bytes
package import Domain

/// A document of the cluster, read for a listing: what it does not tell is not known.
package struct Document: Sendable {
  /// The longest text shown of one member, in bytes.
  private static let textByteCountMax = 400
  /// The longest text of a list of names.
  private static let nameByteCountMax = 80
  /// The longest sentence.
  private static let sentenceByteCountMax = 1_000

  package let value: Value

  package init(_ value: Value) { self.value = value }

  /// A text fit for one line; numbers and booleans as their JSON.
  package func text(_ name: Text) -> String? {
    guard let member = value[name] else { return nil }
    let bytes = member.text.map { Array($0.utf8) } ?? member.json()
    return Printable.text(bytes, byteCountMax: Document.textByteCountMax).string
  }

  package func number(_ name: Text) -> Int? {
    value[name]?.number.flatMap { Int(exactly: $0.rounded()) }
  }

  package func share(_ name: Text) -> Double? { value[name]?.number }

  package func flag(_ name: Text) -> Bool? { value[name]?.boolean }

  package func instant(_ name: Text) -> Instant? {
    value[name]?.text.flatMap { TimeText($0, style: .relaxed)?.instant }
  }

  /// The members of a list; none where there is no list.
  package func list(_ name: Text) -> [Document] {
    value[name]?.elements?.map { Document($0) } ?? []
  }

  /// The names, or other short texts, of a list.
  package func texts(_ name: Text) -> [String] {
    texts(name, byteCountMax: Document.nameByteCountMax)
  }

  /// The texts of a list of sentences.
  package func sentences(_ name: Text) -> [String] {
    texts(name, byteCountMax: Document.sentenceByteCountMax)
  }

  private func texts(_ name: Text, byteCountMax: Int) -> [String] {
    value[name]?.elements?.map {
      Printable.text($0.text.map { Array($0.utf8) } ?? $0.json(), byteCountMax: byteCountMax).string
    } ?? []
  }

  package func part(_ name: Text) -> Document? { value[name].map { Document($0) } }

  /// The date of an instant in its text.
  static func day(_ instant: String?) -> String {
    instant.map { String($0.prefix { $0 != "T" }) } ?? Human.unknown
  }

  // MARK: As shown, with `?` for what is not known

  package func shown(_ name: Text) -> String { text(name) ?? Human.unknown }

  package func count(_ name: Text) -> String { number(name).map(Human.count) ?? Human.unknown }

  /// A count with its noun: `1 shard`, `64 shards`, `? shards`.
  package func counted(_ name: Text, _ noun: String) -> String {
    number(name).map { Human.counted($0, noun) } ?? "\(Human.unknown) \(noun)s"
  }

  package func size(_ name: Text) -> String {
    number(name).map { Human.size(bytes: $0) } ?? Human.unknown
  }

  /// How long ago a time of the document was.
  package func age(_ name: Text, now: Instant) -> String {
    guard let instant = instant(name) else { return Human.unknown }
    return DurationText.age(milliseconds: Int(now.milliseconds - instant.milliseconds))
  }

  package func elapsed(_ name: Text) -> String {
    number(name).map { DurationText.elapsed(milliseconds: $0) } ?? Human.unknown
  }
}

/// What a view needs besides its document.
package struct ViewContext: Sendable {
  package var style: Style
  package var now: Instant

  package init(style: Style = .plain, now: Instant) {
    self.style = style
    self.now = now
  }
}
