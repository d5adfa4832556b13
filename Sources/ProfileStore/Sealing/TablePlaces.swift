import Bytes

/// The places of the values that the tables of a log have: those of attributes, or those of events.
struct TablePlaces {
  /// A place with a value or with places below it.
  struct Node {
    /// The number of the name.
    var name: Int32
    /// The place in the shard's tree.
    var place: Int32
    /// The index of the leaf, when it has values.
    var leaf: Int?
    /// Bit `i` for each leaf at it or below.
    var leaves: UInt64 = 0
    var children: [Int] = []
  }

  /// Fields of an object, of which there are never so many that it is a map.
  private static let childCountMax = ColumnFormat.mapNameCountMin

  private(set) var nodes: [Node]
  /// The names of each leaf.
  private(set) var leaves: [[Text]] = []

  init(root: Int32) { nodes = [Node(name: FieldTree.element, place: root)] }

  /// Finds the leaf of a column's names, which is added when it is new.
  ///
  /// - Parameters:
  ///   - names: of a column.
  ///   - guess: the leaf that it may be.
  ///   - programs: numbers names and places.
  /// - Returns: the leaf; `nil` when the places are none that tables can be gathered from.
  mutating func leaf(
    _ names: [Text],
    guess: Int,
    _ programs: inout ShapePrograms
  ) -> Int? {
    if guess < leaves.count, leaves[guess] == names { return guess }
    if let known = leaves.firstIndex(of: names) { return known }
    guard leaves.count < UInt64.bitWidth else { return nil }
    var path = [0]
    for name in names {
      let number = Int32(bitPattern: programs.names.number(of: name))
      let above = path[path.count - 1]
      // Values at a place with fields, or fields at one with values, are of two kinds.
      guard nodes[above].leaf == nil else { return nil }
      if let child = nodes[above].children.first(where: { nodes[$0].name == number }) {
        path.append(child)
        continue
      }
      guard nodes[above].children.count < TablePlaces.childCountMax else { return nil }
      let place = programs.tree.child(of: nodes[above].place, name: number)
      nodes[above].children.append(nodes.count)
      path.append(nodes.count)
      nodes.append(Node(name: number, place: place))
    }
    let last = path[path.count - 1]
    guard nodes[last].children.isEmpty, last > 0 else { return nil }
    nodes[last].leaf = leaves.count
    for node in path { nodes[node].leaves |= 1 << UInt64(leaves.count) }
    leaves.append(names)
    return leaves.count - 1
  }
}
