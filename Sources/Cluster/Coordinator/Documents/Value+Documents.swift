import Bytes
import Domain

/// How replies say what they say.
extension Value {
  /// An object of the members that are known: a missing one means that it is not.
  static func known(_ members: KeyValuePairs<Text, Value?>) -> Value {
    .object(members.compactMap { name, value in value.map { (name, $0) } })
  }

  static func count(_ count: some BinaryInteger) -> Value { .integer(Int64(clamping: count)) }

  static func instant(_ instant: Instant) -> Value { .string(instant.clamped.iso) }

  static func name(_ name: Name) -> Value { .string(name.text) }
}
