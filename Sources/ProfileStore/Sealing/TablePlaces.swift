import Bytes
import Domain

/// The places of the values that the tables of a log have: those of attributes, or those of events.
struct TablePlaces {
  /// Values of one kind at a place.
  struct Leaf {
    var number: Int
    var kind: LeafKind
  }

  /// What values have leaves of their own at a place.
  enum LeafKind {
    case boolean
    case integer
    case double
    case text
    case array

    init(_ values: TableLayout.Values) {
      self =
        switch values {
        case .booleans: .boolean
        case .integers: .integer
        case .doubles, .decimals: .double
        case .dictionary, .texts, .afterKey, .instants: .text
        case .arrays: .array
        }
    }
  }

  /// A place with values or with places below it.
  struct Node {
    /// The number of the name, or `FieldTree.element`.
    var name: Int32
    /// The place in the shard's tree.
    var place: Int32
    /// Its values, if it is no object.
    var leaves: [Leaf] = []
    /// Bit `i` for each leaf at it or below, but for those in arrays.
    var mask: UInt64 = 0
    var children: [Int] = []
    /// The place of the elements of its arrays.
    var element: Int?
  }

  /// Fields of an object, of which there are never so many that it is a map.
  private static let childCountMax = ColumnFormat.mapNameCountMin

  private(set) var nodes: [Node]
  /// Of each leaf its place.
  private(set) var leafNodes: [Int] = []
  private var known: [Key: Int] = [:]

  private struct Key: Hashable {
    var scope: Int
    var names: [Text]
    var kind: LeafKind
  }

  init(root: Int32) { nodes = [Node(name: FieldTree.element, place: root)] }

  /// Finds the leaf of a column, which is added when it is new.
  ///
  /// - Parameters:
  ///   - column: of a batch.
  ///   - scope: the place that its rows are at: 0, or that of an array's elements.
  ///   - programs: numbers names and places.
  /// - Returns: the leaf; `nil` when the places are none that tables can be gathered from.
  mutating func leaf(
    _ column: TableLayout.Column,
    in scope: Int,
    _ programs: inout ShapePrograms
  ) -> Int? {
    let kind = LeafKind(column.values)
    let key = Key(scope: scope, names: column.names, kind: kind)
    if let known = known[key] { return known }
    guard leafNodes.count < UInt64.bitWidth else { return nil }
    var path = [scope]
    for name in column.names {
      let number = Int32(bitPattern: programs.names.number(of: name))
      let above = path[path.count - 1]
      // Values at a place with fields, or fields at one with values, are of two kinds.
      guard nodes[above].leaves.isEmpty else { return nil }
      if let child = nodes[above].children.first(where: { nodes[$0].name == number }) {
        path.append(child)
        continue
      }
      guard nodes[above].children.count < TablePlaces.childCountMax else { return nil }
      nodes[above].children.append(nodes.count)
      path.append(addNode(number, below: above, &programs))
    }
    let last = path[path.count - 1]
    guard nodes[last].children.isEmpty, last > 0 else { return nil }
    let number = leafNodes.count
    nodes[last].leaves.append(Leaf(number: number, kind: kind))
    for node in path { nodes[node].mask |= 1 << UInt64(number) }
    if kind == .array { nodes[last].element = addNode(FieldTree.element, below: last, &programs) }
    leafNodes.append(last)
    known[key] = number
    return number
  }

  private mutating func addNode(
    _ name: Int32,
    below above: Int,
    _ programs: inout ShapePrograms
  ) -> Int {
    let place = programs.tree.child(of: nodes[above].place, name: name)
    nodes.append(Node(name: name, place: place))
    return nodes.count - 1
  }
}
