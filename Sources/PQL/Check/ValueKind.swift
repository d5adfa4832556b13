/// What is known of an expression's value before any profile is read.
///
/// Any value may also be null.
package enum ValueKind: String, CaseIterable, Hashable, Sendable {
  /// A path or a variable: fits everywhere.
  case unknown
  /// The literal: fits everywhere.
  case null
  case boolean
  case number
  case string
  case time
  case array
  case object
  /// An array or an object, as `map` yields.
  case collection
  /// A key with its value, for `map` alone.
  case entry
}
