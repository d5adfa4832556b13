/// How large a definition may be.
package enum QueryLimits {
  /// The most bytes of a definition's text; far above what a person or a builder writes.
  package static let textByteCountMax = 256 * 1024
  /// The most nodes of its tree, so that memory stays a small multiple of the text.
  package static let nodeCountMax = 100_000
  /// The most brackets, signs, `not`s, bindings and conditions inside each other, so that reading a
  /// text needs a bounded stack.
  package static let nestingMax = 96
  /// The most nodes on the way from the root to a leaf, so that whatever walks a tree may recurse.
  package static let treeDepthMax = 256
  /// Where an integer of a time offset or of a count is cut: in milliseconds more than the whole
  /// calendar from year 1 to 9999, so cutting never changes an answer.
  package static let integerMax = 1_000_000_000_000_000
}
