/// A node of a program, as it is or negated.
///
/// Nodes are made once each, so equal references mean the same condition.
struct NodeReference: Hashable, Comparable, Sendable {
  /// The node's number twice, plus 1 when it is negated.
  let code: Int32

  init(_ node: Int, isNegated: Bool = false) { code = Int32(node) << 1 | (isNegated ? 1 : 0) }

  private init(code: Int32) { self.code = code }

  /// Node 0 is the constant true.
  static let always = NodeReference(0)
  static let never = NodeReference(0, isNegated: true)

  var node: Int { Int(code >> 1) }

  var isNegated: Bool { code & 1 == 1 }

  static prefix func ! (reference: NodeReference) -> NodeReference {
    NodeReference(code: reference.code ^ 1)
  }

  static func < (left: NodeReference, right: NodeReference) -> Bool { left.code < right.code }
}
