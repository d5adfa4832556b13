import Bytes

/// The places of a shard's data: of attributes, of events, and below each the fields of objects and
/// the elements of arrays.
///
/// A parent has a smaller number than its children.
struct FieldTree {
  static let attributes: Int32 = 0
  static let events: Int32 = 1
  /// Stands for the name of an array's element.
  static let element: Int32 = -1

  struct Node {
    var parent: Int32
    /// The number of the field's name, or `element`.
    var name: Int32
    /// The number of its texts' dictionary; -1 before the first text.
    var dictionary: Int32 = -1
    var childCount: Int32 = 0
    /// Objects that were seen here, and their fields.
    var objectCount = 0
    var entryCount = 0
    /// The file before has objects here as maps.
    var isMap = false
  }

  private(set) var nodes = [
    Node(parent: -1, name: FieldTree.element), Node(parent: -1, name: FieldTree.element),
  ]
  private var children: [UInt64: Int32] = [:]

  /// The place of a field, or of elements, below another.
  mutating func child(of parent: Int32, name: Int32) -> Int32 {
    let key = UInt64(UInt32(bitPattern: parent)) << 32 | UInt64(UInt32(bitPattern: name))
    if let node = children[key] { return node }
    let node = Int32(truncatingIfNeeded: nodes.count)
    nodes.append(Node(parent: parent, name: name))
    nodes[Int(parent)].childCount += 1
    children[key] = node
    return node
  }

  mutating func setDictionary(_ number: Int, of node: Int32) {
    nodes[Int(node)].dictionary = Int32(truncatingIfNeeded: number)
  }

  mutating func setMap(_ node: Int32) { nodes[Int(node)].isMap = true }

  /// The place that a path leads to.
  mutating func node(at path: FieldPath) -> Int32 {
    path.steps.reduce(path.root) { child(of: $0, name: $1) }
  }

  func path(to node: Int32) -> FieldPath {
    var steps: [Int32] = []
    var node = node
    while nodes[Int(node)].parent >= 0 {
      steps.append(nodes[Int(node)].name)
      node = nodes[Int(node)].parent
    }
    return FieldPath(root: node, steps: steps.reversed())
  }

  @inline(__always)
  mutating func countObject(at node: Int32, fieldCount: Int) {
    nodes[Int(node)].objectCount &+= 1
    nodes[Int(node)].entryCount &+= fieldCount
  }

  /// Whether objects here have so many names, each so rarely, that they are columns of entries.
  func isMap(_ node: Int32) -> Bool {
    let node = nodes[Int(node)]
    if node.isMap { return true }
    let nameCount = Int(node.childCount)
    return nameCount > ColumnFormat.mapNameCountMin
      && node.entryCount * ColumnFormat.mapFillInverse < nameCount * node.objectCount
  }

  /// Whether a place is that of a field of an object with very many names, whose texts would be
  /// dictionaries of one entry each.
  func isOfMany(_ node: Int32) -> Bool {
    let parent = nodes[Int(node)].parent
    return parent >= 0 && nodes[Int(parent)].childCount > FieldTree.childCountMax
  }

  /// Fields of an object that have a dictionary.
  private static let childCountMax: Int32 = 512
}

/// How a place of the data is named in a file.
struct FieldPath: Equatable {
  /// `FieldTree.attributes` or `FieldTree.events`.
  var root: Int32
  /// For each level the number of the field's name, or `FieldTree.element`.
  var steps: [Int32]
}
